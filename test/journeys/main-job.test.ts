import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCompanyData } from '../practice/data/build-company-data.ts';
import { buildPipedriveData } from '../practice/data/pipedrive-data.ts';
import type { PracticeCompany } from '../practice/pipedrive/start.ts';
import type { SapBackOffice } from '../practice/sap/back-office.ts';
import { type CompanyApp, startCompanyApp } from '../support/company-app.ts';
import { type PracticeWorld, startPracticeWorld } from '../support/practice-world.ts';

const COMPANY = 1001;
const ADMIN = 11;
const REP = 12;

describe('the main job, from installing to the order number on the deal', () => {
  let world: PracticeWorld;
  let app: CompanyApp;
  let pipedrive: PracticeCompany;
  let sap: SapBackOffice;

  beforeAll(async () => {
    world = await startPracticeWorld();
    const data = buildCompanyData({ seed: 5, partners: 40, items: 30, orders: 5, invoices: 80, today: '2026-03-02' });
    sap = world.sap.addCompany('NORDLICHT', data);
    pipedrive = await world.pipedrive.addCompany({
      id: COMPANY,
      name: 'Nordlicht',
      domain: 'nordlicht',
      plan: 'premium',
      seats: 5,
      burstLimit: 'off',
      users: [
        { id: ADMIN, name: 'Anna Weber', email: 'anna@nordlicht.example', is_admin: true },
        { id: REP, name: 'Ben Kurz', email: 'ben@nordlicht.example' },
      ],
      data: buildPipedriveData(data, { seed: 5, organizations: 20 }),
    });
    app = await startCompanyApp(world);
  });
  afterAll(async () => {
    await app?.close();
    await world?.close();
  });

  it('installs, connects, and brings customers and items', async () => {
    const landed = await app.install(COMPANY, ADMIN);
    expect(landed).toContain('/app-settings');
    await app.install(COMPANY, REP);
    await app.connect(COMPANY, ADMIN, 'NORDLICHT');
    await app.runJobs();
    const settings = await app.api(COMPANY, ADMIN).get('/api/settings');
    expect(settings.body.firstLoad.streams.map((stream: { state: string }) => stream.state)).toEqual(['done', 'done']);
    expect(pipedrive.products().length).toBeGreaterThan(20);
  });

  it('shows live figures on a deal, and brings a won deal to SAP once', async () => {
    const api = app.api(COMPANY, ADMIN);
    const switched = await api.post('/api/settings/handoff', { enabled: true });
    expect(switched.status).toBe(200);
    const organization = pipedrive
      .organizations()
      .find(
        (one) =>
          pipedrive.fieldValue('organization', one, 'SAP code') !== undefined &&
          pipedrive.fieldValue('organization', one, 'SAP code') !== null,
      );
    const [product] = pipedrive.products();
    const deal = pipedrive.createDeal({
      title: 'Desks for the new office',
      org_id: organization?.id ?? 0,
      currency: 'EUR',
      owner: REP,
      lines: [{ product_id: product?.id ?? 0, item_price: 100, quantity: 2 }],
    });
    const panel = await app.api(COMPANY, REP).get(`/api/panel/deals/${deal.id}`);
    expect(panel.status).toBe(200);
    expect(panel.body.credit.status).toBe('ready');
    world.clock.advance(1_000);
    pipedrive.win(deal.id, REP);
    await app.runJobs();
    expect(sap.ordersWithKey()).toHaveLength(1);
    const [order] = sap.ordersWithKey();
    expect(pipedrive.fieldValue('deal', pipedrive.deal(deal.id), 'SAP document')).toBe(
      `Sales order ${order?.['DocNum']}`,
    );
    expect(pipedrive.notes(deal.id)).toHaveLength(1);
  });
});

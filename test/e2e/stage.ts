import type { Browser } from 'playwright-core';
import type { PracticeCompany } from '../practice/pipedrive/start.ts';
import type { SapBackOffice } from '../practice/sap/back-office.ts';
import { launchBrowser } from '../support/browser.ts';
import { type CompanyApp, startCompanyApp } from '../support/company-app.ts';
import { type PracticeWorld, startPracticeWorld } from '../support/practice-world.ts';
import { ensureBuiltExtension } from './built-extension.ts';
import { CUSTOMER, fillBooks, ITEMS, nordlichtContacts, nordlichtData } from './nordlicht.ts';

export const COMPANY = 1001;
export const COMPANY_DB = 'NORDLICHT';
export const ADMIN = 11;
export const REP = 12;
/** Has no app. */
export const NEWCOMER = 13;

/** The running app between both practice sides, and a browser. Time runs. */
export interface Stage {
  readonly world: PracticeWorld;
  readonly app: CompanyApp;
  readonly company: PracticeCompany;
  readonly sap: SapBackOffice;
  readonly browser: Browser;
  /** Both users have installed, SAP is connected, everything is loaded, won deals go to SAP. */
  setUp(): Promise<void>;
  /** A deal of the customer: 24 chairs, of which 18 are there, 12 desks, and 12 pedestals with a slip in the price. */
  makeDeal(deal?: Partial<Parameters<PracticeCompany['createDeal']>[0]>): number;
  /** Pipedrive's id of the customer's organization; after `setUp`. */
  customerId(): number;
  productId(itemCode: string): number;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await open(closers);
  } catch (error) {
    for (const close of closers.reverse()) await close();
    throw error;
  }
}

async function open(closers: (() => Promise<unknown>)[]): Promise<Stage> {
  await ensureBuiltExtension();
  const world = await startPracticeWorld({ start: Date.now(), frozen: false });
  closers.push(() => world.close());
  const data = nordlichtData(new Date(world.clock.now()).toISOString().slice(0, 10));
  const sap = world.sap.addCompany(COMPANY_DB, data);
  fillBooks(sap);
  const company = await world.pipedrive.addCompany({
    id: COMPANY,
    name: 'Nordlicht Büromöbel',
    domain: 'nordlicht',
    plan: 'ultimate',
    seats: 5,
    burstLimit: 'off',
    users: [
      { id: ADMIN, name: 'Anna Weber', email: 'anna@nordlicht.example', is_admin: true },
      { id: REP, name: 'Ben Kurz', email: 'ben@nordlicht.example' },
      { id: NEWCOMER, name: 'Cem Aydın', email: 'cem@nordlicht.example' },
    ],
    data: nordlichtContacts(data),
  });
  const app = await startCompanyApp(world);
  closers.push(() => app.close());
  const browser = await launchBrowser();
  closers.push(() => browser.close());

  function customerId(): number {
    const found = company.organizations().find((one) => one.name === CUSTOMER.name);
    if (!found) throw new Error('The customer has not come to Pipedrive.');
    return found.id;
  }

  function productId(itemCode: string): number {
    const found = company.products().find(({ code }) => code === itemCode);
    if (!found) throw new Error(`Item ${itemCode} has not come to Pipedrive.`);
    return found.id;
  }

  return {
    world,
    app,
    company,
    sap,
    browser,
    customerId,
    productId,
    async setUp() {
      await app.install(COMPANY, ADMIN);
      await app.install(COMPANY, REP);
      await app.connect(COMPANY, ADMIN, COMPANY_DB);
      await app.runJobs();
      const switched = await app.api(COMPANY, ADMIN).post('/api/settings/handoff', { enabled: true });
      if (switched.status !== 200) throw new Error(`hand-off: ${switched.status} ${JSON.stringify(switched.body)}`);
    },
    makeDeal(deal = {}) {
      const { chair, desk, pedestal } = ITEMS;
      return company.createDeal({
        title: 'Desks for the new office',
        org_id: customerId(),
        currency: 'EUR',
        owner: REP,
        lines: [
          { product_id: productId(chair.code), item_price: 289, quantity: 24 },
          { product_id: productId(desk.code), item_price: 615, quantity: 12 },
          { product_id: productId(pedestal.code), item_price: 7, quantity: 12 },
        ],
        ...deal,
      }).id;
    },
    async close() {
      for (const close of closers.reverse()) await close();
    },
  };
}

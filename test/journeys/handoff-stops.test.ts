import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

const MINUTE = 60_000;

describe('a won deal that cannot go to SAP at once', () => {
  let companies: Companies;
  let customer: Customer;

  beforeAll(async () => {
    companies = await startCompanies();
    customer = await companies.add({ id: 2001 });
    await customer.setUp();
    await companies.app.runJobs();
    await companies.app.api(customer.id, ADMIN).post('/api/settings/handoff', { enabled: true });
    companies.world.clock.advance(1_000);
  });
  afterAll(() => companies?.close());

  function newDeal(lines = true): number {
    const { pipedrive, sap } = customer;
    const organization = pipedrive.organizations().find((one) => {
      const code = pipedrive.fieldValue('organization', one, 'SAP code');
      return (
        typeof code === 'string' &&
        sap.partner(code)['CardType'] === 'cCustomer' &&
        sap.partner(code)['Frozen'] !== 'tYES'
      );
    });
    const [product] = pipedrive.products().filter((one) => one.is_linkable);
    return pipedrive.createDeal({
      title: 'Chairs',
      org_id: organization?.id ?? 0,
      owner: REP,
      currency: 'EUR',
      lines: lines ? [{ product_id: product?.id ?? 0, item_price: 50, quantity: 2 }] : [],
    }).id;
  }
  const document = (dealId: number) =>
    customer.pipedrive.fieldValue('deal', customer.pipedrive.deal(dealId), 'SAP document');
  const status = (dealId: number) =>
    customer.pipedrive.fieldValue('deal', customer.pipedrive.deal(dealId), 'SAP status');

  it('is written down and refused once, however often its own status wakes it (EO-17)', async () => {
    const dealId = newDeal(false);
    const calls = await customer.callsDuring(async () => {
      customer.pipedrive.win(dealId, REP);
      await companies.app.runJobsFor(20 * MINUTE);
    });
    expect(status(dealId)).toContain('no products');
    expect(calls.filter(({ method, path }) => method === 'PATCH' && path.includes(`/deals/${dealId}`))).toHaveLength(1);
    const findings = (await customer.findings()).filter(({ subject }) => subject === `deal:${dealId}`);
    expect(findings).toMatchObject([{ kind: 'deal_not_ready', count: 1 }]);
  });

  it('waits while SAP refuses the password, and goes once a person has entered the new one (F17, OP-07)', async () => {
    const { world, app } = companies;
    world.sap.restart();
    const refusal = world.sap.faults.add({
      kind: 'reject',
      path: /^Login$/,
      company: customer.companyDb,
      times: 50,
      status: 401,
      code: -304,
      message: 'Fail to NONE-SSO login from SLD.',
    });
    const dealId = newDeal();
    customer.pipedrive.win(dealId, REP);
    await app.runJobsFor(40 * MINUTE);
    expect(document(dealId)).toBeUndefined();
    expect((await customer.findings()).map(({ kind }) => kind)).toContain('password_refused');
    refusal.remove();
    await app.connect(customer.id, ADMIN, customer.companyDb);
    await app.runJobsFor(MINUTE);
    expect(document(dealId)).toMatch(/^Sales order \d+$/);
  });

  it('goes when it is won again after it was called off, though that webhook was lost (EO-11, WH-11)', async () => {
    const { app } = companies;
    const dealId = newDeal(false);
    customer.pipedrive.win(dealId, REP);
    await app.runJobs();
    customer.pipedrive.updateDeal(dealId, { status: 'open' }, REP);
    await app.runJobs();
    expect(status(dealId)).toBe('Called off');
    const [product] = customer.pipedrive.products().filter((one) => one.is_linkable);
    customer.pipedrive.addLine(dealId, { product_id: product?.id ?? 0, item_price: 10, quantity: 1 }, REP);
    await app.runJobs();
    companies.world.pipedrive.webhooks.faults.add({
      match: { company: customer.id },
      times: 4,
      fault: { kind: 'lose' },
    });
    companies.world.clock.advance(MINUTE);
    customer.pipedrive.win(dealId, REP);
    await app.runJobsFor(20 * MINUTE);
    expect(document(dealId)).toMatch(/^Sales order \d+$/);
    expect(
      customer.sap.ordersWithKey().filter((row) => String(row['Comments']).includes(`deal ${dealId}:`)),
    ).toHaveLength(1);
  });

  it('goes on after the switch was turned off and on again while it waited', async () => {
    const { world, app } = companies;
    const away = world.sap.faults.add({ kind: 'drop_before', company: customer.companyDb, times: 500 });
    const dealId = newDeal();
    customer.pipedrive.win(dealId, REP);
    await app.runJobs();
    const admin = app.api(customer.id, ADMIN);
    await admin.post('/api/settings/handoff', { enabled: false });
    expect((await admin.get(`/api/panel/deals/${dealId}/handoff`)).body.send.action).toBe('send');
    world.clock.advance(MINUTE);
    await admin.post('/api/settings/handoff', { enabled: true });
    away.remove();
    await app.runJobsFor(40 * MINUTE);
    expect(document(dealId)).toMatch(/^Sales order \d+$/);
  });

  it('is not called off because it cannot be seen: a person is told, and it goes on once it can (EO-11)', async () => {
    const { world, app } = companies;
    const dealId = newDeal();
    const hidden = world.pipedrive.faults.add({
      match: { method: 'GET', path: new RegExp(`/api/v2/deals/${dealId}$`), company: customer.id },
      after: 1,
      times: 100,
      fault: { kind: 'status', status: 404, body: { success: false, error: 'Deal not found' } },
    });
    customer.pipedrive.win(dealId, REP);
    await app.runJobs();
    const told = (await customer.findings()).filter(({ subject }) => subject === `deal:${dealId}`);
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toContain('cannot be read in Pipedrive');
    expect(document(dealId)).toBeUndefined();
    hidden.remove();
    customer.pipedrive.updateDeal(dealId, { title: 'Chairs, again' }, REP);
    await app.runJobs();
    expect(document(dealId)).toMatch(/^Sales order \d+$/);
  });

  it('says that it waits when SAP stays away, and stops saying so when it is there', async () => {
    const { world, app } = companies;
    const dealId = newDeal();
    const away = world.sap.faults.add({
      kind: 'html_502_before',
      method: 'POST',
      path: /^Orders$/,
      company: customer.companyDb,
      times: 500,
    });
    customer.pipedrive.win(dealId, REP);
    await app.runJobsFor(70 * MINUTE);
    const waiting = async () => (await customer.findings()).filter(({ kind }) => kind === 'order_waiting');
    expect(await waiting()).toMatchObject([{ subject: `deal:${dealId}` }]);
    expect(away.hits()).toBeLessThan(12);
    away.remove();
    await app.runJobsFor(20 * MINUTE);
    expect(document(dealId)).toMatch(/^Sales order \d+$/);
    expect(await waiting()).toEqual([]);
  });

  it('brings the number though one of the fields was deleted in Pipedrive meanwhile', async () => {
    const { app } = companies;
    const dealId = newDeal();
    const field = customer.pipedrive.fields('deal').find(({ field_name }) => field_name === 'SAP link');
    customer.pipedrive.state.fields.deal = customer.pipedrive.state.fields.deal.filter((one) => one !== field);
    customer.pipedrive.win(dealId, REP);
    await app.runJobs();
    // What is left goes at once: number, status and note do not wait for the link.
    expect(document(dealId)).toMatch(/^Sales order \d+$/);
    expect(status(dealId)).toBe('In SAP');
    expect(customer.pipedrive.notes(dealId)).toHaveLength(1);
    await app.runJobsFor(40 * MINUTE);
    const link = customer.pipedrive.fieldValue('deal', customer.pipedrive.deal(dealId), 'SAP link');
    expect(String(link)).toContain(`/deal/${dealId}`);
    expect(customer.pipedrive.notes(dealId)).toHaveLength(1);
    expect((await customer.findings()).filter(({ kind }) => kind === 'record_refused')).toEqual([]);
  });

  it('is not posted any more when it was reopened while SAP was away (WH-05)', async () => {
    const { world, app } = companies;
    const dealId = newDeal();
    world.sap.faults.add({ kind: 'session_lost', method: 'POST', path: /^Orders$/, company: customer.companyDb });
    const away = world.sap.faults.add({
      kind: 'drop_before',
      path: /^(Orders|Drafts)/,
      company: customer.companyDb,
      times: 40,
      skip: 3,
    });
    customer.pipedrive.win(dealId, REP);
    await app.runJobs();
    world.pipedrive.webhooks.faults.add({ match: { company: customer.id }, times: 4, fault: { kind: 'lose' } });
    customer.pipedrive.updateDeal(dealId, { status: 'open' }, REP);
    await app.runJobs();
    away.remove();
    world.sap.faults.clear();
    await app.runJobsFor(30 * MINUTE);
    expect(document(dealId)).toBeUndefined();
    expect(
      customer.sap.ordersWithKey().filter((row) => String(row['Comments']).includes(`deal ${dealId}:`)),
    ).toHaveLength(0);
  });
});

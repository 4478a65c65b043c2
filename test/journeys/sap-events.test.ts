import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../practice/kernel/json.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { organizationOf } from '../support/linked-organizations.ts';

const HOUR = 3_600_000;
const EVENTS = '/api/settings/sap/events';

let companies: Companies;
let customer: Customer;
let nextId = 7001;
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
beforeEach(async () => {
  nextId += 1;
  await companies.dismiss();
  customer = await companies.add({ id: nextId, sapSettings: { webhooks: 'available', webhooksEnabled: true } });
  await customer.setUp();
  await companies.app.runJobs();
}, 120_000);
afterAll(() => companies?.close(), 60_000);

const api = (user = ADMIN) => companies.app.api(customer.id, user);
const view = async () => (await api().get(EVENTS)).body;
const subscriptions = () => customer.sap.rows('EventSubscriptions');

async function switchTo(enabled: boolean) {
  const answer = await api().post(EVENTS, { enabled });
  await companies.app.runJobs();
  return answer;
}

/** A customer that has an organization, renamed in SAP; no cron runs. */
async function rename(name: string): Promise<string> {
  const [row] = customer.sap.rows('BusinessPartners').filter((one) => textOf(one, 'CardType') === 'cCustomer');
  const cardCode = textOf(row ?? {}, 'CardCode');
  companies.world.clock.advance(120_000);
  customer.sap.changePartner(cardCode, { CardName: name });
  await companies.world.sap.messenger.idle();
  await companies.app.runJobs();
  return cardCode;
}

const nameOf = (cardCode: string) => organizationOf(customer, cardCode)?.name;

describe("SAP's own events", () => {
  it('bring a change over at once, without waiting for the next poll', async () => {
    expect((await switchTo(true)).body).toEqual({ state: 'waiting', words: null, lastEventAt: null });
    expect(await view()).toMatchObject({ state: 'on' });
    const cardCode = await rename('Renamed by an event');
    expect(nameOf(cardCode)).toBe('Renamed by an event');
    expect((await view()).lastEventAt).not.toBeNull();
  });

  it('are not needed: without them the change comes with the next poll', async () => {
    const cardCode = await rename('Renamed without an event');
    expect(nameOf(cardCode)).not.toBe('Renamed without an event');
    await companies.syncAgain();
    expect(nameOf(cardCode)).toBe('Renamed without an event');
  });

  it('come signed to an address of their own, which no log or answer shows', async () => {
    await switchTo(true);
    const [row] = subscriptions();
    expect(row).toMatchObject({ AuthenticationType: 'HMAC', VerifyCertificate: 'tYES', State: 'Active' });
    const url = textOf(row ?? {}, 'WebhookURL');
    expect(url.startsWith(`${companies.app.url}/webhooks/sap/${customer.id}-`)).toBe(true);
    expect(JSON.stringify(await view())).not.toContain(url.slice(-20));
  });

  it('OP-07 are refused where the company has them switched off: a finding in words, and polling goes on', async () => {
    customer.sap.settings.webhooksEnabled = false;
    await switchTo(true);
    expect(await view()).toMatchObject({ state: 'refused', words: expect.any(String) });
    const kinds = (await customer.findings()).map(({ kind }) => kind);
    expect(kinds).toContain('erp_events_refused');
    customer.sap.settings.webhooksEnabled = true;
    await switchTo(true);
    expect(await view()).toMatchObject({ state: 'on' });
    expect((await customer.findings()).map(({ kind }) => kind)).not.toContain('erp_events_refused');
  });

  it('are refused by an older server, which has none', async () => {
    customer.sap.settings.webhooks = 'absent';
    await switchTo(true);
    expect(await view()).toMatchObject({ state: 'refused' });
    expect((await switchTo(false)).body).toMatchObject({ state: 'off' });
    expect(await customer.rows('erp_webhooks')).toEqual([]);
  });

  it('start again when SAP has stopped them, and what was missed is read', async () => {
    await switchTo(true);
    const [row] = subscriptions();
    await customer.callSap('POST', `EventSubscriptions('${textOf(row ?? {}, 'WebhookID')}')/Pause`);
    const cardCode = await rename('Renamed in the meantime');
    expect(nameOf(cardCode)).not.toBe('Renamed in the meantime');
    companies.world.clock.advance(HOUR);
    await companies.app.app.jobs.runUntilIdle();
    await companies.app.runJobs();
    expect(textOf(subscriptions()[0] ?? {}, 'State')).toBe('Active');
    expect(nameOf(cardCode)).toBe('Renamed in the meantime');
  });

  it('are made anew when the subscription was deleted in SAP', async () => {
    await switchTo(true);
    const [row] = subscriptions();
    await customer.callSap('DELETE', `EventSubscriptions('${textOf(row ?? {}, 'WebhookID')}')`);
    companies.world.clock.advance(HOUR);
    await companies.app.app.jobs.runUntilIdle();
    await companies.app.runJobs();
    expect(subscriptions()).toHaveLength(1);
  });

  it('end in SAP when they are switched off, and when SAP is disconnected', async () => {
    await switchTo(true);
    await switchTo(false);
    expect(subscriptions()).toEqual([]);
    await switchTo(true);
    expect(subscriptions()).toHaveLength(1);
    await api().delete('/api/settings/sap/connection');
    expect(subscriptions()).toEqual([]);
  });

  it('are a decision of admins', async () => {
    expect((await api(REP).post(EVENTS, { enabled: true })).status).toBe(403);
    expect((await api(REP).get(EVENTS)).status).toBe(403);
  });

  it('survive an answer that was lost: one subscription, found by its id', async () => {
    companies.world.sap.faults.add({
      kind: 'drop_after_commit',
      method: 'POST',
      path: /^EventSubscriptions$/,
      company: customer.companyDb,
    });
    await api().post(EVENTS, { enabled: true });
    await companies.app.runJobsFor(HOUR);
    expect(subscriptions()).toHaveLength(1);
    expect(await view()).toMatchObject({ state: 'on' });
  });
});

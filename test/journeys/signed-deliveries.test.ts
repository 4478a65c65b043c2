import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SettingsView } from '../../server/contract/settings.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { deliverThroughGateway, type Signing } from '../support/signed-delivery.ts';

const HOUR = 60 * 60_000;

/** A company with a gateway in front of the app, which signs what it passes on; the tests say when. */
let companies: Companies;
let customer: Customer;
let other: Customer;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 2661, partners: 1, items: 1, invoices: 1, organizations: 1 });
  await customer.setUp({ agree: false });
  other = await companies.add({ id: 2662, partners: 1, items: 1, invoices: 1, organizations: 1 });
  await other.setUp({ agree: false });
  await companies.app.runJobs();
}, 240_000);
afterAll(() => companies?.close(), 60_000);

/** One a second, so that the last ones are known. */
function deliver({ id, pipedrive }: Customer, signing: Signing): Promise<number> {
  companies.world.clock.advance(1_000);
  return deliverThroughGateway({ id, webhooks: pipedrive.webhooks }, signing);
}

const api = (user = ADMIN) => companies.app.api(customer.id, user);
const ask = (signature: string, user = ADMIN) => api(user).post('/api/settings/webhooks/signature', { signature });
const notifications = async () => SettingsView.parse((await api().get('/api/settings')).body).notifications;
const refusals = async () =>
  (await customer.rows('findings')).filter((row) => row['kind'] === 'delivery_refused' && row['resolved_at'] === null);

describe('signatures of notifications', () => {
  it('cannot be required before all that came lately were signed', async () => {
    const early = await ask('required');
    expect(early.status).toBe(409);
    expect(early.body.message).toContain('None of the last notifications was signed');
    expect(await deliver(customer, 'unsigned')).toBe(200);
    expect(await deliver(customer, 'signed')).toBe(200);
    const mixed = await ask('required');
    expect(mixed.status).toBe(409);
    expect(mixed.body.message).toContain('1 of the last 2 were signed');
    expect(await notifications()).toMatchObject({ signature: 'if-present', recent: { of: 2, signed: 1 } });
    // What another company gets counts for that one alone.
    for (let sent = 0; sent < 20; sent += 1) expect(await deliver(other, 'signed')).toBe(200);
    expect((await ask('required')).status).toBe(409);
  });

  it('are an admin’s to require, and then hold from the next notification on', async () => {
    for (let sent = 0; sent < 20; sent += 1) expect(await deliver(customer, 'signed')).toBe(200);
    expect((await ask('required', REP)).status).toBe(403);
    expect((await ask('sometimes')).status).toBe(400);
    expect((await ask('required')).status).toBe(200);
    expect(await notifications()).toMatchObject({ signature: 'required', recent: { of: 20, signed: 20 } });
    const rows = (await customer.rows('deliveries')).length;
    expect(await deliver(customer, 'unsigned')).toBe(401);
    expect((await customer.rows('deliveries')).length).toBe(rows);
    expect(await deliver(customer, 'signed')).toBe(200);
    expect(await deliver(other, 'unsigned')).toBe(200);
    const audited = (await customer.rows('audit_entries')).filter((row) => row['source_key'] === 'notifications');
    expect(audited).toMatchObject([{ verb: 'settings_changed', user_id: String(ADMIN) }]);
  });

  it('one refused is told, once, with the reason', async () => {
    expect(await deliver(customer, 'unsigned')).toBe(401);
    expect(await deliver(customer, 'wrong')).toBe(401);
    const open = await refusals();
    expect(open.map(({ subject, count }) => [subject, count])).toEqual([
      ['unsigned', 1],
      ['wrong_signature', 1],
    ]);
  });

  it('and no webhook is made anew for it, hour by hour', async () => {
    const before = customer.pipedrive.webhooks().map(({ id }) => id);
    const [organization] = customer.pipedrive.organizations();
    customer.pipedrive.createDeal({
      title: 'Desks',
      org_id: organization?.id ?? 0,
      owner: REP,
      currency: 'EUR',
      lines: [],
    });
    await companies.world.pipedrive.settled();
    expect(customer.pipedrive.webhooks().map(({ last_http_status }) => last_http_status)).toContain(401);
    await companies.app.runJobsFor(HOUR);
    expect(customer.pipedrive.webhooks().map(({ id }) => id)).toEqual(before);
  });

  it('a webhook that Pipedrive banned for it is made whole once unsigned ones are taken again', async () => {
    // The wrong signature was long ago.
    await companies.app.runJobsFor(HOUR);
    for (let sent = 0; sent < 10; sent += 1) expect(await deliver(customer, 'unsigned')).toBe(401);
    const banned = customer.pipedrive.webhooks().find((one) => one.event_object === 'deal');
    if (!banned) throw new Error('There is no webhook.');
    Object.assign(banned, { last_http_status: 401, bannedUntil: companies.world.clock.now() + HOUR / 2 });
    await companies.app.runJobs();
    expect(customer.pipedrive.webhooks()).toContain(banned);
    expect((await ask('if-present')).status).toBe(200);
    expect((await refusals()).map(({ subject }) => subject)).toEqual(['wrong_signature']);
    await companies.app.runJobs();
    expect(customer.pipedrive.webhooks()).not.toContain(banned);
    expect(await deliver(customer, 'unsigned')).toBe(200);
    expect(await notifications()).toMatchObject({ signature: 'if-present' });
    // After a day without another one nobody has to look any more.
    await companies.app.runJobsFor(26 * HOUR);
    expect(await refusals()).toEqual([]);
  });

  it('made anew, the notifications are so once: a second wish within the hour is told so', async () => {
    expect((await api().post('/api/settings/webhooks/renew')).status).toBe(200);
    await companies.app.runJobs();
    expect(await notifications()).toMatchObject({ renewing: true });
    const again = await api().post('/api/settings/webhooks/renew');
    expect(again.status).toBe(409);
    expect(again.body.message).toContain('already');
    await companies.app.runJobsFor(3 * HOUR);
    expect(await notifications()).toMatchObject({ renewing: false });
    expect((await api().post('/api/settings/webhooks/renew')).status).toBe(200);
  });
});

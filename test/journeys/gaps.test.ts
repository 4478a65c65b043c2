import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { recordAttempt } from '../practice/pipedrive/webhooks/hook-health.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

// Hours go by in these tests, with every job that falls due in them.
vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const COMPANY = 6501;

let companies: Companies;
let customer: Customer;

beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: COMPANY, partners: 12, items: 6, invoices: 2, organizations: 4 });
  await customer.setUp();
  await companies.app.runJobs();
  await companies.app.runJobsFor(15 * MINUTE);
}, 120_000);
afterAll(() => companies?.close(), 60_000);

async function linked(kind: 'partner' | 'contact' | 'item'): Promise<readonly { id: number; key: string }[]> {
  return (await customer.rows('entity_links'))
    .filter((row) => row['kind'] === kind && row['state'] === 'linked')
    .map((row) => ({ id: Number(row['pipedrive_id']), key: String(row['sap_key']) }))
    .sort((left, right) => left.id - right.id);
}

const nameOf = (id: number) => customer.pipedrive.organizations().find((one) => one.id === id)?.name;

/** Nobody hears of what is done meanwhile. */
async function unheard(work: () => void): Promise<void> {
  const { faults } = companies.world.pipedrive.webhooks;
  faults.add({ match: { company: COMPANY }, times: 1e6, fault: { kind: 'lose' } });
  companies.world.clock.advance(1_000);
  work();
  await companies.world.pipedrive.settled();
  faults.clear();
}

async function renameUnheard(): Promise<{ id: number; name: string | undefined }> {
  const [organization] = await linked('partner');
  const id = organization?.id ?? 0;
  const name = nameOf(id);
  await unheard(() => customer.pipedrive.updateOrganization(id, { name: 'Typed by mistake' }, REP));
  return { id, name };
}

describe('what nobody was notified of', () => {
  it('WH-10 WH-11 is read when a webhook is found to be gone', async () => {
    const { id, name } = await renameUnheard();
    await companies.app.runJobsFor(15 * MINUTE);
    expect(nameOf(id)).toBe('Typed by mistake');
    const hook = customer.pipedrive.webhooks().find(({ event_object }) => event_object === 'organization');
    customer.pipedrive.removeWebhook(hook?.id ?? 0);
    await companies.app.runJobsFor(HOUR);
    expect(nameOf(id)).toBe(name);
  });

  it('WH-11 is read when the company is connected anew', async () => {
    const { id, name } = await renameUnheard();
    await companies.app.install(COMPANY, ADMIN);
    await companies.app.runJobs();
    expect(nameOf(id)).toBe(name);
  });
});

describe('what was notified and not understood', () => {
  it('WH-08 WH-11 is kept, and what it was about is read with the next look at the webhooks', async () => {
    const [organization] = await linked('partner');
    const id = organization?.id ?? 0;
    const name = nameOf(id);
    const { faults } = companies.world.pipedrive.webhooks;
    faults.add({ match: { company: COMPANY }, fault: { kind: 'body', body: '{"meta":"garbled"}' } });
    companies.world.clock.advance(1_000);
    customer.pipedrive.updateOrganization(id, { name: 'Typed by mistake' }, REP);
    await companies.world.pipedrive.settled();
    faults.clear();
    const kept = (await customer.rows('deliveries')).filter(({ state }) => state === 'unreadable');
    expect(kept).toHaveLength(1);
    await companies.app.runJobsFor(HOUR);
    expect(nameOf(id)).toBe(name);
    // Once: two hours later no list but the deals' is read.
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(2 * HOUR));
    expect(calls.filter(({ path }) => path.startsWith('/api/v2/organizations?updated_since'))).toEqual([]);
  });
});

describe('a ban of half an hour', () => {
  const hookOf = (object: string) => {
    const found = customer.pipedrive
      .webhooks()
      .find(({ event_object, event_action }) => event_object === object && event_action === 'change');
    if (!found) throw new Error(`There is no webhook for ${object}.`);
    return found;
  };
  const edit = async (id: number, values: { name?: string; website?: string }) => {
    companies.world.clock.advance(1_000);
    customer.pipedrive.updateOrganization(id, values, REP);
    await companies.world.pipedrive.settled();
  };

  it('WH-10 WH-11 that nobody here saw coming is found while it lasts, and what it kept back is read', async () => {
    const [first, second] = await linked('partner');
    if (!first || !second) throw new Error('Nothing is linked.');
    const name = nameOf(second.id);
    await companies.app.runJobsFor(HOUR + 5 * MINUTE);
    await edit(first.id, { website: 'https://one.example' });
    // Whatever stands in front of this app turned ten away; with the next notification nothing of it will be seen.
    const banned = hookOf('organization');
    for (let failure = 0; failure < 10; failure += 1) recordAttempt(customer.pipedrive.state, banned, 1, 502);
    expect(banned.bannedUntil).toBe(companies.world.clock.now() + 30 * MINUTE);
    await companies.app.runJobsFor(5 * MINUTE);
    await edit(second.id, { name: 'Typed by mistake' });
    await companies.app.runJobsFor(25 * MINUTE);
    await edit(first.id, { website: 'https://two.example' });
    await companies.app.runJobsFor(15 * MINUTE);
    expect(nameOf(second.id)).toBe(name);
    expect(hookOf('organization').id).not.toBe(banned.id);
  });

  it('WH-09 WH-11 after an overload is looked for once something can be stored again', async () => {
    const [first, second] = await linked('partner');
    if (!first || !second) throw new Error('Nothing is linked.');
    const name = nameOf(second.id);
    const { faults } = companies.world.pipedrive.webhooks;
    const overload = { company: COMPANY, object: 'organization' };
    faults.add({ match: overload, fault: { kind: 'outage', status: 503 } });
    for (let visit = 0; visit < 10; visit += 1) await edit(first.id, { website: `https://${visit}.example` });
    const banned = hookOf('organization');
    const secret = banned.subscription_url.split('/').at(-1) ?? '';
    companies.app.app.useCases.noteMissedDelivery(createHash('sha256').update(secret).digest());
    // Until the last repeat has failed too.
    await companies.app.runJobsFor(4 * MINUTE);
    faults.clear();
    expect(banned.bannedUntil).toBeGreaterThan(companies.world.clock.now() + 20 * MINUTE);
    await edit(second.id, { name: 'Typed by mistake' });
    const [person] = await linked('contact');
    customer.pipedrive.updatePerson(person?.id ?? 0, { label_ids: [1] }, REP);
    await companies.app.runJobsFor(5 * MINUTE);
    expect(nameOf(second.id)).toBe(name);
    expect(hookOf('organization').id).not.toBe(banned.id);
  });
});

describe('records that are gone from Pipedrive', () => {
  it('SY-09 too many at once wait for an admin, who lets it go on', async () => {
    const records = await linked('item');
    const api = companies.app.api(COMPANY, ADMIN);
    await unheard(() => {
      for (const { id } of records) customer.pipedrive.deleteProduct(id, REP);
    });
    companies.world.clock.advance(24 * HOUR);
    await companies.app.runJobsFor(MINUTE);
    expect(await linked('item')).toEqual(records);
    const stopped = (await api.get('/api/settings')).body.findings.list.filter(
      ({ mayGoOn }: { mayGoOn: boolean }) => mayGoOn,
    );
    expect(stopped).toEqual([
      expect.objectContaining({ message: expect.stringContaining(`${records.length} products of the`) }),
    ]);

    const looked = { seenAt: stopped[0].lastSeenAt };
    const asRep = await companies.app.api(COMPANY, REP).post('/api/settings/comparison/approve', looked);
    expect(asRep.status).toBe(403);
    const answer = await api.post('/api/settings/comparison/approve', looked);
    expect(answer.status).toBe(200);
    await companies.app.runJobs();
    expect(await linked('item')).toEqual([]);
    const verbs = (await customer.rows('audit_entries')).map(({ verb }) => verb);
    expect(verbs).toContain('comparison_approved');
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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

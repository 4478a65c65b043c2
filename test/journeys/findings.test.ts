import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WEBHOOKS } from '../../server/app/install/webhook-plan.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let companies: Companies;
let customer: Customer;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 2601, partners: 4, items: 3, organizations: 3 });
  await customer.setUp();
  await companies.app.runJobs();
  await api().post('/api/settings/handoff', { enabled: true });
}, 240_000);
afterEach(() => companies.world.pipedrive.faults.clear());
afterAll(() => companies?.close(), 60_000);

const api = (userId = ADMIN) => companies.app.api(customer.id, userId);
const open = async (kind: string) => (await customer.findings()).filter((finding) => finding.kind === kind);
const refuse = (path: RegExp, method = 'GET') =>
  companies.world.pipedrive.faults.add({
    match: { method, path, company: customer.id },
    times: 1_000,
    fault: { kind: 'status', status: 403, body: { success: false, error: 'Scope and URL mismatch' } },
  });

/** What any webhook of this company gets. */
async function deliver(body: string): Promise<number> {
  const [hook] = customer.pipedrive.webhooks();
  const credentials = Buffer.from(`${hook?.http_auth_user}:${hook?.http_auth_password}`).toString('base64');
  const answer = await fetch(hook?.subscription_url ?? '', {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

describe('work that Pipedrive does not allow', () => {
  it('F31 is told of, and the finding goes when the work goes well again', async () => {
    const place = refuse(/^\/api\/v2\/deals\?/);
    await companies.app.runJobsFor(16 * MINUTE);
    expect(place.struck()).toBeGreaterThan(0);
    const [finding, ...more] = await open('job_exhausted');
    expect(more).toEqual([]);
    expect(finding?.message).toContain('Changes in Pipedrive could not be looked for');
    expect(finding?.action).toContain('admin');
    expect((await api().get('/api/settings')).body.health).toMatchObject({ tone: 'warning' });

    place.remove();
    await companies.app.runJobsFor(16 * MINUTE);
    expect(await open('job_exhausted')).toEqual([]);
    expect((await api().get('/api/settings')).body.health).toMatchObject({ tone: 'good' });
  });

  it('webhooks too: a refusal is seen, and heals by itself', async () => {
    for (const { id } of customer.pipedrive.webhooks()) customer.pipedrive.state.hooks.delete(id);
    const place = refuse(/^\/api\/v1\/webhooks/, 'POST');
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(place.struck()).toBeGreaterThan(0);
    expect((await open('job_exhausted')).map(({ message }) => message)).toEqual([
      expect.stringContaining('Pipedrive could not be asked to notify this app'),
    ]);
    place.remove();
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(await open('job_exhausted')).toEqual([]);
    expect(customer.pipedrive.webhooks()).toHaveLength(WEBHOOKS.length);
  });
});

describe('a finding', () => {
  it('about deliveries that could not be read goes after a day without another', async () => {
    expect(await deliver('nonsense')).toBe(200);
    await companies.app.runJobsFor(2 * HOUR);
    expect(await open('delivery_unreadable')).toHaveLength(1);
    await companies.app.runJobsFor(24 * HOUR);
    expect(await open('delivery_unreadable')).toEqual([]);
  });

  it('is dismissed by an admin alone, with an audit entry, and comes back when it is met again', async () => {
    await deliver('nonsense of another kind');
    const { body } = await api().get('/api/settings');
    const [{ id }] = body.findings.list;
    const path = `/api/settings/findings/${id}/dismiss`;
    expect((await api(REP).post(path, {})).status).toBe(403);
    expect(await open('delivery_unreadable')).toHaveLength(1);

    const done = await api().post(path, {});
    expect(done.status).toBe(200);
    expect(done.body.findings).toEqual({ open: 0, list: [] });
    expect(done.body.health).toMatchObject({ tone: 'good' });
    const verbs = (await customer.rows('audit_entries')).map(({ verb }) => verb);
    expect(verbs.filter((verb) => verb === 'finding_dismissed')).toHaveLength(1);

    // A second click, and an id that never was, change nothing.
    expect((await api().post(path, {})).status).toBe(200);
    expect((await api().post(`/api/settings/findings/${randomUUID()}/dismiss`, {})).status).toBe(200);
    expect((await customer.rows('audit_entries')).map(({ verb }) => verb)).toEqual(verbs);

    await deliver('nonsense once more');
    const [again] = await open('delivery_unreadable');
    expect(again).toMatchObject({ count: 1 });
    expect(again?.id).not.toBe(id);
  });

  it('of one company is out of reach of another', async () => {
    const other = await companies.add({ id: 2602, partners: 3, items: 3, organizations: 2 });
    await other.setUp({ agree: false });
    await deliver('nonsense for the neighbour');
    const [finding] = await open('delivery_unreadable');
    const answer = await companies.app.api(other.id, ADMIN).post(`/api/settings/findings/${finding?.id}/dismiss`, {});
    expect(answer.status).toBe(200);
    expect(await open('delivery_unreadable')).toMatchObject([{ id: finding?.id }]);
  });
});

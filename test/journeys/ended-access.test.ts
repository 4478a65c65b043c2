import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { proveErasure } from '../../server/db/erasure-proof.ts';
import { createTenantDirectory } from '../../server/db/tenant-directory.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { type DealDesk, MINUTE, openDealDesk } from './deal-desk.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function isErased({ app }: Companies, { id }: Customer): Promise<boolean> {
  const installation = await createTenantDirectory(app.database).findByCompany(String(id));
  if (!installation) throw new Error('The company is not known.');
  return (await createUnitOfWork(app.database).within(installation, proveErasure)).erased;
}

/** What is due by then, the regular looks among it, is done at its end. */
async function pass({ app, world }: Companies, milliseconds: number): Promise<void> {
  world.clock.advance(milliseconds);
  await app.app.jobs.runUntilIdle();
  await app.runJobs();
}

describe('a company that left while nobody listened', () => {
  let desk: DealDesk;
  beforeAll(async () => {
    desk = await openDealDesk(6101);
    expect((await desk.api(ADMIN).post('/api/settings/handoff', { enabled: true })).status).toBe(200);
    desk.companies.world.clock.advance(1_000);
  }, 120_000);
  afterAll(() => desk?.companies.close(), 60_000);

  const loseAccess = async () => {
    for (const user of [ADMIN, REP]) desk.companies.world.pipedrive.revokeGrant(desk.customer.id, user);
    await pass(desk.companies, 2 * HOUR);
  };
  const installation = async () => (await desk.customer.rows('installations'))[0];

  it('SE-20 OP-07 comes back on day 29: nothing was lost, and the time begins anew', async () => {
    const { companies, customer, pipedrive } = desk;
    await loseAccess();
    const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
    const end = `is erased on ${day.format(companies.world.clock.now() + 30 * DAY)} unless somebody installs it again`;
    expect((await desk.api(ADMIN).get('/api/settings')).body.health).toMatchObject({
      tone: 'bad',
      sentence: expect.stringContaining(end),
    });
    const [said] = (await customer.findings()).filter(({ kind }) => kind === 'reconnect_pipedrive');
    expect(said?.message).toContain(end);

    const deal = pipedrive.createDeal({
      title: 'Desks',
      org_id: desk.organization.id,
      currency: 'EUR',
      owner: REP,
      lines: [desk.line()],
    });
    companies.world.clock.advance(1_000);
    pipedrive.win(deal.id, REP);
    await pass(companies, 14 * DAY);
    await pass(companies, 15 * DAY);
    expect(await installation()).toMatchObject({ status: 'reauth_required' });

    for (const user of [ADMIN, REP]) await companies.app.install(customer.id, user);
    await companies.app.runJobs();
    await companies.app.runJobsFor(20 * MINUTE);
    expect(await desk.inSap(deal.id)).toHaveLength(1);
    expect(desk.field(deal.id, 'SAP document')).toMatch(/^Sales order \d+$/);
    expect(await customer.findings()).toEqual([]);
    await pass(companies, 2 * DAY);
    expect(await installation()).toMatchObject({ status: 'active', waiting_since: null });
  }, 120_000);

  it('SE-20 is erased after 30 days, password and all, but for what prevents a second order', async () => {
    const { companies, customer } = desk;
    const before = (await customer.rows('handoffs')).map(({ key, doc_entry }) => ({ key, doc_entry }));
    expect(before).toHaveLength(1);
    await loseAccess();
    await pass(companies, 30 * DAY - HOUR);
    expect(await customer.rows('connections')).toHaveLength(1);
    await pass(companies, HOUR);
    await companies.app.runJobsFor(HOUR);
    expect(await customer.rows('connections')).toEqual([]);
    expect(await isErased(companies, customer)).toBe(true);
    expect(await customer.rows('handoffs')).toMatchObject(before);
    expect((await customer.rows('audit_entries')).map(({ verb }) => verb)).toEqual(
      expect.arrayContaining(['removal_asked', 'erased']),
    );
    expect((await desk.api(ADMIN).get('/api/settings')).status).toBe(404);
  }, 120_000);
});

describe('grants of a company', () => {
  let companies: Companies;
  beforeAll(async () => {
    companies = await startCompanies();
  }, 120_000);
  afterEach(() => companies.world.pipedrive.faults.clear());
  afterAll(() => companies?.close(), 60_000);

  const statusOf = async (customer: Customer) => (await customer.rows('installations'))[0]?.['status'];

  it('SE-20 are all that counts for its end: an hour or 31 days of errors at Pipedrive end nothing', async () => {
    const customer = await companies.add({ id: 6102 });
    await companies.app.install(customer.id, ADMIN);
    await companies.app.runJobs();
    companies.world.pipedrive.faults.add({
      match: { path: /\/oauth\/token$/ },
      fault: { kind: 'status', status: 503 },
      times: 1e6,
    });
    for (const time of [HOUR, 15 * DAY, 16 * DAY]) await pass(companies, time);
    expect(await statusOf(customer)).toBe('active');
    companies.world.pipedrive.faults.clear();
    await companies.app.runJobsFor(2 * HOUR);
    expect(await statusOf(customer)).toBe('active');
    expect((await companies.app.api(customer.id, ADMIN).get('/api/settings')).body.health.tone).not.toBe('bad');
  });

  it('WH-12 SE-20 the notice of the last one who could use the app ends it, whoever was refused before', async () => {
    const customer = await companies.add({ id: 6103 });
    for (const user of [ADMIN, REP]) await companies.app.install(customer.id, user);
    await companies.app.runJobs();
    companies.world.pipedrive.revokeGrant(customer.id, ADMIN);
    await pass(companies, 2 * HOUR);
    expect(await customer.rows('grants')).toMatchObject([{ status: 'refused' }, { status: 'active' }]);
    expect(await companies.world.pipedrive.uninstall(customer.id, REP)).toBe(204);
    expect(await isErased(companies, customer)).toBe(true);
  });

  it.each([
    ['before the grant', 6104, -HOUR],
    ['in the future', 6105, HOUR],
  ])(
    'WH-12 5.3.13 a notice stamped %s is put to Pipedrive: a refused refresh is the uninstall',
    async (_when, id, offset) => {
      const customer = await companies.add({ id });
      for (const user of [ADMIN, REP]) await companies.app.install(customer.id, user);
      await companies.app.runJobs();
      // Whoever has installed again has access: nothing ends.
      expect(await notice(customer, ADMIN, offset)).toBe(204);
      expect(await notice(customer, REP, offset)).toBe(204);
      await companies.app.runJobs();
      expect(await customer.rows('grants')).toMatchObject([{ status: 'active' }, { status: 'active' }]);

      companies.world.pipedrive.revokeGrant(customer.id, REP);
      expect(await notice(customer, REP, offset)).toBe(204);
      await companies.app.runJobs();
      expect((await customer.rows('grants')).map(({ user_id }) => Number(user_id))).toEqual([ADMIN]);

      companies.world.pipedrive.revokeGrant(customer.id, ADMIN);
      expect(await notice(customer, ADMIN, offset)).toBe(204);
      await companies.app.runJobs();
      expect(await statusOf(customer)).toBe('uninstalled');
      await companies.app.runJobsFor(10 * MINUTE);
      expect(await isErased(companies, customer)).toBe(true);
    },
  );

  it('OP-06 stay alive through 61 days in which nobody uses them, by less than one refresh a week', async () => {
    const customer = await companies.add({ id: 6106 });
    for (const user of [ADMIN, REP]) await companies.app.install(customer.id, user);
    await companies.app.runJobs();
    const refreshedAt = new Set<string>();
    for (let day = 1; day <= 61; day += 5) {
      await pass(companies, 5 * DAY);
      for (const row of await customer.rows('grants'))
        if (Number(row['user_id']) === REP) refreshedAt.add(String(row['refreshed_at']));
    }
    expect(await customer.rows('grants')).toMatchObject([{ status: 'active' }, { status: 'active' }]);
    expect(await statusOf(customer)).toBe('active');
    expect(refreshedAt.size).toBeGreaterThan(2);
    expect(refreshedAt.size).toBeLessThanOrEqual(61 / 7);
    expect((await companies.app.api(customer.id, REP).get('/api/settings')).status).toBe(200);
  });

  async function notice({ id }: Customer, userId: number, offset: number): Promise<number> {
    const { clientId, clientSecret } = companies.world.pipedrive.app;
    const answer = await fetch(`${companies.app.url}/oauth/callback`, {
      method: 'DELETE',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        client_id: clientId,
        company_id: id,
        user_id: userId,
        timestamp: new Date(companies.world.clock.now() + offset).toISOString(),
      }),
    });
    return answer.status;
  }
});

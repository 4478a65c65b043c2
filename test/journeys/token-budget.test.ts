import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findingStore } from '../../server/db/finding-store.ts';
import { queriesOf } from '../../server/db/unit-of-work.ts';
import { ADMIN, REP } from '../support/companies.ts';
import { type DealDesk, MINUTE, openDealDesk } from './deal-desk.ts';

let desk: DealDesk;
beforeAll(async () => {
  desk = await openDealDesk(3951);
}, 120_000);
afterAll(() => desk?.companies.close());

const settingsOf = async (userId: number) => (await desk.api(userId).get('/api/settings')).body;

describe('the token budget as people see and set it (issue 4, point 3)', () => {
  it('shows who used the day, and what a job would cost', async () => {
    const { tokens } = await settingsOf(ADMIN);
    expect(tokens).toMatchObject({
      source: 'told',
      dailyLimit: 750_000,
      keptForOrders: 150_000,
      backgroundPercent: 40,
    });
    const used = new Map<string, number>(
      tokens.classes.map((one: { name: string; tokens: number }) => [one.name, one.tokens]),
    );
    expect([...used.keys()]).toEqual(['people', 'status', 'sync', 'first_load', 'others']);
    expect(used.get('first_load')).toBeGreaterThan(used.get('people') ?? 0);
    // Nobody else has asked anything: who installed was asked for by us too.
    expect(used.get('others')).toBe(0);
    expect(tokens.heaviest.name).toBe('first_load');
    const total = [...used.values()].reduce((sum, one) => sum + one, 0);
    expect(Math.abs(total - (tokens.dailyLimit - tokens.remaining))).toBeLessThanOrEqual(20);
    const products = desk.pipedrive.products().filter(({ code }) => code !== '').length;
    expect(tokens.quotes).toEqual({ allPrices: products * 7 + 10, comparison: 30 });
  });

  it('SE-38 lets an admin alone say plan, seats and share; it stands in the audit trail', async () => {
    const body = { stated: { plan: 'growth', seats: 3 }, backgroundPercent: 60 };
    expect((await desk.api(REP).post('/api/settings/tokens', body)).status).toBe(403);
    const saved = await desk.api(ADMIN).post('/api/settings/tokens', body);
    expect(saved.status).toBe(200);
    // What Pipedrive tells stands above what is said.
    expect(saved.body.tokens).toMatchObject({ stated: body.stated, backgroundPercent: 60, dailyLimit: 750_000 });
    const entries = await desk.customer.rows('audit_entries');
    expect(
      entries.filter(({ verb, source_key }) => verb === 'settings_changed' && source_key === 'pipedrive-budget'),
    ).toHaveLength(1);
  });

  it.each([
    [{ stated: { plan: 'lite', seats: 0 }, backgroundPercent: 40 }, 'stated.seats'],
    [{ stated: { plan: 'gold', seats: 1 }, backgroundPercent: 40 }, 'stated.plan'],
    [{ stated: null, backgroundPercent: 9 }, 'backgroundPercent'],
    [{ stated: null, backgroundPercent: 81 }, 'backgroundPercent'],
  ])('refuses %j at its field', async (body, at) => {
    const refused = await desk.api(ADMIN).post('/api/settings/tokens', body);
    expect(refused.status).toBe(400);
    expect(refused.body.problems[0].at).toBe(at);
  });

  it('F22: a used-up budget is told as one: who used what, and when it starts anew', async () => {
    const dealId = await desk.makeDeal();
    const { budget } = desk.pipedrive.state;
    desk.pipedrive.spendAsOtherApp(budget.remaining());
    desk.companies.world.clock.advance(10 * MINUTE);
    const panel = await desk.api(REP).get(`/api/panel/deals/${dealId}`);
    expect(panel.status).toBe(429);
    expect(panel.body.message).toMatch(/^Pipedrive gives all apps .* used up\. Used by other apps 100\u00a0%\.$/);
    expect(panel.body.budget).toEqual({ startsAnewAt: expect.stringMatching(/T00:00:00\.000Z$/), startIsKnown: false });
    // The alert comes without asking Pipedrive, within five minutes.
    await desk.companies.app.app.jobs.runUntilIdle();
    const findings = await desk.customer.within((tx) => findingStore.listOpen(tx, 20));
    expect(findings.filter(({ kind }) => kind === 'token_budget').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Today’s Pipedrive budget is used up/),
    ]);
    const { tokens } = await settingsOf(ADMIN);
    expect(tokens.shut).toMatchObject({ reason: 'day' });
    expect(tokens.remaining).toBe(0);
    expect(tokens.heaviest.name).toBe('others');
  });

  it('F22: is no longer said on another day, also while the app waits for somebody to connect Pipedrive again', async () => {
    const { customer, companies } = desk;
    const alerts = async () => {
      const findings = await customer.within((tx) => findingStore.listOpen(tx, 20));
      return findings.filter(({ kind }) => kind === 'token_budget').length;
    };
    expect(await alerts()).toBe(1);
    await customer.within((tx) => queriesOf(tx)('installations').update({ status: 'reauth_required' }));
    companies.world.clock.advance(24 * 60 * MINUTE);
    await companies.app.app.jobs.runUntilIdle();
    expect(await alerts()).toBe(0);
  });
});

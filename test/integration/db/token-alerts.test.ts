import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeExplainFailure } from '../../../server/app/explain-failure.ts';
import { makeWatchTokens } from '../../../server/app/token-alerts.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { tokenLedger } from '../../../server/db/token-ledger.ts';
import { createUnitOfWork } from '../../../server/db/unit-of-work.ts';
import { NO_FACTS } from '../../../server/domain/token-budget.ts';
import { RateLimitedError, UnavailableError } from '../../../server/kernel/errors.ts';
import { dayIsSpent } from '../../../server/pipedrive/errors.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const MIDNIGHT = Date.parse('2026-03-02T00:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
let now = new Date(MIDNIGHT);
const clock = { now: () => now };

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => database.drop());

/** Pipedrive tells so at this hour; all of it was spent on prices by us. */
async function tell(hour: number, remaining: number): Promise<void> {
  now = new Date(MIDNIGHT + hour * HOUR);
  await tenant.within(async (tx) => {
    const spent = 30_000 - remaining;
    const known = await tokenLedger.spentSince(tx, new Date(MIDNIGHT));
    await tokenLedger.add(tx, now, { purpose: 'delta', operation: 'updateProduct', tokens: spent - known.delta });
    const reading = { limit: 30_000, remaining, at: now.getTime(), spentThen: spent };
    const midnight = { from: 0, minutes: 0, seen: 1 };
    await tokenLedger.saveFacts(tx, { ...NO_FACTS, reading, startedAt: MIDNIGHT, midnight, learntPlan: 'lite' });
    await tokenLedger.saveLearntSeats(tx, 1);
  });
}

const watch = () => tenant.within(makeWatchTokens({ clock, ledger: tokenLedger, findings: findingStore }));
const open = () =>
  tenant.within(async (tx) => {
    const found = await findingStore.listOpen(tx, 10);
    return found.filter(({ kind }) => kind === 'token_budget');
  });

describe('alerts on the budget of the day (issue 4, point 3)', () => {
  it('one is open at a time: raised to the next level, not counted up, gone with the next day', async () => {
    await tell(6, 18_000);
    await watch();
    expect(await open()).toEqual([]);
    for (const [hour, remaining, words] of [
      [8, 11_000, /^60 % .*: 19,000 of 30,000 tokens\.$/],
      [
        10,
        5_900,
        /^80 % .*: 24,100 of 30,000 tokens\. What is left is kept for orders: panels and order status wait; orders go on\.$/,
      ],
      [11, 1_500, /^95 % /],
      [12, 0, /^Today’s Pipedrive budget is used up\..* at 00:00 UTC\.$/],
    ] as const) {
      await tell(hour, remaining);
      await watch();
      await watch();
      const found = await open();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({
        message: expect.stringMatching(words),
        count: 1,
        link: { resource: 'settings' },
      });
      expect(found[0]?.action).toContain('the plan Growth would give 60,000 in all.');
    }
    now = new Date(MIDNIGHT + DAY + 5 * 60_000);
    await watch();
    expect(await open()).toEqual([]);
  });

  it('does not come back on the same day once somebody has put it away', async () => {
    await tell(8, 5_000);
    await watch();
    const [found] = await open();
    await tenant.within((tx) => findingStore.dismiss(tx, found?.id ?? '', now));
    await tell(9, 4_000);
    await watch();
    expect(await open()).toEqual([]);
    await tell(10, 1_000);
    await watch();
    expect(await open()).toHaveLength(1);
  });
});

describe('the pace of a day', () => {
  it('has today, and the same weekday of four weeks, and nothing else', async () => {
    const add = (days: number, hours: number, tokens: number) =>
      tenant.within((tx) =>
        tokenLedger.add(tx, new Date(MIDNIGHT + days * DAY + hours * HOUR), {
          purpose: 'person',
          operation: 'getDeal',
          tokens,
        }),
      );
    for (const [days, hours, tokens] of [
      [0, 0, 1],
      [0, 23, 2],
      [-7, 0, 4],
      [-8, 23, 8],
      [-6, 0, 16],
      [-28, 1, 32],
      [-35, 1, 64],
      [-1, 23, 128],
    ] as const)
      await add(days, hours, tokens);
    const { today, earlier } = await tenant.within((tx) => tokenLedger.paceOf(tx, new Date(MIDNIGHT)));
    expect(today.map(({ tokens }) => tokens)).toEqual([1, 2]);
    expect(earlier.map(({ tokens }) => tokens)).toEqual([32, 4]);
  });
});

describe('a failure, as a person is told it', () => {
  it('F22: of a used-up budget says who used it and when it starts anew; any other stays as it is', async () => {
    await tell(9, 0);
    const explain = makeExplainFailure({ clock, unitOfWork: createUnitOfWork(database.db), ledger: tokenLedger });
    const retryAt = new Date(MIDNIGHT + 10 * HOUR);
    const told = await explain(tenant.id, dayIsSpent(retryAt));
    expect(told).toBeInstanceOf(RateLimitedError);
    expect(told).toMatchObject({
      message: expect.stringMatching(/today’s is used up\. Used by items and prices from SAP 100\u00a0%\.$/),
      retryAt,
      budget: { startsAnewAt: new Date(MIDNIGHT + DAY), startIsKnown: true },
    });
    const other = new UnavailableError('no answer');
    expect(await explain(tenant.id, other)).toBe(other);
  });
});

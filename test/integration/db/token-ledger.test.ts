import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenLedger } from '../../../server/db/token-ledger.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { NO_FACTS, type TokenPurpose } from '../../../server/domain/token-budget.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const NOON = new Date('2026-03-02T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const shifted = (at: Date, by: number) => new Date(at.getTime() + by);

let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => database.drop());

const add = (at: Date, purpose: TokenPurpose, operation: string, tokens: number) =>
  tenant.within((tx) => tokenLedger.add(tx, at, { purpose, operation, tokens }));
const rows = () => tenant.within((tx) => queriesOf(tx)('token_ledger').where({ installation_id: tenant.id }));

describe('the token ledger', () => {
  it('keeps one sum a quarter of an hour, purpose and operation, also of calls at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => add(shifted(NOON, index * 1_000), 'order', 'getDeal', 1)),
    );
    await add(shifted(NOON, 16 * 60_000), 'order', 'getDeal', 1);
    await add(NOON, 'delta', 'listDeals', 10);
    expect(await rows()).toHaveLength(3);
    await tenant.within(async (tx) => {
      expect(await tokenLedger.sumsSince(tx, NOON)).toEqual([
        { purpose: 'order', operation: 'getDeal', tokens: 21, calls: 21 },
        { purpose: 'delta', operation: 'listDeals', tokens: 10, calls: 1 },
      ]);
      expect(await tokenLedger.spentSince(tx, shifted(NOON, 15 * 60_000))).toMatchObject({ order: 1, delta: 0 });
    });
  });

  it('reads rows of single calls as they were written before, `background` as changes', async () => {
    const old = { installation_id: tenant.id, operation: 'addProduct', tokens: 5, calls: 1 };
    await tenant.within((tx) =>
      queriesOf(tx)('token_ledger').insert([
        { ...old, at: NOON, purpose: 'background' },
        { ...old, at: shifted(NOON, 1), purpose: 'background' },
      ]),
    );
    await tenant.within(async (tx) => {
      expect(await tokenLedger.spentSince(tx, NOON)).toMatchObject({ delta: 10 });
      await tokenLedger.tidy(tx, shifted(NOON, 3 * DAY));
      expect(await tokenLedger.sumsSince(tx, NOON)).toEqual([
        { purpose: 'delta', operation: 'addProduct', tokens: 10, calls: 2 },
      ]);
    });
  });

  it('does not grow without bound: by the hour after two days, gone after 35, and nothing is lost between', async () => {
    for (let quarter = 0; quarter < 8; quarter += 1)
      await add(shifted(NOON, quarter * 15 * 60_000), 'delta', 'listDeals', 10);
    const tidyAt = (at: Date) => tenant.within((tx) => tokenLedger.tidy(tx, at));
    await tidyAt(shifted(NOON, DAY));
    expect(await rows()).toHaveLength(8);
    await tidyAt(shifted(NOON, 3 * DAY));
    await tidyAt(shifted(NOON, 3 * DAY));
    expect(await rows()).toHaveLength(2);
    await tenant.within(async (tx) => expect(await tokenLedger.spentSince(tx, NOON)).toMatchObject({ delta: 80 }));
    await tidyAt(shifted(NOON, 35 * DAY));
    expect(await rows()).toHaveLength(2);
    await tidyAt(shifted(NOON, 35 * DAY + 2 * HOUR));
    expect(await rows()).toHaveLength(0);
  });

  it('keeps what is known of the budget, each part by itself', async () => {
    await tenant.within(async (tx) => {
      expect(await tokenLedger.findFacts(tx)).toEqual(NO_FACTS);
      await tokenLedger.saveStatement(tx, { plan: 'growth', seats: 5 });
      await tokenLedger.saveLearntSeats(tx, 7);
      await tokenLedger.saveBackgroundShare(tx, 0.25);
      const facts = {
        reading: { limit: 30_000, remaining: 100, at: NOON.getTime(), spentThen: 4 },
        startedAt: NOON.getTime() - 2 * HOUR,
        midnight: { from: 600, minutes: 15, seen: 3 },
        learntPlan: 'lite',
      } as const;
      await tokenLedger.saveFacts(tx, { ...NO_FACTS, ...facts });
      expect(await tokenLedger.lockFacts(tx)).toEqual({
        ...facts,
        statedPlan: 'growth',
        statedSeats: 5,
        learntSeats: 7,
        backgroundShare: 0.25,
      });
      await tokenLedger.saveStatement(tx, null);
      expect(await tokenLedger.findFacts(tx)).toMatchObject({ statedPlan: null, statedSeats: null, learntSeats: 7 });
    });
  });

  it('books nothing for another company', async () => {
    const other = await world.addTenant();
    await add(NOON, 'order', 'getDeal', 1);
    await other.within(async (tx) => expect(await tokenLedger.sumsSince(tx, NOON)).toEqual([]));
  });
});

import { describe, expect, it } from 'vitest';
import type { Crm } from '../../../server/app/ports/crm.ts';
import { tokenLedger } from '../../../server/db/token-ledger.ts';
import { AppError } from '../../../server/kernel/errors.ts';
import { startTokenRig, type TokenRig } from './token-rig.ts';

const DEALS = 100;
const QUARTER = 15 * 60_000;
const QUARTERS = 24 * 4;
/** The fifth of the day that is kept for orders. */
const KEPT = 6_000;
/** Background work's part of 30,000 tokens, and what it leaves of that to changes. */
const BACKGROUND = 12_000;
const FIRST_LOADS = 0.75 * BACKGROUND;

interface Day {
  readonly dailyHeaders: boolean;
  /** Tokens that other apps take in each quarter of an hour. */
  readonly others: number;
  /** Of the background's part, what was spent before the test begins. */
  readonly before: Readonly<Record<'backfill' | 'delta', number>>;
}

/** Other apps take so much that the last fifth is reached. */
const SHORT: readonly Day[] = [{ dailyHeaders: true, others: 160, before: { backfill: 8_900, delta: 2_000 } }];
const NOTHING = { backfill: 0, delta: 0 };
const LONG: readonly Day[] = [
  { dailyHeaders: false, others: 75, before: NOTHING },
  { dailyHeaders: true, others: 75, before: NOTHING },
  { dailyHeaders: true, others: 160, before: NOTHING },
];
const IS_LONG = process.env['ORDERLINE_SEEDS'] !== undefined;

describe('AP-02: a day on Lite with one seat', () => {
  it.each(IS_LONG ? LONG : SHORT)(
    'a hundred deals finish beside endless background work and other apps (headers of the day: $dailyHeaders, others: $others)',
    { timeout: 120_000 },
    async ({ dailyHeaders, others, before }) => {
      const rig = await startTokenRig({
        start: '2026-03-02T00:00:00Z',
        burstLimit: 80,
        data: {
          organizations: [{ id: 1, name: 'Nordwind GmbH' }],
          deals: Array.from({ length: DEALS }, (_, index) => ({
            id: index + 1,
            title: `Deal ${index + 1}`,
            org_id: 1,
          })),
        },
      });
      try {
        rig.company.state.switches.dailyHeaders = dailyHeaders;
        await spendBefore(rig, before);
        const [web, ...workers] = [rig.addProcess(), rig.addProcess(), rig.addProcess()];
        let finished = 0;
        let writtenBack = 0;
        for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
          rig.company.spendAsOtherApp(others);
          await workEndlessly(rig, workers);
          while (finished < ((quarter + 1) * DEALS) / QUARTERS) {
            finished += 1;
            await readOrder(rig, web, finished);
            const note = `<p>Order of deal ${finished}</p>`;
            if (await isAllowed(() => web.createDealNote(rig.caller('status'), finished, note))) writtenBack += 1;
          }
          rig.clock.advance(QUARTER - (rig.clock.now() % QUARTER));
        }
        expect(finished).toBe(DEALS);

        rig.clock.advance(-QUARTER);
        const { spent } = await rig.day();
        const sum = (...purposes: string[]) =>
          spent.filter(({ purpose }) => purposes.includes(purpose)).reduce((all, { tokens }) => all + tokens, 0);
        expect(sum('delta', 'backfill')).toBeGreaterThan(BACKGROUND - 20);
        expect(sum('delta', 'backfill')).toBeLessThanOrEqual(BACKGROUND);
        // First loads leave a part of it to changes.
        expect(sum('backfill')).toBeLessThanOrEqual(FIRST_LOADS);
        expect(rig.company.requests().some(({ status }) => status === 429)).toBe(false);
        const isFloorReached = rig.company.state.budget.remaining() < KEPT;
        expect(isFloorReached).toBe(others > 75);
        // What is kept for orders is not for what can wait, nor for views.
        expect(writtenBack < DEALS).toBe(isFloorReached);
        expect(await isAllowed(() => web.getDeal(rig.caller('person'), 1))).toBe(!isFloorReached);
      } finally {
        await rig.close();
      }
    },
  );
});

/** Background work of earlier in the day, on both sides' books. */
async function spendBefore(rig: TokenRig, before: Day['before']): Promise<void> {
  const at = new Date(rig.clock.now());
  for (const purpose of ['backfill', 'delta'] as const) {
    const use = { purpose, operation: 'listUsers', tokens: before[purpose] };
    rig.company.state.budget.charge(use.tokens);
    await rig.tenant.within((tx) => tokenLedger.add(tx, at, use));
  }
}

/** As much as they may, of first loads and then of changes: there is always more to do. */
async function workEndlessly(rig: TokenRig, workers: readonly Crm[]): Promise<void> {
  for (const purpose of ['backfill', 'delta'] as const) {
    for (let calls = 0; calls < 15; calls += 1) {
      let refused = 0;
      for (const crm of workers) if (!(await isAllowed(() => crm.listUsers(rig.caller(purpose))))) refused += 1;
      if (refused === workers.length) break;
    }
  }
}

/** What an order asks of Pipedrive. */
async function readOrder(rig: TokenRig, crm: Crm, dealId: number): Promise<void> {
  await crm.getDeal(rig.caller('order'), dealId);
  await crm.listDealLines(rig.caller('order'), dealId);
}

/** @returns whether the budget had room for it */
async function isAllowed(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'rate_limited') throw error;
    return false;
  }
}

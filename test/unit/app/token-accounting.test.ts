import { describe, expect, it } from 'vitest';
import { createTokenAccounting } from '../../../server/app/access/token-accounting.ts';
import type { Finding } from '../../../server/app/ports/finding-store.ts';
import type { TokenLedger } from '../../../server/app/ports/token-ledger.ts';
import type { Tx, UnitOfWork } from '../../../server/app/ports/unit-of-work.ts';
import { makeReadTokenDay } from '../../../server/app/token-budget.ts';
import { type BudgetFacts, NO_FACTS, NOTHING_SPENT, type TokenSum } from '../../../server/domain/token-budget.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { movableClock } from '../../support/movable-clock.ts';

const ID = installationId('00000000-0000-4000-8000-000000000001');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A ledger in memory; nothing in it looks at the transaction. */
function start() {
  const clock = movableClock();
  const uses: (TokenSum & { at: Date })[] = [];
  const findings: Pick<Finding, 'kind' | 'message'>[] = [];
  const tidied: Date[] = [];
  let facts: BudgetFacts = NO_FACTS;
  const change = async (more: Partial<BudgetFacts>) => {
    facts = { ...facts, ...more };
  };
  const ledger: TokenLedger = {
    add: async (_tx, at, use) => {
      uses.push({ ...use, calls: 1, at });
    },
    spentSince: async (_tx, since) => {
      const spent = { ...NOTHING_SPENT };
      for (const { at, purpose, tokens } of uses) if (at >= since) spent[purpose] += tokens;
      return spent;
    },
    sumsSince: async (_tx, since) => uses.filter(({ at }) => at >= since),
    tidy: async (_tx, now) => {
      tidied.push(now);
    },
    findFacts: async () => facts,
    lockFacts: async () => facts,
    saveFacts: (_tx, next) => change(next),
    saveStatement: (_tx, stated) => change({ statedPlan: stated?.plan ?? null, statedSeats: stated?.seats ?? null }),
    saveBackgroundShare: (_tx, backgroundShare) => change({ backgroundShare }),
    saveLearntSeats: (_tx, learntSeats) => change({ learntSeats }),
    findShut: async () => null,
  };
  const tx = { installationId: ID } as Tx;
  const unitOfWork: UnitOfWork = { within: (_id, work) => work(tx) };
  const createOne = () =>
    createTokenAccounting({
      clock,
      unitOfWork,
      ledger,
      findings: {
        raise: async (_tx, finding) => {
          findings.push(finding);
        },
        resolve: async (_tx, kind) => {
          findings.splice(0, findings.length, ...findings.filter((finding) => finding.kind !== kind));
        },
      },
    });
  const accounting = createOne();
  const see = (remaining: number, limit = 1_000, of = accounting) =>
    of.saw(ID, { day: { limit, remaining }, grant: 'oauth', sentAt: clock.now() });
  return {
    clock,
    uses,
    findings,
    tidied,
    ledger,
    tx,
    accounting,
    createOne,
    see,
    day: () => makeReadTokenDay({ clock, ledger })(tx),
    facts: () => facts,
  };
}

describe('the day’s tokens', () => {
  it('people are not held up before Pipedrive said anything', async () => {
    const { accounting } = start();
    expect(await accounting.maySpend(ID, 'person', 1e9)).toEqual({ ok: true });
  });

  it('AP-02: the last fifth is kept for orders', async () => {
    const { accounting, clock, see } = start();
    await see(210);
    expect(await accounting.maySpend(ID, 'person', 10)).toEqual({ ok: true });
    const retryAt = new Date(clock.now().getTime() + 15 * MINUTE);
    expect(await accounting.maySpend(ID, 'person', 11)).toEqual({ ok: false, retryAt });
    expect(await accounting.maySpend(ID, 'status', 11)).toEqual({ ok: false, retryAt });
    expect(await accounting.maySpend(ID, 'order', 210)).toEqual({ ok: true });
  });

  it('AP-02: what was spent since Pipedrive told is known at once, by this process and soon by the others', async () => {
    const { accounting, createOne, clock, see } = start();
    const other = createOne();
    await see(300);
    await other.maySpend(ID, 'person', 1);
    await accounting.charge(ID, 'order', 'getDeal', 95);
    expect(await accounting.maySpend(ID, 'person', 6)).toMatchObject({ ok: false });
    clock.advance(10_000);
    expect(await other.maySpend(ID, 'person', 6)).toMatchObject({ ok: false });
    expect(await other.maySpend(ID, 'person', 5)).toMatchObject({ ok: true });
  });

  it('AP-02: background work takes two fifths of the day and no more, until the next day', async () => {
    const { accounting, clock, see } = start();
    await see(1_000);
    await accounting.charge(ID, 'delta', 'createOrganization', 395);
    await accounting.charge(ID, 'person', 'getDeal', 300);
    expect(await accounting.maySpend(ID, 'delta', 5)).toEqual({ ok: true });
    expect(await accounting.maySpend(ID, 'delta', 6)).toMatchObject({ ok: false });
    expect(await accounting.maySpend(ID, 'person', 6)).toEqual({ ok: true });
    clock.advance(24 * HOUR);
    expect(await accounting.maySpend(ID, 'delta', 300)).toEqual({ ok: true });
  });

  it('AP-02: two processes that work at once take no more of the day together', async () => {
    const { accounting, createOne, clock, uses, see } = start();
    const both = [accounting, createOne()];
    await see(30_000, 30_000);
    for (let call = 0; call < 1_500; call += 1, clock.advance(70)) {
      const one = both[call % 2] ?? accounting;
      if ((await one.maySpend(ID, 'delta', 10)).ok) await one.charge(ID, 'delta', 'listDeals', 10);
    }
    expect(uses.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(12_000);
  });

  it('what was said a quarter of an hour ago holds nobody up for ever: one who asks next is told anew', async () => {
    const { accounting, clock, see } = start();
    await see(0);
    clock.advance(15 * MINUTE - 1);
    expect(await accounting.maySpend(ID, 'person', 1)).toMatchObject({ ok: false });
    clock.advance(1);
    expect(await accounting.maySpend(ID, 'person', 1)).toEqual({ ok: true });
    expect(await accounting.maySpend(ID, 'person', 1)).toMatchObject({ ok: false });
    await see(0);
    expect(await accounting.maySpend(ID, 'delta', 1)).toMatchObject({ ok: false });
  });

  it('AP-01: a remainder that grew begins a new day, and from then on it is foreseen', async () => {
    const { accounting, clock, see, day, facts } = start();
    clock.set(new Date('2026-03-02T22:55:00Z'));
    await accounting.charge(ID, 'delta', 'listDeals', 400);
    await see(100);
    expect(await accounting.maySpend(ID, 'delta', 1)).toMatchObject({ ok: false });
    clock.set(new Date('2026-03-02T23:05:00Z'));
    await accounting.charge(ID, 'status', 'updateDeal', 5);
    await see(990);
    expect(facts().midnight).toEqual({ from: 23 * 60, minutes: 0, seen: 1 });
    expect(await accounting.maySpend(ID, 'delta', 300)).toEqual({ ok: true });
    expect(await day()).toMatchObject({
      startedAt: new Date('2026-03-02T23:00:00Z'),
      startIsKnown: true,
      budget: 1_000,
      budgetSource: 'told',
      remaining: 990,
      othersSpent: 5,
      spent: [{ purpose: 'status', operation: 'updateDeal', tokens: 5, calls: 1 }],
    });
    clock.set(new Date('2026-03-03T23:00:00Z'));
    expect(await day()).toMatchObject({ remaining: 1_000, othersSpent: null, spent: [] });
  });

  it('AP-01: a day that began at some time of a night without answers is not known to the hour', async () => {
    const { clock, see, day, facts } = start();
    clock.set(new Date('2026-03-02T19:00:00Z'));
    await see(100);
    clock.set(new Date('2026-03-03T06:00:00Z'));
    await see(990);
    expect(facts().midnight).toMatchObject({ from: 19 * 60 + 15, seen: 1 });
    expect(await day()).toMatchObject({ startIsKnown: false });
  });

  it('AP-01: where no header tells, the end of a day of refusals teaches when it began', async () => {
    const { accounting, clock, facts } = start();
    clock.set(new Date('2026-03-02T05:05:00Z'));
    await accounting.letIn(ID, { reason: 'day', since: new Date('2026-03-02T04:50:00Z') });
    expect(facts().midnight).toEqual({ from: 5 * 60, minutes: 0, seen: 1 });
  });

  it('the plan is learnt from the size of the burst window', async () => {
    const { accounting, clock, facts } = start();
    const burst = { limit: 40, remaining: 39 };
    await accounting.saw(ID, { burst, grant: 'api_token', sentAt: clock.now() });
    expect(facts().learntPlan).toBe('growth');
  });

  it('AP-03: who is shut out by Pipedrive’s guard is told so, until it answers again', async () => {
    const { accounting, clock, findings } = start();
    await accounting.shutOut(ID, new Date('2026-03-02T09:30:00Z'), 'guard');
    expect(findings).toMatchObject([
      { kind: 'crm_shut_out', message: expect.stringContaining('2026-03-02 09:30 UTC') },
    ]);
    // The day was spent when the guard had let go.
    await accounting.letIn(ID, { reason: 'day', since: clock.now() });
    expect(findings).toEqual([]);
  });

  it('a closed account is told to the admin until it is open, and teaches nothing of the day', async () => {
    const { accounting, clock, findings, facts } = start();
    const before = facts().midnight;
    await accounting.shutOut(ID, new Date('2026-03-02T09:30:00Z'), 'account');
    expect(findings).toMatchObject([
      { message: expect.stringContaining('account is not open'), action: expect.stringContaining('billing page') },
    ]);
    await accounting.letIn(ID, { reason: 'account', since: clock.now() });
    expect(findings).toEqual([]);
    expect(facts().midnight).toEqual(before);
  });

  it('every call is booked with its purpose, and the book is tidied once a day', async () => {
    const { accounting, clock, uses, tidied } = start();
    await accounting.charge(ID, 'order', 'updateDeal', 5);
    await accounting.charge(ID, 'order', 'updateDeal', 5);
    expect(uses).toMatchObject([{ purpose: 'order', operation: 'updateDeal', tokens: 5 }, { tokens: 5 }]);
    clock.advance(23 * HOUR);
    await accounting.charge(ID, 'order', 'updateDeal', 5);
    expect(tidied).toHaveLength(1);
    clock.advance(HOUR);
    await accounting.charge(ID, 'order', 'updateDeal', 5);
    expect(tidied).toHaveLength(2);
  });
});

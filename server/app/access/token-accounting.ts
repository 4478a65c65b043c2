import {
  allOf,
  type BudgetFacts,
  dependsOnOthers,
  mayTake,
  planOfWindow,
  type SpentByPurpose,
  type TokenPurpose,
} from '../../domain/token-budget.ts';
import { countedSince, dayOfAnswer, learnMidnight, type Told } from '../../domain/token-day.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { TokenAccounting } from '../ports/crm-access.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { TokenLedger } from '../ports/token-ledger.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';

const PROBE_MS = 15 * 60_000;
/** How long this process goes by its own count before it asks what the others have spent. */
const RECKONED_MS = 10_000;
const TIDY_MS = 24 * 60 * 60_000;
const SHUT_OUT = 'pipedrive';

/** What the admin is told, and can do. */
const SHUT_OUT_WORDS = {
  guard: (until: string) => ({
    message: `Pipedrive's own protection has shut this app out. Nothing is asked of it until ${until} UTC; then one request asks whether it is over.`,
    action:
      'Nothing is lost, and work goes on by itself. If it happens again, look which other app of your company asks Pipedrive very often, and tell Pipedrive’s support.',
  }),
  account: (until: string) => ({
    message: `Pipedrive says that your company's account is not open: its trial is over, or it is unpaid. Nothing is asked of it until ${until} UTC; then one request asks whether it is open.`,
    action: 'Open the billing page in Pipedrive. Nothing is lost, and work goes on by itself within an hour of that.',
  }),
} as const;

const minuteOf = (instant: Date): string => instant.toISOString().slice(0, 16).replace('T', ' ');

interface Reckoning {
  readonly readAt: number;
  facts: BudgetFacts;
  /** By all processes since the day began, or may have begun, as of `readAt`, and by this one since. */
  spent: SpentByPurpose;
  readonly startedAt: number;
}

/** What this process remembers of a company beside what it reads. */
interface Memory {
  reckoning?: Reckoning;
  savedAt: number;
  askedAnewAt: number;
  tidiedAt: number;
}

export interface TokenAccountingDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly ledger: TokenLedger;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
}

/** The company's day is shared with all its other integrations; who asks decides how far we may go. */
export function createTokenAccounting(deps: TokenAccountingDeps): TokenAccounting {
  const { ledger, clock } = deps;
  const memories = new Map<InstallationId, Memory>();
  const memoryOf = (id: InstallationId): Memory => {
    const known = memories.get(id);
    if (known) return known;
    const fresh = { savedAt: 0, askedAnewAt: 0, tidiedAt: 0 };
    memories.set(id, fresh);
    return fresh;
  };

  return {
    async maySpend(id: InstallationId, purpose: TokenPurpose, tokens: number) {
      const now = clock.now();
      const wish = { purpose, tokens };
      let { facts, spent } = await reckon(id, now);
      let answer = mayTake(facts, spent, wish, now.getTime());
      if (answer === 'yes' && dependsOnOthers(facts, spent, wish, now.getTime())) {
        delete memoryOf(id).reckoning;
        ({ facts, spent } = await reckon(id, now));
        answer = mayTake(facts, spent, wish, now.getTime());
      }
      if (answer === 'yes' || (answer === 'floor' && asksAnew(memoryOf(id), facts, now.getTime()))) return { ok: true };
      return { ok: false, retryAt: after(now, PROBE_MS) };
    },

    async charge(id, purpose, operation, tokens) {
      const now = clock.now();
      const memory = memoryOf(id);
      const { reckoning } = memory;
      if (reckoning) reckoning.spent = { ...reckoning.spent, [purpose]: reckoning.spent[purpose] + tokens };
      await deps.unitOfWork.within(id, (tx) => ledger.add(tx, now, { purpose, operation, tokens }));
      if (Math.abs(now.getTime() - memory.tidiedAt) < TIDY_MS) return;
      memory.tidiedAt = now.getTime();
      await deps.unitOfWork.within(id, (tx) => ledger.tidy(tx, now));
    },

    async saw(id, { day, burst, grant, sentAt }) {
      const now = clock.now();
      const plan = burst ? planOfWindow(burst.limit, grant) : null;
      const told = day && day.limit > 0 ? { ...day, sentAt: sentAt.getTime(), at: now.getTime() } : undefined;
      if (!told && !plan) return;
      const known = await reckon(id, now);
      const isNewPlan = plan !== null && plan !== known.facts.learntPlan;
      const isNewDay = told !== undefined && note(known, told);
      const memory = memoryOf(id);
      const isDue = told !== undefined && Math.abs(now.getTime() - memory.savedAt) >= RECKONED_MS;
      if (!isNewPlan && !isNewDay && !isDue) return;
      memory.savedAt = now.getTime();
      await deps.unitOfWork.within(id, (tx) => store(tx, told, plan));
      if (isNewDay || isNewPlan) delete memory.reckoning;
    },

    async shutOut(id, until, reason) {
      await deps.unitOfWork.within(id, (tx) =>
        deps.findings.raise(
          tx,
          { kind: 'crm_shut_out', subject: SHUT_OUT, ...SHUT_OUT_WORDS[reason](minuteOf(until)), link: null },
          clock.now(),
        ),
      );
    },

    async letIn(id, { reason, since }) {
      const now = clock.now();
      await deps.unitOfWork.within(id, async (tx) => {
        // Whatever it was shut for last: the guard may have let go of it when the day was spent.
        await deps.findings.resolve(tx, 'crm_shut_out', SHUT_OUT, now);
        if (reason !== 'day') return;
        // Where no header tells of the day, this is the only sign that a new one has begun.
        const facts = await ledger.lockFacts(tx);
        if (facts.reading) return;
        const midnight = learnMidnight(facts.midnight, since.getTime(), now.getTime());
        await ledger.saveFacts(tx, { ...facts, midnight });
      });
      delete memoryOf(id).reckoning;
    },
  };

  /** Whoever asks next after a while is told anew; one is enough. */
  function asksAnew(memory: Memory, { reading }: BudgetFacts, now: number): boolean {
    if (reading && Math.abs(now - reading.at) < PROBE_MS) return false;
    if (Math.abs(now - memory.askedAnewAt) < PROBE_MS) return false;
    memory.askedAnewAt = now;
    return true;
  }

  async function store(tx: Tx, told: Told | undefined, plan: BudgetFacts['learntPlan']): Promise<void> {
    const facts = await ledger.lockFacts(tx);
    const day = told && dayOfAnswer(facts, told);
    const next = { ...facts, learntPlan: plan ?? facts.learntPlan };
    if (!told || !day || day.startedAt === null) return ledger.saveFacts(tx, next);
    const spentThen = allOf(await ledger.spentSince(tx, new Date(day.startedAt)));
    const { limit, remaining, at } = told;
    await ledger.saveFacts(tx, { ...next, ...day, reading: { limit, remaining, at, spentThen } });
  }

  /** What was spent and told, read from the ledger now and then, and counted on in between. */
  async function reckon(id: InstallationId, now: Date): Promise<Reckoning> {
    const memory = memoryOf(id);
    const { reckoning: known } = memory;
    if (known && isStillGood(known, now.getTime())) return known;
    const fresh = await deps.unitOfWork.within(id, async (tx) => {
      const facts = await ledger.findFacts(tx);
      const startedAt = countedSince(facts, now.getTime());
      return { readAt: now.getTime(), facts, startedAt, spent: await ledger.spentSince(tx, new Date(startedAt)) };
    });
    memory.reckoning = fresh;
    return fresh;
  }
}

function isStillGood({ readAt, facts, startedAt }: Reckoning, now: number): boolean {
  return Math.abs(now - readAt) < RECKONED_MS && countedSince(facts, now) === startedAt;
}

/** @returns whether another day has begun */
function note(known: Reckoning, told: Told): boolean {
  const day = dayOfAnswer(known.facts, told);
  if (!day) return false;
  if (day.startedAt !== known.startedAt) return true;
  const { limit, remaining, at } = told;
  known.facts = { ...known.facts, ...day, reading: { limit, remaining, at, spentThen: allOf(known.spent) } };
  return false;
}

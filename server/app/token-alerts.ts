import { nextAlert } from '../domain/token-alerts.ts';
import type { Clock } from '../kernel/clock.ts';
import type { FindingStore } from './ports/finding-store.ts';
import type { TokenLedger, TokenReports } from './ports/token-ledger.ts';
import type { Tx } from './ports/unit-of-work.ts';
import { makeReadTokenDay, startsAnewAt } from './token-budget.ts';
import { alertWords } from './token-words.ts';

const FINDING = { kind: 'token_budget', subject: 'day' } as const;

export interface WatchTokensDeps {
  readonly clock: Clock;
  readonly ledger: TokenLedger & TokenReports;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
}

/** Tells an admin at 60, 80 and 95 percent of the day, and when it is used up; takes it back when another day begins. */
export function makeWatchTokens(deps: WatchTokensDeps) {
  const readTokenDay = makeReadTokenDay(deps);
  return async function watchTokens(tx: Tx): Promise<void> {
    const now = deps.clock.now();
    const day = await readTokenDay(tx);
    const next = nextAlert(day, await deps.ledger.findAlerted(tx));
    if (next.act === 'leave') return;
    if (next.act === 'raise') {
      const facts = await deps.ledger.findFacts(tx);
      // Each level is a finding of its own: what was said before is over.
      await deps.findings.resolve(tx, FINDING.kind, FINDING.subject, now);
      const words = alertWords(next.level, day, { facts, startsAnewAt: startsAnewAt(facts, now) });
      await deps.findings.raise(tx, { ...FINDING, ...words, link: { resource: 'settings', id: null } }, now);
    } else {
      await deps.findings.resolve(tx, FINDING.kind, FINDING.subject, now);
    }
    const { level } = next;
    await deps.ledger.saveAlerted(tx, level === null ? null : { level, day: day.startedAt });
  };
}

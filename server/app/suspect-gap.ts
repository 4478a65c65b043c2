import { after, type Clock } from '../kernel/clock.ts';
import { fillGapsJob } from './crm-reading-jobs.ts';
import type { CrmReadingStore } from './ports/crm-readings.ts';
import type { JobQueue } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';
import { ensureWebhooksJob } from './webhook-jobs.ts';

interface SuspectGapDeps {
  readonly clock: Clock;
  readonly readings: Pick<CrmReadingStore, 'suspect'>;
  readonly jobs: JobQueue;
}

/**
 * For whoever has reason to think that notifications were lost: all lists of Pipedrive are read by their changes at once,
 * not only those whose turn it is.
 */
export async function suspectGap(deps: SuspectGapDeps, tx: Tx): Promise<void> {
  await deps.readings.suspect(tx, deps.clock.now());
  await deps.jobs.enqueueWithin(tx, fillGapsJob(tx));
}

export interface SuspectRefusalsDeps {
  readonly clock: Clock;
  readonly readings: Pick<CrmReadingStore, 'suspect' | 'suspectUntil'>;
  readonly jobs: JobQueue;
}

export interface SuspectFailuresDeps {
  readonly clock: Clock;
  readonly readings: Pick<CrmReadingStore, 'suspectUntil'>;
  readonly jobs: JobQueue;
}

/** Ten failed first attempts ban a webhook for so long, and what happens meanwhile is never told (section 3.5). */
const BAN_MS = 30 * 60_000;
/** Repeats come 3, 30 and 150 seconds later (section 3.4): one that arrives says that its webhook is not as bad as it looks. */
const REPEATED_MS = 3 * 60_000;
/** The webhooks are looked at first: what they are found to have kept back is read with the rest. */
const READ_AFTER_MS = REPEATED_MS + 60_000;

/**
 * For whoever saw that deliveries failed: Pipedrive may have banned webhooks for it. Once its repeats are over they are
 * looked at, and all lists are read; and since no look is sure to show a ban, once more after the longest that it can last
 * (reference pipedrive-api.md, sections 3.4 and 3.5). Failures seen meanwhile cost no more than the regular rounds.
 */
export async function suspectFailures(deps: SuspectFailuresDeps, tx: Tx): Promise<void> {
  const now = deps.clock.now();
  if (!(await deps.readings.suspectUntil(tx, now, after(now, BAN_MS)))) return;
  await deps.jobs.enqueueWithin(tx, { ...ensureWebhooksJob(tx, 'status'), dueAt: after(now, REPEATED_MS) });
  await deps.jobs.enqueueWithin(tx, { ...fillGapsJob(tx), dueAt: after(now, READ_AFTER_MS) });
}

/**
 * For whoever refuses deliveries: that may ban webhooks, and then nothing is refused any more, nor told. All lists are read
 * at once, and with each regular round as long as such a ban can last. More of the same puts off the end, and costs no more.
 */
export async function suspectRefusals(deps: SuspectRefusalsDeps, tx: Tx): Promise<void> {
  const now = deps.clock.now();
  const until = after(now, BAN_MS);
  const isNews = await deps.readings.suspectUntil(tx, now, until);
  await deps.readings.suspect(tx, until);
  if (isNews) await deps.jobs.enqueueWithin(tx, fillGapsJob(tx));
}

import { after, type Clock } from '../../kernel/clock.ts';
import type { ErpWebhook } from '../ports/erp-webhook-store.ts';
import type { Connection } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { syncJob } from '../sync-jobs.ts';
import { type ErpEvent, readErpEvents } from './event-reader.ts';
import { type ErpProof, type FindCallerDeps, forCaller } from './find-caller.ts';

export interface ReceiveErpEventsDeps extends FindCallerDeps {
  readonly clock: Clock;
  readonly jobs: JobQueue;
}

/** SAP keeps an event for 24 hours at most; one that is older is no news, whoever sends it. */
const OLDEST_MS = 25 * 60 * 60_000;
const MOST_AHEAD_MS = 10 * 60_000;

/**
 * Turns events of SAP into "read this stream now". An event seen before does nothing, nor does one of another company
 * behind the same address; polling stays the truth either way.
 */
export function makeReceiveErpEvents(deps: ReceiveErpEventsDeps) {
  return async function receiveErpEvents(proof: ErpProof): Promise<'accepted' | 'not_ours'> {
    const accepted = await forCaller(deps, proof, async (tx, webhook) => {
      await pull(tx, webhook, readErpEvents(proof.signed));
      return 'accepted' as const;
    });
    return accepted ?? 'not_ours';
  };

  async function pull(tx: Tx, { connectionId }: ErpWebhook, events: readonly ErpEvent[]): Promise<void> {
    const connection = await deps.connections.get(tx, connectionId);
    const now = deps.clock.now();
    const usable = events.filter((event) => concerns(connection, event) && isRecent(event, now));
    const ids = usable.map(({ id }) => id);
    const fresh = new Set(await deps.erpWebhooks.book(tx, connectionId, ids, now));
    const streams = new Set(usable.filter(({ id }) => fresh.has(id)).map(({ stream }) => stream));
    for (const stream of streams) await deps.jobs.enqueueWithin(tx, syncJob(connectionId, stream));
  }
}

/** SQL Server lets a sign-in write the name of the database in any case; what follows from a mistake is one poll too many. */
function concerns({ status, companyDb }: Connection, event: ErpEvent): boolean {
  return status === 'active' && (event.companyDb ?? companyDb).toLowerCase() === companyDb.toLowerCase();
}

function isRecent({ at }: ErpEvent, now: Date): boolean {
  return at >= after(now, -OLDEST_MS) && at <= after(now, MOST_AHEAD_MS);
}

import { after } from '../../kernel/clock.ts';
import type { EntityLink, LinkKind } from '../ports/link-store.ts';
import { type StampedStream, writeInRun } from './read-stream.ts';
import { chunks, type SyncContext, type SyncDeps } from './sync-deps.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const CRON_MS = 5 * 60_000;
/** So that a run or two that did not take place lose nothing. */
const LOOK_BACK_MS = 3 * HOUR_MS;
const BATCH = 100;

/** True in one of the regular runs of each hour. */
export function isTimeToReconsider(now: Date): boolean {
  return now.getTime() % HOUR_MS < CRON_MS;
}

/** In one of them a day all are looked at: what was deleted or merged in Pipedrive leaves no trace in lists. */
function isTimeForAll(now: Date): boolean {
  return now.getTime() % DAY_MS < CRON_MS;
}

/**
 * Looks again at records that were left to a person, who may have put things right in Pipedrive: SAP stamps nothing then.
 * Each hour at those whose record was touched there, which one cheap list tells; matching itself reads everything.
 */
export async function reconsider<Row>(
  deps: SyncDeps,
  context: SyncContext,
  kind: LinkKind,
  stream: StampedStream<Row>,
  get: (keys: readonly string[]) => Promise<readonly Row[]>,
): Promise<void> {
  const { installationId } = context.crmCaller;
  const { connection } = context.workplace;
  const now = deps.clock.now();
  const all = await deps.unitOfWork.within(installationId, (tx) => deps.links.listOpen(tx, connection.id, kind));
  if (all.length === 0) return;
  const links = isTimeForAll(now) ? all : await pickTouched(stream, all, after(now, -LOOK_BACK_MS));
  for (const batch of chunks(links, BATCH)) {
    const plan = await stream.prepare(await get(batch.map(({ sapKey }) => sapKey)), true);
    await deps.unitOfWork.within(installationId, async (tx) => {
      const keys = await plan.apply(tx);
      if (keys.length > 0) await writeInRun(deps, tx, context, { stream: stream.stream, task: stream.writeTask, keys });
    });
  }
}

async function pickTouched<Row>(
  stream: StampedStream<Row>,
  links: readonly EntityLink[],
  since: Date,
): Promise<readonly EntityLink[]> {
  const { ids, keys } = await stream.touchedSince(since);
  return links.filter(({ sapKey, pipedriveId }) => keys.has(sapKey) || (pipedriveId !== null && ids.has(pipedriveId)));
}

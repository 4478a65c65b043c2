import { offsetOfZone } from '../../domain/server-clock.ts';
import { after } from '../../kernel/clock.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import type { EntityLink, LinkKind } from '../ports/link-store.ts';
import type { Cursor } from '../ports/sync-store.ts';
import { type StampedStream, writeInRun } from './read-stream.ts';
import { isHeld } from './seeing-all.ts';
import { chunks, type SyncContext, type SyncDeps, WRITE_BATCH } from './sync-deps.ts';

const HOUR_MS = 60 * 60_000;
const CRON_MS = 5 * 60_000;
/** So that a run or two that did not take place lose nothing. */
const LOOK_BACK_MS = 3 * HOUR_MS;
const BATCH = 100;
/** Of those that were forbidden. */
const MOST_A_DAY = 10_000;

/** True in one of the regular runs of each hour. */
export function isTimeToReconsider(now: Date): boolean {
  return now.getTime() % HOUR_MS < CRON_MS;
}

/**
 * Looks again at records that were left to a person, who may have put things right in Pipedrive: SAP stamps nothing then.
 * Each hour at those whose record was touched there, which one cheap list tells. Matching itself reads everything; with the first run of a day at all of
 * them, since what was deleted or merged in Pipedrive leaves no trace in lists. Neither where Pipedrive has notified of
 * nothing since, our own writing included: nothing has changed then. And at those that wait for an admin, once one serves.
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
  const today = localDateIn(connection.timeZone, now);
  const cursor = await deps.unitOfWork.within(installationId, (tx) =>
    deps.cursors.find(tx, connection.id, stream.stream),
  );
  const daily = cursor !== undefined && cursor.dueDatesCheckedOn !== today;
  if (!daily && !isTimeToReconsider(now)) return;
  await writeForbidden(deps, context, kind, stream, daily ? MOST_A_DAY : WRITE_BATCH);
  const since = daily ? lastLook(cursor, connection.timeZone) : after(now, -LOOK_BACK_MS);
  const { open, heard } = await deps.unitOfWork.within(installationId, async (tx) => ({
    open: await deps.links.listOpen(tx, connection.id, kind),
    heard: await deps.readings.heardSince(tx, since),
  }));
  const touched = !heard || open.length === 0 ? [] : daily ? open : await pickTouched(stream, open, since);
  const held = open.filter((link) => isHeld(link) && !touched.includes(link));
  const maySee = held.length > 0 && (await deps.findServiceAdmin(installationId, context.crmCaller.signal));
  const links = maySee ? [...touched, ...held] : touched;
  await matchAgain(
    deps,
    context,
    stream,
    links.map(({ sapKey }) => sapKey),
    get,
  );
  if (!daily) return;
  await deps.unitOfWork.within(installationId, (tx) =>
    deps.cursors.save(tx, connection.id, stream.stream, { ...cursor, dueDatesCheckedOn: today }),
  );
}

/** When the day of the last look began where SAP stands; the beginning of time where there was none. */
function lastLook({ dueDatesCheckedOn: day }: Cursor, timeZone: string): Date {
  if (day === null) return new Date(0);
  const midnight = new Date(`${day}T00:00:00Z`);
  return after(midnight, -offsetOfZone(timeZone, midnight) * 60_000);
}

/** Matches these as if they were new, and writes those that now have a place. */
export async function matchAgain<Row>(
  deps: SyncDeps,
  context: SyncContext,
  stream: StampedStream<Row>,
  sapKeys: readonly string[],
  get: (keys: readonly string[]) => Promise<readonly Row[]>,
): Promise<void> {
  for (const batch of chunks(sapKeys, BATCH)) {
    const plan = await stream.prepare(await get(batch), true);
    await deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
      const keys = await plan.apply(tx);
      if (keys.length > 0) await writeInRun(deps, tx, context, { stream: stream.stream, task: stream.writeTask, keys });
    });
  }
}

/** A right may have been given, or room been made, without a trace: a few are tried each hour, all once a day. */
async function writeForbidden<Row>(
  deps: SyncDeps,
  context: SyncContext,
  kind: LinkKind,
  { stream, writeTask: task }: StampedStream<Row>,
  most: number,
): Promise<void> {
  const { connection } = context.workplace;
  await deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
    const keys = (await deps.links.listForbidden(tx, connection.id, kind, most)).map(({ sapKey }) => sapKey);
    if (keys.length > 0) await writeInRun(deps, tx, context, { stream, task, keys });
  });
}

async function pickTouched<Row>(
  stream: StampedStream<Row>,
  links: readonly EntityLink[],
  since: Date,
): Promise<readonly EntityLink[]> {
  const { ids, keys } = await stream.touchedSince(since);
  return links.filter(({ sapKey, pipedriveId }) => keys.has(sapKey) || (pipedriveId !== null && ids.has(pipedriveId)));
}

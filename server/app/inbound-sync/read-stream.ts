import { randomUUID } from 'node:crypto';
import type { ChangeStamp } from '../../domain/sync-cursor.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import { givenUpSubject } from '../given-up.ts';
import type { Page, Stamp } from '../ports/erp.ts';
import type { StreamName, TaskName } from '../ports/job-queue.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { Cursor, SyncRun } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { crmWriteJob } from '../sync-jobs.ts';
import { type ChangeSource, walkDelta } from './delta-walk.ts';
import { reportUnreadable } from './report-unreadable.ts';
import { chunks, type SyncContext, type SyncDeps, WRITE_BATCH } from './sync-deps.ts';

/** How one stream with stamps is read; the walk itself is the same for all. */
export interface StampedStream<Row> extends ChangeSource<Row> {
  readonly stream: Extract<StreamName, 'partners' | 'items'>;
  readonly writeTask: Extract<TaskName, 'crm.write-partners' | 'crm.write-items'>;
  count(): Promise<number>;
  newestStamp(): Promise<Stamp | null>;
  listByKey(afterKey: string | null, limit: number): Promise<Page<Row>>;
  /**
   * Before the page's transaction: whatever has to be asked of the other systems for it.
   * @param again also match what was left to a person
   */
  prepare(rows: readonly Row[], again?: boolean): Promise<PagePlan>;
  /** What was changed in Pipedrive since then, by anybody. */
  touchedSince(since: Date): Promise<Touched>;
}

/** Records in Pipedrive, by id and by the SAP key that stands in them. */
export interface Touched {
  readonly ids: ReadonlySet<number>;
  readonly keys: ReadonlySet<string>;
}

/** What the page's transaction does with its rows. */
export interface PagePlan {
  /** Stores links and findings; gives the keys that have to be written to Pipedrive. */
  apply(tx: Tx): Promise<readonly string[]>;
}

const PAGE = 500;

/**
 * Never seen; or left to a person, and changed in SAP since.
 * @param again a person may have put things right in Pipedrive, where SAP stamps nothing
 */
export function isToMatch(link: EntityLink | undefined, hash: string, again: boolean): boolean {
  if (!link) return true;
  if (link.state === 'ambiguous') return again || link.contentHash !== hash;
  return link.state === 'gone' && again;
}

/** Reads a stream from its cursor to its end: the first time all records by key, later what changed since. */
export async function readStream<Row>(deps: SyncDeps, context: SyncContext, stream: StampedStream<Row>): Promise<void> {
  const { installationId } = context.crmCaller;
  const { id: connectionId } = context.workplace.connection;
  const stored = await deps.unitOfWork.within(installationId, (tx) =>
    deps.cursors.find(tx, connectionId, stream.stream),
  );
  const isBegun = stored && (stored.phase === 'delta' || stored.key !== null);
  const cursor = isBegun ? stored : await beginFirstLoad(deps, context, stream, stored?.restarts ?? 0);
  const run = await openRun(deps, context, stream, cursor);
  if (cursor.phase === 'first_load') await walkByKey(deps, context, stream, cursor, run);
  else await walkChanges(deps, context, stream, cursor, run);
  await deps.unitOfWork.within(installationId, async (tx) => {
    const now = deps.clock.now();
    await deps.runs.finishReading(tx, run.id, now);
    await deps.findings.resolve(tx, 'job_exhausted', givenUpSubject('sync.inbound', stream.stream), now);
  });
}

/** The delta begins where SAP stood before the first record was read, so that nothing changed meanwhile is missed. */
async function beginFirstLoad<Row>(
  deps: SyncDeps,
  context: SyncContext,
  stream: StampedStream<Row>,
  restarts: number,
): Promise<Cursor> {
  const stamp = await stream.newestStamp();
  const cursor: Cursor = {
    phase: 'first_load',
    stampDate: stamp?.date ?? null,
    stampTime: stamp?.time ?? null,
    key: null,
    documents: {},
    // All has just been matched when it is over.
    dueDatesCheckedOn: localDateIn(context.workplace.connection.timeZone, deps.clock.now()),
    restarts,
  };
  await saveCursor(deps, context, stream.stream, cursor);
  return cursor;
}

async function openRun<Row>(
  deps: SyncDeps,
  context: SyncContext,
  stream: StampedStream<Row>,
  { phase, key }: Cursor,
): Promise<Pick<SyncRun, 'id'>> {
  const { installationId } = context.crmCaller;
  const { id: connectionId } = context.workplace.connection;
  const open = await deps.unitOfWork.within(installationId, (tx) =>
    deps.runs.findOpen(tx, connectionId, stream.stream),
  );
  // A walk that begins anew counts from nothing.
  const goesOn = phase === 'delta' || key !== null;
  if (open?.state === 'running' && open.kind === phase && (goesOn || open.read === 0)) return open;
  const run = {
    id: randomUUID(),
    connectionId,
    stream: stream.stream,
    kind: phase,
    startedAt: deps.clock.now(),
    expected: phase === 'first_load' ? await stream.count() : null,
  } as const;
  await deps.unitOfWork.within(installationId, (tx) => deps.runs.start(tx, run));
  return run;
}

async function walkByKey<Row>(
  deps: SyncDeps,
  context: SyncContext,
  stream: StampedStream<Row>,
  from: Cursor,
  run: Pick<SyncRun, 'id'>,
): Promise<void> {
  let cursor = from;
  for (;;) {
    const page = await stream.listByKey(cursor.key, PAGE);
    const last = page.rows.at(-1);
    cursor = last ? { ...cursor, key: stream.keyOf(last) } : cursor;
    if (page.done) cursor = { ...cursor, phase: 'delta', key: null };
    await storePage(deps, context, stream, page, cursor, run);
    if (page.done) return;
  }
}

async function walkChanges<Row>(
  deps: SyncDeps,
  context: SyncContext,
  stream: StampedStream<Row>,
  from: Cursor,
  run: Pick<SyncRun, 'id'>,
): Promise<void> {
  const seen: ChangeStamp | null =
    from.stampDate && from.stampTime ? { date: from.stampDate, time: from.stampTime } : await stream.newestStamp();
  if (!seen) return;
  for await (const { page, newest } of walkDelta(stream, seen, PAGE, () => deps.clock.now().getTime())) {
    await storePage(deps, context, stream, page, { ...from, stampDate: newest.date, stampTime: newest.time }, run);
  }
}

/** What changed, the jobs that write it to Pipedrive, and the cursor commit together. */
async function storePage<Row>(
  deps: SyncDeps,
  context: SyncContext,
  stream: StampedStream<Row>,
  { rows, unreadable = [] }: Page<Row>,
  cursor: Cursor,
  run: Pick<SyncRun, 'id'>,
): Promise<void> {
  const plan = await stream.prepare(rows);
  await deps.unitOfWork.within(context.crmCaller.installationId, async (tx) => {
    const keys = await plan.apply(tx);
    await enqueueWrites(deps, tx, context, stream.writeTask, keys, run.id);
    await reportUnreadable(deps, tx, context, stream.stream, unreadable);
    await deps.runs.add(tx, run.id, {
      read: rows.length + unreadable.length,
      changed: keys.length,
      unchanged: rows.length - keys.length,
      waiting: unreadable.length,
    });
    await deps.cursors.save(tx, context.workplace.connection.id, stream.stream, cursor);
  });
}

export async function enqueueWrites(
  deps: SyncDeps,
  tx: Tx,
  context: SyncContext,
  task: StampedStream<unknown>['writeTask'],
  keys: readonly string[],
  runId: string,
): Promise<void> {
  const { id: connectionId } = context.workplace.connection;
  for (const batch of chunks(keys, WRITE_BATCH)) {
    await deps.jobs.enqueueWithin(tx, crmWriteJob(task, { connectionId, keys: batch, runId }));
  }
}

async function saveCursor(deps: SyncDeps, context: SyncContext, stream: StreamName, cursor: Cursor): Promise<void> {
  await deps.unitOfWork.within(context.crmCaller.installationId, (tx) =>
    deps.cursors.save(tx, context.workplace.connection.id, stream, cursor),
  );
}

/** A run of its own for records that were found by other means than the stream's cursor. */
export async function writeInRun(
  deps: SyncDeps,
  tx: Tx,
  context: SyncContext,
  found: { stream: StreamName; task: StampedStream<unknown>['writeTask']; keys: readonly string[] },
): Promise<void> {
  const now = deps.clock.now();
  const id = randomUUID();
  const { id: connectionId } = context.workplace.connection;
  const { stream, task, keys } = found;
  await deps.runs.start(tx, { id, connectionId, stream, kind: 'delta', startedAt: now, expected: null });
  await deps.runs.add(tx, id, { read: keys.length, changed: keys.length });
  await enqueueWrites(deps, tx, context, task, keys, id);
  await deps.runs.finishReading(tx, id, now);
}

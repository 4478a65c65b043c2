import type { SyncContext, SyncDeps } from './sync-deps.ts';

type LoadedStream = 'partners' | 'items';

/** A first load can wait longer than what has just changed: its calls are booked, and held back, apart. */
function asFirstLoad(context: SyncContext): SyncContext {
  return { ...context, crmCaller: { ...context.crmCaller, purpose: 'backfill' } };
}

/** For reading a stream: its first load is not over yet. */
export async function forStream(deps: SyncDeps, context: SyncContext, stream: LoadedStream): Promise<SyncContext> {
  const { crmCaller, workplace } = context;
  const cursor = await deps.unitOfWork.within(crmCaller.installationId, (tx) =>
    deps.cursors.find(tx, workplace.connection.id, stream),
  );
  return cursor?.phase === 'delta' ? context : asFirstLoad(context);
}

/** For writing what a run has found. */
export async function forRun(
  deps: SyncDeps,
  context: SyncContext,
  stream: LoadedStream,
  runId: string,
): Promise<SyncContext> {
  const { crmCaller, workplace } = context;
  const firstLoad = await deps.unitOfWork.within(crmCaller.installationId, (tx) =>
    deps.runs.findLast(tx, workplace.connection.id, stream, 'first_load'),
  );
  return firstLoad?.id === runId ? asFirstLoad(context) : context;
}

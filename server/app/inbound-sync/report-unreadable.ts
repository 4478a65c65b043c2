import type { UnreadableRecord } from '../ports/erp.ts';
import type { StreamName } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { afterDefect } from './record-refused.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/**
 * Records that SAP sends in a form that cannot be taken over: each is shown to a person, and written as soon as it can be
 * read again.
 */
export async function reportUnreadable(
  deps: Pick<SyncDeps, 'clock' | 'findings' | 'links'>,
  tx: Tx,
  context: SyncContext,
  stream: Extract<StreamName, 'partners' | 'items'>,
  records: readonly UnreadableRecord[],
): Promise<void> {
  const { id: connectionId } = context.workplace.connection;
  const kind = stream === 'items' ? 'item' : 'partner';
  for (const { key, reason } of records) {
    const link = await deps.links.findBySapKey(tx, connectionId, kind, key);
    if (link && link.state !== 'ambiguous') await deps.links.save(tx, connectionId, afterDefect(link));
    await deps.findings.raise(
      tx,
      {
        kind: 'record_refused',
        subject: `${kind}:${key}`,
        message: `SAP ${kind === 'item' ? 'item' : 'customer'} ${key} could not be read. ${reason}`,
        action: 'Correct it in SAP; it is tried again when it changes.',
        link: null,
      },
      deps.clock.now(),
    );
  }
}

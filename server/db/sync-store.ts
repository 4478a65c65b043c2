import { z } from 'zod';
import type { CursorStore, SyncRun, SyncRunStore } from '../app/ports/sync-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { ConflictError } from '../kernel/errors.ts';
import { connectionId as toConnectionId } from '../kernel/ids.ts';
import type { CursorRow, SyncRunRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredDocuments = z.record(z.string(), z.object({ last: z.number(), missing: z.array(z.number()) }));

const cursors = (tx: Tx) => queriesOf(tx)<CursorRow>('cursors').where({ installation_id: tx.installationId });

export const cursorStore: CursorStore = {
  async find(tx, connectionId, stream) {
    const row = await cursors(tx).where({ connection_id: connectionId, stream }).first();
    return (
      row && {
        phase: row.phase,
        stampDate: row.stamp_date,
        stampTime: row.stamp_time,
        key: row.key,
        documents: StoredDocuments.parse(row.documents),
        dueDatesCheckedOn: row.due_dates_checked_on,
        restarts: row.restarts,
      }
    );
  },

  async save(tx, connectionId, stream, cursor) {
    const saving = queriesOf(tx)('cursors')
      .insert({
        installation_id: tx.installationId,
        connection_id: connectionId,
        stream,
        phase: cursor.phase,
        stamp_date: cursor.stampDate,
        stamp_time: cursor.stampTime,
        key: cursor.key,
        documents: JSON.stringify(cursor.documents),
        due_dates_checked_on: cursor.dueDatesCheckedOn,
      })
      .onConflict(['installation_id', 'connection_id', 'stream'])
      .merge();
    if (cursor.restarts !== undefined) saving.where('cursors.restarts', cursor.restarts);
    const saved = await saving.returning('stream');
    if (saved.length === 0) throw new ConflictError('This stream is being read anew.');
  },

  async restart(tx, connectionId, stream) {
    const changed = await cursors(tx)
      .where({ connection_id: connectionId, stream })
      .update({
        phase: 'first_load',
        stamp_date: null,
        stamp_time: null,
        key: null,
        documents: '{}',
        due_dates_checked_on: null,
        restarts: queriesOf(tx).raw('restarts + 1'),
      });
    return changed > 0;
  },
};

const runs = (tx: Tx) => queriesOf(tx)<SyncRunRow>('sync_runs').where({ installation_id: tx.installationId });

/** What was unchanged at reading is counted as unchanged then; the writing jobs count what was handed to them. */
const SETTLED = 'written + unchanged + waiting >= read';

export const syncRunStore: SyncRunStore = {
  async start(tx, run) {
    await queriesOf(tx)('sync_runs').insert({
      installation_id: tx.installationId,
      id: run.id,
      connection_id: run.connectionId,
      stream: run.stream,
      kind: run.kind,
      state: 'running',
      started_at: run.startedAt,
      expected: run.expected,
    });
  },

  async findOpen(tx, connectionId, stream) {
    const row = await runs(tx)
      .where({ connection_id: connectionId, stream })
      .whereNot({ state: 'done' })
      .orderBy('position', 'desc')
      .first();
    return row && toRun(row);
  },

  async findLast(tx, connectionId, stream, kind) {
    const row = await runs(tx).where({ connection_id: connectionId, stream, kind }).orderBy('position', 'desc').first();
    return row && toRun(row);
  },

  async add(tx, id, counts) {
    const query = runs(tx).where({ id });
    for (const column of ['read', 'changed', 'written', 'unchanged', 'waiting'] as const)
      if (counts[column]) query.increment(column, counts[column]);
    if (Object.values(counts).some((count) => count)) await query;
  },

  async finishReading(tx, id, now) {
    const queries = queriesOf(tx);
    await runs(tx)
      .where({ id, state: 'running' })
      .update({
        state: queries.raw(`case when ${SETTLED} then 'done' else 'writing' end`),
        ended_at: queries.raw(`case when ${SETTLED} then ?::timestamptz end`, [now]),
      });
  },

  async finishIfWritten(tx, id, now) {
    await runs(tx).where({ id, state: 'writing' }).whereRaw(SETTLED).update({ state: 'done', ended_at: now });
  },
};

function toRun(row: SyncRunRow): SyncRun {
  return {
    id: row.id,
    connectionId: toConnectionId(row.connection_id),
    stream: row.stream,
    kind: row.kind,
    state: row.state,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    expected: row.expected,
    read: row.read,
    changed: row.changed,
    written: row.written,
    unchanged: row.unchanged,
    waiting: row.waiting,
  };
}

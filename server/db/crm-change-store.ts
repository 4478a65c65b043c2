import { z } from 'zod';
import type { CrmChangeStore, CrmEntity, CrmViewStore } from '../app/ports/crm-changes.ts';
import type { LinkKind } from '../app/ports/link-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import { type CrmChangeRow, type CrmViewRow, safeInteger, safeIntegerOrNull } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const changes = (tx: Tx) => queriesOf(tx)<CrmChangeRow>('crm_changes').where({ installation_id: tx.installationId });

/** A transaction's own number: no two notings, however far apart, carry the same. */
const NOTE = `
  insert into crm_changes (installation_id, entity, record_id, gone, merged_into, noted_at, revision)
  values (:installation, :entity, :id, :gone, :mergedInto::bigint, :now, pg_current_xact_id()::text::bigint)
  on conflict on constraint crm_changes_one_per_record do update set
    gone = crm_changes.gone or excluded.gone,
    merged_into = coalesce(excluded.merged_into, crm_changes.merged_into),
    revision = excluded.revision`;

export const crmChangeStore: CrmChangeStore = {
  async note(tx, hints, now) {
    // In one order, so that two transactions that note the same records do not wait for each other.
    const ordered = [...hints].sort((a, b) => a.entity.localeCompare(b.entity) || a.id - b.id);
    for (const hint of ordered) {
      await queriesOf(tx).raw(NOTE, { installation: tx.installationId, ...hint, now });
    }
  },

  async listWaiting(tx, entity, limit) {
    const rows = await changes(tx).where({ entity }).orderBy(['noted_at', 'record_id']).limit(limit);
    return rows.map((row) => ({
      entity: row.entity,
      id: safeInteger(row.record_id),
      gone: row.gone,
      mergedInto: safeIntegerOrNull(row.merged_into),
      revision: row.revision,
    }));
  },

  async listEntitiesWaiting(tx) {
    return changes(tx).distinct('entity').orderBy('entity').pluck<CrmEntity[]>('entity');
  },

  async settle(tx, settled) {
    if (settled.length === 0) return;
    await changes(tx)
      .whereIn(
        ['entity', 'record_id', 'revision'],
        settled.map(({ entity, id, revision }) => [entity, String(id), revision]),
      )
      .delete();
  },
};

const Shown = z.record(z.string(), z.string());

const views = (tx: Tx, connectionId: ConnectionId, kind: LinkKind) =>
  queriesOf(tx)<CrmViewRow>('crm_views').where({
    installation_id: tx.installationId,
    connection_id: connectionId,
    kind,
  });

export const crmViewStore: CrmViewStore = {
  async find(tx, connectionId, kind, ids) {
    const rows = await views(tx, connectionId, kind).whereIn('pipedrive_id', ids.map(String));
    return rows.map((row) => ({
      pipedriveId: safeInteger(row.pipedrive_id),
      shown: Shown.parse(row.shown),
      answered: row.answered,
      answeredAt: row.answered_at,
      repeats: row.repeats,
    }));
  },

  async save(tx, connectionId, kind, view) {
    await queriesOf(tx)('crm_views')
      .insert({
        installation_id: tx.installationId,
        connection_id: connectionId,
        kind,
        pipedrive_id: String(view.pipedriveId),
        shown: JSON.stringify(view.shown),
        answered: view.answered,
        answered_at: view.answeredAt,
        repeats: view.repeats,
      })
      .onConflict(['installation_id', 'connection_id', 'kind', 'pipedrive_id'])
      .merge();
  },
};

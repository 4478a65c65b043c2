import { z } from 'zod';
import type { CrmReadingStore } from '../app/ports/crm-readings.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import type { CrmReadingRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredSeen = z.record(z.string(), z.object({ updateTime: z.string(), settled: z.boolean(), since: z.number() }));

const readings = (tx: Tx) => queriesOf(tx)<CrmReadingRow>('crm_readings').where({ installation_id: tx.installationId });

const latest = (tx: Tx, column: 'suspected_at' | 'read_again_at', at: Date) =>
  queriesOf(tx).raw('greatest(??, ?::timestamptz)', [column, at]);

export const crmReadingStore: CrmReadingStore = {
  async list(tx) {
    const rows = await readings(tx).orderBy('list');
    return rows.map((row) => ({
      list: row.list,
      mark: { newest: row.newest, seen: StoredSeen.parse(row.seen) },
      readFrom: row.read_from,
      suspected: row.suspected_at !== null,
      readAgainAt: row.read_again_at,
    }));
  },

  async save(tx, list, { newest, seen }) {
    await queriesOf(tx)('crm_readings')
      .insert({ installation_id: tx.installationId, list, newest, seen: JSON.stringify(seen) })
      .onConflict(['installation_id', 'list'])
      .merge(['newest', 'seen']);
  },

  async finish(tx, list, startedAt) {
    const queries = queriesOf(tx);
    await readings(tx)
      .where({ list })
      .update({
        read_from: startedAt,
        suspected_at: queries.raw('case when suspected_at > ?::timestamptz then suspected_at end', [startedAt]),
      });
  },

  async heardSince(tx, since) {
    const row = await queriesOf(tx)('deliveries')
      .where({ installation_id: tx.installationId, source: 'pipedrive' })
      .where('received_at', '>=', since)
      .first('id');
    return row !== undefined;
  },

  async suspect(tx, until) {
    await readings(tx).update({ suspected_at: latest(tx, 'suspected_at', until) });
  },

  async suspectUntil(tx, now, until) {
    const expected = await readings(tx).where('read_again_at', '>', now).first('list');
    await readings(tx).update({
      suspected_at: latest(tx, 'suspected_at', now),
      read_again_at: latest(tx, 'read_again_at', until),
    });
    return expected === undefined;
  },
};

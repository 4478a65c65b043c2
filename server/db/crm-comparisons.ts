import { z } from 'zod';
import { COMPARED, type CrmComparisonStore } from '../app/ports/crm-comparisons.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import type { CrmComparisonRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredMissing = z.partialRecord(
  z.enum(COMPARED),
  z.array(z.object({ id: z.int(), mergedInto: z.int().nullable() })),
);

const comparisons = (tx: Tx) =>
  queriesOf(tx)<CrmComparisonRow>('crm_comparisons').where({ installation_id: tx.installationId });

export const crmComparisonStore: CrmComparisonStore = {
  async find(tx) {
    const row = await comparisons(tx).first();
    return (
      row && {
        state: row.state,
        startedAt: row.started_at,
        missing: StoredMissing.parse(row.missing),
        approved: row.approved_at !== null,
      }
    );
  },

  async start(tx, now) {
    await queriesOf(tx)('crm_comparisons')
      .insert({
        installation_id: tx.installationId,
        state: 'reading',
        started_at: now,
        ended_at: null,
        missing: '{}',
        approved_at: null,
      })
      .onConflict('installation_id')
      .merge();
  },

  async saveMissing(tx, kind, missing) {
    await comparisons(tx).update({
      missing: queriesOf(tx).raw('missing || ?::jsonb', [JSON.stringify({ [kind]: missing })]),
    });
  },

  async stop(tx, now) {
    await comparisons(tx).update({ state: 'stopped', ended_at: now });
  },

  async approve(tx, now) {
    const changed = await comparisons(tx)
      .where({ state: 'stopped' })
      .whereNull('approved_at')
      .update({ approved_at: now });
    return changed > 0;
  },

  async finish(tx, now) {
    await comparisons(tx).update({ state: 'done', ended_at: now });
  },
};

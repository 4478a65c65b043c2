import { z } from 'zod';
import type { CrmFieldPurpose, CrmFieldStore, KnownCrmField } from '../app/ports/crm-field-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { connectionId } from '../kernel/ids.ts';
import { queriesOf } from './unit-of-work.ts';

interface CrmFieldRow {
  installation_id: string;
  purpose: CrmFieldPurpose;
  field_code: string;
  made_by_us: boolean;
  field_name: string;
  field_type: string;
  options: unknown;
  seen_at: Date | null;
}

const Options = z
  .array(
    z.object({
      id: z.number().int(),
      key: z.string(),
      label: z.string(),
      connectionId: z
        .string()
        .nullish()
        .transform((id) => (id ? connectionId(id) : null)),
    }),
  )
  .readonly();

async function list(tx: Tx): Promise<readonly KnownCrmField[]> {
  const rows = await queriesOf(tx)<CrmFieldRow>('crm_fields').where({ installation_id: tx.installationId });
  return rows.map((row) => ({
    purpose: row.purpose,
    code: row.field_code,
    name: row.field_name,
    type: row.field_type,
    own: row.made_by_us,
    options: Options.parse(row.options),
    seenAt: row.seen_at,
  }));
}

export const crmFieldStore: CrmFieldStore = {
  list,

  async get(tx) {
    const fields = await list(tx);
    return Object.fromEntries(fields.map(({ purpose, code }) => [purpose, code]));
  },

  async save(tx, { purpose, code, name, type, own, options, seenAt }) {
    await queriesOf(tx)('crm_fields')
      .insert({
        installation_id: tx.installationId,
        purpose,
        field_code: code,
        made_by_us: own,
        field_name: name,
        field_type: type,
        options: JSON.stringify(options),
        seen_at: seenAt,
      })
      .onConflict(['installation_id', 'purpose'])
      .merge();
  },

  async remove(tx, purpose) {
    await queriesOf(tx)('crm_fields').where({ installation_id: tx.installationId, purpose }).delete();
  },
};

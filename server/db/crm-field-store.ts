import type { CrmFieldPurpose, CrmFieldStore } from '../app/ports/crm-field-store.ts';
import { queriesOf } from './unit-of-work.ts';

interface CrmFieldRow {
  installation_id: string;
  purpose: CrmFieldPurpose;
  field_code: string;
  made_by_us: boolean;
}

export const crmFieldStore: CrmFieldStore = {
  async get(tx) {
    const rows = await queriesOf(tx)<CrmFieldRow>('crm_fields').where({ installation_id: tx.installationId });
    const codes: Partial<Record<CrmFieldPurpose, string>> = {};
    for (const row of rows) codes[row.purpose] = row.field_code;
    return codes;
  },

  async listOwn(tx) {
    const own = await queriesOf(tx)<CrmFieldRow>('crm_fields')
      .where({ installation_id: tx.installationId, made_by_us: true })
      .pluck<CrmFieldPurpose[]>('purpose');
    return new Set(own);
  },

  async save(tx, purpose, fieldCode, own) {
    await queriesOf(tx)<CrmFieldRow>('crm_fields')
      .insert({ installation_id: tx.installationId, purpose, field_code: fieldCode, made_by_us: own })
      .onConflict(['installation_id', 'purpose'])
      .merge();
  },
};

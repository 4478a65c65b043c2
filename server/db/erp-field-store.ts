import type { ErpFieldStore } from '../app/ports/erp-field-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import { queriesOf } from './unit-of-work.ts';

interface ErpFieldRow {
  installation_id: string;
  connection_id: string;
  field: 'key';
}

const keyField = (tx: Tx, connectionId: ConnectionId): ErpFieldRow => ({
  installation_id: tx.installationId,
  connection_id: connectionId,
  field: 'key',
});

const fields = (tx: Tx) => queriesOf(tx)<ErpFieldRow>('erp_fields');

export const erpFieldStore: ErpFieldStore = {
  async hasKeyField(tx, connectionId) {
    return (await fields(tx).where(keyField(tx, connectionId)).first()) !== undefined;
  },

  async setKeyField(tx, connectionId, isThere) {
    const row = keyField(tx, connectionId);
    if (isThere) await fields(tx).insert(row).onConflict(['installation_id', 'connection_id', 'field']).ignore();
    else await fields(tx).where(row).delete();
  },
};

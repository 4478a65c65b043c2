import type { Tx } from '../app/ports/unit-of-work.ts';
import type { DataKeyRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

/** One wrapped data key per installation: what the vault of `secrets` keeps its keys in. */
export const dataKeyStore = {
  async find(tx: Tx): Promise<{ keyId: string; masterKeyId: string; wrapped: Uint8Array } | undefined> {
    const row = await queriesOf(tx)<DataKeyRow>('data_keys').where({ installation_id: tx.installationId }).first();
    return row && { keyId: row.key_id, masterKeyId: row.master_key_id, wrapped: row.wrapped };
  },

  /** Does nothing when the installation has one. */
  async add(tx: Tx, key: { keyId: string; masterKeyId: string; wrapped: Uint8Array }): Promise<void> {
    await queriesOf(tx)('data_keys')
      .insert({
        installation_id: tx.installationId,
        key_id: key.keyId,
        master_key_id: key.masterKeyId,
        wrapped: Buffer.from(key.wrapped),
      })
      .onConflict('installation_id')
      .ignore();
  },

  async remove(tx: Tx): Promise<void> {
    await queriesOf(tx)('data_keys').where({ installation_id: tx.installationId }).delete();
  },
};

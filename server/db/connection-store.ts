import { z } from 'zod';
import type { Connection, ConnectionStore } from '../app/ports/installation-store.ts';
import type { SecretPlace, Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { type ConnectionId, connectionId } from '../kernel/ids.ts';
import type { ConnectionRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredTrust = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('public') }),
  z.object({ kind: z.literal('pinned'), certificates: z.array(z.string()) }),
]);

const connections = (tx: Tx) =>
  queriesOf(tx)<ConnectionRow>('connections').where({ installation_id: tx.installationId });

const passwordPlace = (id: ConnectionId): SecretPlace => ({ table: 'connections', column: 'password', row: id });

export function createConnectionStore(vault: Vault): ConnectionStore {
  async function find(tx: Tx, id: ConnectionId): Promise<ConnectionRow> {
    const row = await connections(tx).where({ id }).first();
    if (!row) throw new NotFoundError('This connection to SAP does not exist.');
    return row;
  }

  async function accessColumns(tx: Tx, id: ConnectionId, values: Parameters<ConnectionStore['replaceAccess']>[2]) {
    return {
      address: values.address,
      company_db: values.companyDb,
      user_name: values.userName,
      password: Buffer.from(await vault.seal(tx, passwordPlace(id), values.password)),
      trust: JSON.stringify(values.trust),
      status: 'active' as const,
      refused_passwords: 0,
      time_zone: values.timeZone,
      local_currency: values.localCurrency,
    };
  }

  return {
    async create(tx, { id, label, ...access }) {
      const columns = await accessColumns(tx, id, access);
      await queriesOf(tx)('connections').insert({ installation_id: tx.installationId, id, label, ...columns });
    },

    get: async (tx, id) => toConnection(await find(tx, id)),

    async list(tx) {
      const rows = await connections(tx).whereNot({ status: 'disconnected' }).orderBy('position');
      return rows.map(toConnection);
    },

    async findByCompany(tx, companyDb) {
      const row = await connections(tx).where({ company_db: companyDb }).orderBy('position', 'desc').first();
      return row && toConnection(row);
    },

    async openPassword(tx, id) {
      const { password } = await find(tx, id);
      return vault.open(tx, passwordPlace(id), password);
    },

    async replaceAccess(tx, id, values) {
      const changed = await connections(tx)
        .where({ id })
        .update(await accessColumns(tx, id, values));
      if (changed === 0) throw new NotFoundError('This connection to SAP does not exist.');
    },

    async setStatus(tx, id, status) {
      const forgotten = status === 'disconnected' ? { password: Buffer.alloc(0) } : {};
      const changed = await connections(tx)
        .where({ id })
        .whereNot({ status: 'disconnected' })
        .update({ status, ...forgotten });
      return changed > 0;
    },

    async resume(tx, id) {
      const changed = await connections(tx).where({ id, status: 'certificate_changed' }).update({ status: 'active' });
      return changed > 0;
    },

    async countRefusedPassword(tx, id) {
      const rows = await connections(tx).where({ id }).increment('refused_passwords').returning('refused_passwords');
      const [row] = rows;
      if (!row) throw new NotFoundError('This connection to SAP does not exist.');
      return row.refused_passwords;
    },

    async resetRefusedPasswords(tx, id) {
      await connections(tx).where({ id }).update({ refused_passwords: 0 });
    },
  };
}

function toConnection(row: ConnectionRow): Connection {
  return {
    id: connectionId(row.id),
    label: row.label,
    address: row.address,
    companyDb: row.company_db,
    userName: row.user_name,
    trust: StoredTrust.parse(row.trust),
    status: row.status,
    refusedPasswords: row.refused_passwords,
    timeZone: row.time_zone,
    localCurrency: row.local_currency,
  };
}

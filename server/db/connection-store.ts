import { z } from 'zod';
import type { Connection, ConnectionStatus, ConnectionStore, ErpProxy } from '../app/ports/installation-store.ts';
import type { SecretPlace, Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { type ConnectionId, connectionId } from '../kernel/ids.ts';
import { knownCapabilities } from './capability-store.ts';
import type { ConnectionRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredTrust = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('public') }),
  z.object({ kind: z.literal('authority'), pem: z.string() }),
  z.object({
    kind: z.literal('pinned'),
    slots: z.array(z.object({ fingerprint: z.string(), pem: z.string().nullable() })),
  }),
]);

const connections = (tx: Tx) =>
  queriesOf(tx)<ConnectionRow>('connections').where({ installation_id: tx.installationId });

type SecretColumn = 'password' | 'proxy_header_value' | 'client_key';
const place = (id: ConnectionId, column: SecretColumn): SecretPlace => ({ table: 'connections', column, row: id });

const NO_PROXY = {
  proxy_header_name: null,
  proxy_header_value: null,
  client_certificate: null,
  client_key: null,
} as const;

export function createConnectionStore(vault: Vault): ConnectionStore {
  async function find(tx: Tx, id: ConnectionId): Promise<ConnectionRow> {
    const row = await connections(tx).where({ id }).first();
    if (!row) throw missing();
    return row;
  }

  async function seal(tx: Tx, id: ConnectionId, column: SecretColumn, plain: string): Promise<Buffer> {
    return Buffer.from(await vault.seal(tx, place(id, column), plain));
  }

  async function proxyColumns(tx: Tx, id: ConnectionId, proxy: ErpProxy | null) {
    const { header = null, clientCertificate = null } = proxy ?? {};
    return {
      ...NO_PROXY,
      ...(header && {
        proxy_header_name: header.name,
        proxy_header_value: await seal(tx, id, 'proxy_header_value', header.value.reveal()),
      }),
      ...(clientCertificate && {
        client_certificate: clientCertificate.pem,
        client_key: await seal(tx, id, 'client_key', clientCertificate.key.reveal()),
      }),
    };
  }

  async function accessColumns(tx: Tx, id: ConnectionId, values: Parameters<ConnectionStore['replaceAccess']>[2]) {
    return {
      address: values.address,
      company_db: values.companyDb,
      user_name: values.userName,
      password: await seal(tx, id, 'password', values.password),
      trust: JSON.stringify(values.trust),
      status: 'active' as const,
      refused_passwords: 0,
      time_zone: values.timeZone,
      local_currency: values.localCurrency,
      capabilities: null,
      capabilities_at: null,
      looked_at: null,
      served_valid_to: null,
      ...(await proxyColumns(tx, id, values.proxy)),
    };
  }

  async function change(tx: Tx, id: ConnectionId, values: Partial<ConnectionRow>): Promise<void> {
    if ((await connections(tx).where({ id }).update(values)) === 0) throw missing();
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
      return vault.open(tx, place(id, 'password'), password);
    },

    async openProxy(tx, id) {
      const row = await find(tx, id);
      const { proxy_header_name: name, proxy_header_value: value, client_certificate: pem, client_key: key } = row;
      const header = name !== null &&
        value && { name, value: await vault.open(tx, place(id, 'proxy_header_value'), value) };
      const clientCertificate = pem !== null && key && { pem, key: await vault.open(tx, place(id, 'client_key'), key) };
      return header || clientCertificate
        ? { header: header || null, clientCertificate: clientCertificate || null }
        : null;
    },

    replaceAccess: async (tx, id, values) => change(tx, id, await accessColumns(tx, id, values)),

    async setSignIn(tx, id, { userName, password }) {
      const changed = await connections(tx)
        .where({ id })
        .whereNot({ status: 'disconnected' })
        .update({
          user_name: userName,
          password: await seal(tx, id, 'password', password),
          refused_passwords: 0,
          status: queriesOf(tx).raw(`case when status = 'password_refused' then 'active' else status end`),
        });
      return changed > 0;
    },

    async lock(tx, id) {
      const row = await connections(tx).where({ id }).forUpdate().first();
      if (!row) throw missing();
      return toConnection(row);
    },

    setTrust: (tx, id, trust) => change(tx, id, { trust: JSON.stringify(trust) }),

    setProxy: async (tx, id, proxy) => change(tx, id, await proxyColumns(tx, id, proxy)),

    setLook: (tx, id, { at, validTo }) => change(tx, id, { looked_at: at, served_valid_to: validTo }),

    async setStatus(tx, id, status) {
      const forgotten = status === 'disconnected' ? { password: Buffer.alloc(0), ...NO_PROXY } : {};
      const changed = await connections(tx)
        .where({ id })
        .whereIn('status', CHANGEABLE[status])
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
      if (!row) throw missing();
      return row.refused_passwords;
    },

    async resetRefusedPasswords(tx, id) {
      await connections(tx).where({ id }).update({ refused_passwords: 0 });
    },
  };
}

/** From which states each may follow. */
const CHANGEABLE = {
  password_refused: ['active', 'password_refused', 'certificate_changed'],
  certificate_changed: ['active', 'certificate_changed'],
  disconnected: ['active', 'password_refused', 'certificate_changed'],
} as const satisfies Record<Exclude<ConnectionStatus, 'active'>, readonly ConnectionStatus[]>;

function missing(): NotFoundError {
  return new NotFoundError('This connection to SAP does not exist.');
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
    proxy:
      row.proxy_header_name !== null || row.client_certificate !== null
        ? { headerName: row.proxy_header_name, clientCertificatePem: row.client_certificate }
        : null,
    capabilities: knownCapabilities(row),
    look: row.looked_at && row.served_valid_to ? { at: row.looked_at, validTo: row.served_valid_to } : null,
  };
}

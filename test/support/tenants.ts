import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Vault } from '../../server/app/ports/secrets.ts';
import type { Tx, UnitOfWork } from '../../server/app/ports/unit-of-work.ts';
import { createConnectionStore } from '../../server/db/connection-store.ts';
import { dataKeyStore } from '../../server/db/data-key-store.ts';
import { createInstallationStore } from '../../server/db/installation-store.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import { type ConnectionId, connectionId, type InstallationId, installationId } from '../../server/kernel/ids.ts';
import { parseMasterKeys } from '../../server/secrets/master-keys.ts';
import { createVault } from '../../server/secrets/vault.ts';

export interface Tenant {
  readonly id: InstallationId;
  readonly companyId: string;
  readonly connectionId: ConnectionId;
  within<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface TenantWorld {
  readonly unitOfWork: UnitOfWork;
  readonly vault: Vault;
  /** An installation with a data key and one connection to SAP. */
  addTenant(): Promise<Tenant>;
}

export const aMasterKeyText = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

/** The stores' own surroundings on a fresh database. */
export function tenantWorld(db: Knex, masterKeys = aMasterKeyText('k1')): TenantWorld {
  const unitOfWork = createUnitOfWork(db);
  const vault = createVault({ masterKeys: parseMasterKeys(masterKeys), dataKeys: dataKeyStore });

  return {
    unitOfWork,
    vault,
    async addTenant() {
      const id = installationId(randomUUID());
      const connection = connectionId(randomUUID());
      const companyId = String(randomInt(1, 2 ** 40));
      await unitOfWork.within(id, async (tx) => {
        await createInstallationStore(vault).save(tx, {
          companyId,
          companyName: 'Desk & Chair Ltd',
          apiDomain: 'https://desk.pipedrive.com',
          installedAt: new Date('2026-01-05T08:00:00Z'),
        });
        await vault.createDataKey(tx);
        await createConnectionStore(vault).create(tx, {
          id: connection,
          label: 'Main',
          address: 'https://sap.example:50000/b1s/v2',
          companyDb: 'DESK',
          userName: 'orderline',
          password: 'a password',
          trust: { kind: 'public' },
          proxy: null,
          timeZone: 'Europe/Berlin',
          localCurrency: 'EUR',
        });
      });
      return { id, companyId, connectionId: connection, within: (work) => unitOfWork.within(id, work) };
    },
  };
}

import type { Knex } from 'knex';
import type { UnitOfWork } from '../../../server/app/ports/unit-of-work.ts';
import { createAuditLog } from '../../../server/db/audit-log.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { createGrantStore } from '../../../server/db/grant-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { jobQueue } from '../../../server/db/job-queue.ts';
import { removalStore } from '../../../server/db/removal-store.ts';
import { createTenantDirectory } from '../../../server/db/tenant-directory.ts';
import type { Clock } from '../../../server/kernel/clock.ts';
import { NotFoundError } from '../../../server/kernel/errors.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import type { Tenant, TenantWorld } from '../../support/tenants.ts';

const signal = new AbortController().signal;

export interface Outside {
  /** What was asked of Pipedrive and SAP, in order. */
  readonly asked: string[];
  /** Called before and after each of them. */
  interrupt: () => void;
}

export type RemovalDeps = ReturnType<typeof removalParts>['deps'];

/** The real stores; Pipedrive and SAP as they would be. */
export function removalParts(db: Knex, clock: Clock, from: TenantWorld, unitOfWork: UnitOfWork = from.unitOfWork) {
  const outside: Outside = { asked: [], interrupt: () => undefined };
  const hooks = new Set([31, 32]);
  async function ask<T>(what: string, answer: () => T): Promise<T> {
    outside.interrupt();
    outside.asked.push(what);
    const said = answer();
    outside.interrupt();
    return said;
  }
  const hook = (id: number) => ({
    id,
    url: 'https://app',
    object: 'deal',
    action: 'change',
    active: true,
    user: null,
    ownerId: null,
    lastStatus: null,
    lastDeliveryAt: null,
  });
  const deps = {
    clock,
    logger: silentLogger,
    deadline: () => signal,
    unitOfWork,
    directory: createTenantDirectory(db),
    installations: createInstallationStore(from.vault),
    connections: createConnectionStore(from.vault),
    grants: createGrantStore(from.vault),
    removals: removalStore,
    findings: findingStore,
    audit: createAuditLog(from.vault),
    jobs: jobQueue,
    crm: {
      listWebhooks: () => ask('list webhooks', () => [...hooks].map(hook)),
      deleteWebhook: (_caller: unknown, id: number) =>
        ask(`delete webhook ${id}`, () => {
          if (!hooks.delete(id)) throw new NotFoundError('gone');
        }),
    },
    oauth: { revoke: (token: string) => ask(`revoke ${token}`, () => undefined) },
    leaveErpEvents: () => ask('leave SAP', () => true),
    closeErp: () => ask('sign out of SAP', () => undefined),
  };
  return { deps, outside, hooks };
}

/** An admin's and another user's. */
export async function addGrants({ vault }: TenantWorld, tenant: Tenant, clock: Clock): Promise<void> {
  await tenant.within(async (tx) => {
    for (const userId of [1, 2])
      await createGrantStore(vault).save(tx, {
        userId,
        userName: `user ${userId}`,
        isAdmin: userId === 1,
        kind: 'oauth',
        at: clock.now(),
        accessToken: `access ${userId}`,
        refreshToken: `refresh ${userId}`,
        expiresAt: clock.now(),
        scopes: ['base'],
      });
  });
}

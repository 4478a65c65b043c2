import { randomBytes, randomUUID } from 'node:crypto';
import { QUOTED_PRICES } from '../../domain/token-quotes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ConflictError } from '../../kernel/errors.ts';
import { type InstallationId, installationId } from '../../kernel/ids.ts';
import { settleGrantedScopes } from '../granted-scopes.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { CrmIdentity, TokenAnswer } from '../ports/crm.ts';
import type { CrmReadingStore } from '../ports/crm-readings.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { GrantKind, GrantStore, InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue, ParkedJobs } from '../ports/job-queue.ts';
import type { Vault } from '../ports/secrets.ts';
import type { TokenLedger } from '../ports/token-ledger.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { settleServiceAdmin } from '../service-admin.ts';
import { suspectGap } from '../suspect-gap.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

export interface CompleteInstallDeps {
  readonly clock: Clock;
  readonly clientId: string;
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly grants: GrantStore;
  readonly findings: FindingStore;
  readonly vault: Vault;
  readonly jobs: JobQueue;
  readonly parkedJobs: ParkedJobs;
  readonly readings: Pick<CrmReadingStore, 'suspect'>;
  readonly ledger: Pick<TokenLedger, 'add'>;
  readonly audit: AuditLog;
}

/**
 * Stores who installed, and for which company, in one transaction, and starts what follows. Installing again, or a second
 * user of the same company, adds to the installation that is there.
 */
export function makeCompleteInstall(deps: CompleteInstallDeps) {
  return async function completeInstall(
    tokens: TokenAnswer,
    identity: CrmIdentity,
    kind: GrantKind = 'oauth',
  ): Promise<{ redirectTo: string }> {
    const known = await deps.directory.findByCompany(identity.companyId);
    try {
      await store(known ?? installationId(randomUUID()));
    } catch (error) {
      // Two users of one company installed at the same moment: the other was faster, so this grant joins its installation.
      const other = error instanceof ConflictError ? await deps.directory.findByCompany(identity.companyId) : undefined;
      if (!other) throw error;
      await store(other);
    }
    return { redirectTo: `${tokens.apiDomain}/settings/marketplace/app/${deps.clientId}/app-settings` };

    async function store(id: InstallationId): Promise<void> {
      await deps.unitOfWork.within(id, (tx) => storeInstall(deps, tx, tokens, identity, kind));
    }
  };
}

async function storeInstall(
  deps: CompleteInstallDeps,
  tx: Tx,
  tokens: TokenAnswer,
  identity: CrmIdentity,
  kind: GrantKind,
): Promise<void> {
  const now = deps.clock.now();
  const { companyId, companyName, userId, userName, isAdmin } = identity;
  // First the grant, then the installation, as a refresh that ends does: neither then waits for the other.
  await deps.grants.lockByUser(tx, userId);
  await deps.installations.save(tx, { companyId, companyName, apiDomain: tokens.apiDomain, installedAt: now });
  await deps.vault.createDataKey(tx);
  if (!(await deps.installations.findWebhookSecret(tx))) {
    await deps.installations.setWebhookSecret(tx, randomBytes(32).toString('base64url'));
  }
  await deps.grants.save(tx, { userId, userName, isAdmin, kind, at: now, ...tokens });
  for (const subject of ['installation', `user:${userId}`])
    await deps.findings.resolve(tx, 'reconnect_pipedrive', subject, now);
  // Who it is was asked before there was anything to book it for.
  await deps.ledger.add(tx, now, { purpose: 'status', operation: 'getMe', tokens: QUOTED_PRICES.identity });
  await settleGrantedScopes(deps, tx, now);
  await settleServiceAdmin(deps, tx, now);
  await deps.parkedJobs.wakeWithin(tx, now);
  // Where access had been refused, notifications came to nothing.
  await suspectGap(deps, tx);
  await deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'person'));
  await deps.audit.append(tx, {
    verb: 'installed',
    source: { system: 'pipedrive', key: `company:${companyId}`, version: null },
    target: `user:${userId}`,
    before: null,
    after: { scopes: tokens.scopes, isAdmin, kind },
    runId: null,
    requestId: null,
    userId,
    at: now,
  });
}

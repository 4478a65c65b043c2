import type { InstallationId } from '../../kernel/ids.ts';

declare const brand: unique symbol;

/** A transaction of one installation. Only db knows what is inside; every query made with it sees that installation alone. */
export interface Tx {
  readonly [brand]: 'tx';
  readonly installationId: InstallationId;
}

export interface UnitOfWork {
  /** Everything done with `tx` commits together, or nothing does. The tenant is set for this transaction only. */
  within<T>(installationId: InstallationId, work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** What may be asked before the tenant is known. Each answers with ids alone. */
export interface TenantDirectory {
  /** @param hash SHA-256 of the secret in the webhook's path */
  findByWebhookSecret(hash: Uint8Array): Promise<InstallationId | undefined>;
  /** @param companyId Pipedrive's company id, as text */
  findByCompany(companyId: string): Promise<InstallationId | undefined>;
  /** Installations that are not uninstalled: what cron plans work for. */
  listDue(): Promise<readonly InstallationId[]>;
}

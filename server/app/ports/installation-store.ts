import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { Secret } from './secrets.ts';
import type { Tx } from './unit-of-work.ts';

export type InstallationStatus = 'active' | 'reauth_required' | 'uninstalled';

export interface Installation {
  readonly id: InstallationId;
  /** Pipedrive's company id, as text. */
  readonly companyId: string;
  readonly companyName: string;
  /** Origin without path, e.g. `https://acme.pipedrive.com`; refreshed with every token answer. */
  readonly apiDomain: string;
  readonly status: InstallationStatus;
  readonly installedAt: Date;
}

export interface InstallationStore {
  /** @throws {NotFoundError} */
  get(tx: Tx): Promise<Installation>;
  /** Makes the row for `tx.installationId`, or revives the one that is there. @throws {ConflictError} when the company has another one. */
  save(tx: Tx, values: Omit<Installation, 'id' | 'status' | 'installedAt'> & { installedAt: Date }): Promise<void>;
  setApiDomain(tx: Tx, apiDomain: string): Promise<void>;
  setStatus(tx: Tx, status: InstallationStatus): Promise<void>;
  /** The secret of the webhook path is kept encrypted, its SHA-256 beside it for the look-up. */
  setWebhookSecret(tx: Tx, secret: string): Promise<void>;
  findWebhookSecret(tx: Tx): Promise<Secret | undefined>;
  /** Erases secrets, links, settings, deliveries, findings and drafts, destroys the data key; keeps hand-off keys and the audit chain. */
  erase(tx: Tx): Promise<void>;
}

export interface Tokens {
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
  readonly expiresAt: Date;
  readonly scopes: readonly string[];
}

/** One user's OAuth tokens. */
export interface Grant {
  readonly userId: number;
  readonly userName: string;
  readonly isAdmin: boolean;
  readonly status: 'active' | 'refused';
  readonly tokens: Tokens;
}

export interface GrantStore {
  save(
    tx: Tx,
    grant: {
      userId: number;
      userName: string;
      isAdmin: boolean;
      accessToken: string;
      refreshToken: string;
      expiresAt: Date;
      scopes: readonly string[];
    },
  ): Promise<void>;
  findByUser(tx: Tx, userId: number): Promise<Grant | undefined>;
  /** An active admin's grant, else any active one. */
  findForService(tx: Tx): Promise<Grant | undefined>;
  /** Holds the row until the transaction ends: a refresh happens once, over all processes. */
  lockByUser(tx: Tx, userId: number): Promise<Grant | undefined>;
  replaceTokens(
    tx: Tx,
    userId: number,
    tokens: { accessToken: string; refreshToken: string; expiresAt: Date; scopes: readonly string[] },
  ): Promise<void>;
  setStatus(tx: Tx, userId: number, status: Grant['status']): Promise<void>;
  setAdmin(tx: Tx, userId: number, isAdmin: boolean): Promise<void>;
  remove(tx: Tx, userId: number): Promise<void>;
  list(tx: Tx): Promise<readonly { userId: number; userName: string; isAdmin: boolean; status: Grant['status'] }[]>;
}

/** What is trusted to be the customer's server. Certificates are PEM texts. */
export type Trust = { readonly kind: 'public' } | { readonly kind: 'pinned'; readonly certificates: readonly string[] };

export type ConnectionStatus = 'active' | 'password_refused' | 'certificate_changed' | 'disconnected';

export interface Connection {
  readonly id: ConnectionId;
  readonly label: string;
  /** `https://host:port/b1s/v2`, without a trailing slash. */
  readonly address: string;
  readonly companyDb: string;
  readonly userName: string;
  readonly trust: Trust;
  readonly status: ConnectionStatus;
  /** Times SAP refused the stored password since it was last accepted, over all processes. */
  readonly refusedPasswords: number;
  /** IANA name; the SAP company's own clock. */
  readonly timeZone: string;
  readonly localCurrency: string;
}

export interface ConnectionStore {
  create(
    tx: Tx,
    values: Pick<
      Connection,
      'id' | 'label' | 'address' | 'companyDb' | 'userName' | 'trust' | 'timeZone' | 'localCurrency'
    > & { password: string },
  ): Promise<void>;
  /** @throws {NotFoundError} */
  get(tx: Tx, id: ConnectionId): Promise<Connection>;
  /** Not the disconnected ones. */
  list(tx: Tx): Promise<readonly Connection[]>;
  /** The connection to that SAP company, disconnected or not: its links and cursors are of use again. */
  findByCompany(tx: Tx, companyDb: string): Promise<Connection | undefined>;
  openPassword(tx: Tx, id: ConnectionId): Promise<Secret>;
  /** New address, trust, user or password; the count of refused passwords starts again at 0 and the status is `active`. */
  replaceAccess(
    tx: Tx,
    id: ConnectionId,
    values: Pick<Connection, 'address' | 'companyDb' | 'userName' | 'trust' | 'timeZone' | 'localCurrency'> & {
      password: string;
    },
  ): Promise<void>;
  /**
   * With `disconnected` the password is forgotten. A disconnected connection stays so, whoever reports about it late.
   * @returns false then, and nothing has changed
   */
  setStatus(tx: Tx, id: ConnectionId, status: Exclude<ConnectionStatus, 'active'>): Promise<boolean>;
  /** Back to `active` from `certificate_changed`. @returns false when that is no longer its status */
  resume(tx: Tx, id: ConnectionId): Promise<boolean>;
  /** Adds one and gives the new count. */
  countRefusedPassword(tx: Tx, id: ConnectionId): Promise<number>;
  resetRefusedPasswords(tx: Tx, id: ConnectionId): Promise<void>;
}

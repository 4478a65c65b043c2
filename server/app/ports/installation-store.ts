import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { KnownCapabilities } from './erp-capabilities.ts';
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

/** One certificate that a person confirmed. */
export interface TrustSlot {
  /** SHA-256, upper-case hex pairs with colons. */
  readonly fingerprint: string;
  /** PEM text; null until a certificate with this fingerprint was looked at. */
  readonly pem: string | null;
}

/**
 * What is trusted to be the customer's server. `public`: any public authority, chain and name verified. `authority`: one or
 * more authorities of the customer's own (PEM text), chain and name verified. `pinned`: exactly these one to three.
 */
export type Trust =
  | { readonly kind: 'public' }
  | { readonly kind: 'authority'; readonly pem: string }
  | { readonly kind: 'pinned'; readonly slots: readonly TrustSlot[] };

/** What a proxy before SAP asks for, with its secrets. */
export interface ErpProxy {
  /** Sent with every request. */
  readonly header: { readonly name: string; readonly value: Pick<Secret, 'reveal'> } | null;
  /** PEM texts; shown in every TLS handshake. */
  readonly clientCertificate: { readonly pem: string; readonly key: Pick<Secret, 'reveal'> } | null;
}

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
  /** What is no secret of the proxy's demands; null: there are none. */
  readonly proxy: { readonly headerName: string | null; readonly clientCertificatePem: string | null } | null;
  /** What its system was found to be able to do; undefined: not asked yet. */
  readonly capabilities?: KnownCapabilities | undefined;
  /** When its server's certificate was last looked at, and until when that one is valid; null: not yet. */
  readonly look: { readonly at: Date; readonly validTo: Date } | null;
}

export interface ConnectionStore {
  create(
    tx: Tx,
    values: Pick<
      Connection,
      'id' | 'label' | 'address' | 'companyDb' | 'userName' | 'trust' | 'timeZone' | 'localCurrency'
    > & { password: string; proxy: ErpProxy | null },
  ): Promise<void>;
  /** @throws {NotFoundError} */
  get(tx: Tx, id: ConnectionId): Promise<Connection>;
  /** Not the disconnected ones. */
  list(tx: Tx): Promise<readonly Connection[]>;
  /** The connection to that SAP company, disconnected or not: its links and cursors are of use again. */
  findByCompany(tx: Tx, companyDb: string): Promise<Connection | undefined>;
  openPassword(tx: Tx, id: ConnectionId): Promise<Secret>;
  openProxy(tx: Tx, id: ConnectionId): Promise<ErpProxy | null>;
  /** New address, trust, user or password; the count of refused passwords starts again at 0 and the status is `active`. */
  replaceAccess(
    tx: Tx,
    id: ConnectionId,
    values: Pick<Connection, 'address' | 'companyDb' | 'userName' | 'trust' | 'timeZone' | 'localCurrency'> & {
      password: string;
      proxy: ErpProxy | null;
    },
  ): Promise<void>;
  /** The count of refused passwords starts again at 0; from `password_refused` back to `active`. @returns false when it is disconnected */
  setSignIn(tx: Tx, id: ConnectionId, values: { userName: string; password: string }): Promise<boolean>;
  /** Reads, and keeps others from changing it until the transaction ends. @throws {NotFoundError} */
  lock(tx: Tx, id: ConnectionId): Promise<Connection>;
  setTrust(tx: Tx, id: ConnectionId, trust: Trust): Promise<void>;
  setProxy(tx: Tx, id: ConnectionId, proxy: ErpProxy | null): Promise<void>;
  setLook(tx: Tx, id: ConnectionId, look: NonNullable<Connection['look']>): Promise<void>;
  /**
   * With `disconnected` all secrets are forgotten. A disconnected connection stays so, whoever reports about it late; and
   * while a new password is waited for, a report about the certificate changes nothing.
   * @returns false then, and nothing has changed
   */
  setStatus(tx: Tx, id: ConnectionId, status: Exclude<ConnectionStatus, 'active'>): Promise<boolean>;
  /** Back to `active` from `certificate_changed`. @returns false when that is no longer its status */
  resume(tx: Tx, id: ConnectionId): Promise<boolean>;
  /** Adds one and gives the new count. */
  countRefusedPassword(tx: Tx, id: ConnectionId): Promise<number>;
  resetRefusedPasswords(tx: Tx, id: ConnectionId): Promise<void>;
}

import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { KnownCapabilities } from './erp-capabilities.ts';
import type { Secret } from './secrets.ts';
import type { Tx } from './unit-of-work.ts';

/** `removing`: an admin or the operator has asked for everything to be erased, and that is under way. */
export type InstallationStatus = 'active' | 'reauth_required' | 'removing' | 'uninstalled';

export type SignatureRule = 'if-present' | 'required';

export interface Installation {
  readonly id: InstallationId;
  /** Pipedrive's company id, as text. */
  readonly companyId: string;
  readonly companyName: string;
  /** Origin without path, e.g. `https://acme.pipedrive.com`; refreshed with every token answer. */
  readonly apiDomain: string;
  readonly status: InstallationStatus;
  readonly installedAt: Date;
  /** Whether Pipedrive's notifications are taken without a signature; one that is there must be right either way. */
  readonly signature: SignatureRule;
}

export interface InstallationStore {
  /** @throws {NotFoundError} */
  get(tx: Tx): Promise<Installation>;
  /**
   * As `get`; and until the transaction ends nobody installs, and no grant is refreshed. For whoever ends an installation:
   * what they decide by must not change before it is done.
   */
  lock(tx: Tx): Promise<Installation>;
  /** Makes the row for `tx.installationId`, or revives the one that is there. @throws {ConflictError} when the company has another one. */
  save(tx: Tx, values: Omit<Installation, 'id' | 'status' | 'signature'>): Promise<void>;
  setApiDomain(tx: Tx, apiDomain: string): Promise<void>;
  setSignature(tx: Tx, rule: SignatureRule): Promise<void>;
  /** Shut, though not erased yet. */
  setUninstalled(tx: Tx): Promise<void>;
  /** No grant is good from now on. What is being removed, or is gone, stays so, whoever reports about it late. */
  waitForAccess(tx: Tx, now: Date): Promise<void>;
  /** The secret of the webhook path is kept encrypted, its SHA-256 beside it for the look-up. */
  setWebhookSecret(tx: Tx, secret: string): Promise<void>;
  findWebhookSecret(tx: Tx): Promise<Secret | undefined>;
  /** A new secret; the one of before is answered too until it is forgotten. */
  renewWebhookSecret(tx: Tx, secret: string): Promise<void>;
  hasOldWebhookSecret(tx: Tx): Promise<boolean>;
  forgetOldWebhookSecret(tx: Tx): Promise<void>;
  /**
   * Erases everything but hand-off keys, the audit chain and the bare row of the installation, and destroys the data key. May be
   * run again.
   * @returns how many rows there were to erase
   */
  erase(tx: Tx): Promise<number>;
}

export interface Tokens {
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
  readonly expiresAt: Date;
  readonly scopes: readonly string[];
}

/** `oauth`: the app was installed. `api_token`: a user's personal API token, for a self-hosted trial. */
export type GrantKind = 'oauth' | 'api_token';

/** One user's way into Pipedrive. */
export interface Grant {
  readonly userId: number;
  readonly userName: string;
  readonly isAdmin: boolean;
  readonly status: 'active' | 'refused';
  readonly kind: GrantKind;
  readonly tokens: Tokens;
  /** When this user last installed; null: before that was noted. */
  readonly grantedAt: Date | null;
  /** When tokens last came from Pipedrive. */
  readonly refreshedAt: Date;
  /** When Pipedrive last said whose grant it is, and in which company; null: it has to be asked before the grant is used. */
  readonly provenAt: Date | null;
  /** The company host of a token answer, until the company behind it is proven to be the same. */
  readonly pendingApiDomain: string | null;
  /** How often, in a row and with time in between, Pipedrive refused it without saying clearly that it is dead. */
  readonly doubts: number;
  readonly doubtedAt: Date | null;
}

/** A grant without its secrets. */
export type GrantFacts = Omit<Grant, 'tokens' | 'pendingApiDomain' | 'doubtedAt'> & {
  readonly scopes: readonly string[];
};

export interface NewTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: Date;
  readonly scopes: readonly string[];
}

export interface GrantStore {
  /** Makes it, or replaces all of it: it is active, proven, and nothing of it is doubted. */
  save(
    tx: Tx,
    grant: NewTokens & { userId: number; userName: string; isAdmin: boolean; kind: GrantKind; at: Date },
  ): Promise<void>;
  findByUser(tx: Tx, userId: number): Promise<Grant | undefined>;
  /** One that is not doubted first, then an admin's; active ones alone. */
  findForService(tx: Tx): Promise<Grant | undefined>;
  /** Holds the row until the transaction ends: a refresh happens once, over all processes. */
  lockByUser(tx: Tx, userId: number): Promise<Grant | undefined>;
  /**
   * What a refresh brought.
   * @param pendingApiDomain the company host that the answer named, where it is another than before
   */
  replaceTokens(tx: Tx, userId: number, tokens: NewTokens, pendingApiDomain: string | null, at: Date): Promise<void>;
  /** Pipedrive said whose it is: the doubts are over, and so is what was pending. */
  setProven(tx: Tx, userId: number, proof: { userName: string; isAdmin: boolean; at: Date }): Promise<void>;
  /** A doubted grant has to be proven before it is used again. */
  setDoubts(tx: Tx, userId: number, doubts: number, at: Date): Promise<void>;
  setStatus(tx: Tx, userId: number, status: Grant['status']): Promise<void>;
  setAdmin(tx: Tx, userId: number, isAdmin: boolean): Promise<void>;
  /** The access token counts as over and the grant as unproven: Pipedrive is asked for both before it is used again. */
  expire(tx: Tx, userId: number, now: Date): Promise<void>;
  remove(tx: Tx, userId: number): Promise<void>;
  list(tx: Tx): Promise<readonly GrantFacts[]>;
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

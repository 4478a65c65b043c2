import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { Trust } from './installation-store.ts';
import type { Secret } from './secrets.ts';

/** All that is needed to speak to one SAP company, as it stands now. */
export interface StoredErpAccess {
  /** `https://host:port/b1s/v2`, without a trailing slash. */
  readonly address: string;
  readonly companyDb: string;
  readonly userName: string;
  readonly password: Secret;
  readonly trust: Trust;
  readonly localCurrency: string;
  /** IANA name; decides what "today" is for validity ranges. */
  readonly timeZone: string;
  /** Any text that changes with address, company, user, password or trust: sessions and sockets of another one are dropped. */
  readonly version: string;
  /** Times SAP refused this sign-in since it was last accepted, over all processes. */
  readonly refusedPasswords: number;
}

/** A certificate that was shown, and what stands against it. */
export interface RefusedCertificate {
  /** SHA-256, upper-case hex pairs with colons. */
  readonly fingerprint: string;
  /** `expired` also for one that is not valid yet. */
  readonly fault: 'not_trusted' | 'expired' | 'wrong_name';
}

/** What the SAP client reads about a connection before each call, and what it has to report about it. */
export interface ErpAccessStore {
  /** @throws {NotFoundError} */
  load(installationId: InstallationId, connectionId: ConnectionId): Promise<StoredErpAccess>;
  /** SAP refused user or password. Gives the new count; from 2 on nothing is sent until a person enters new ones. */
  passwordRefused(installationId: InstallationId, connectionId: ConnectionId): Promise<number>;
  /** The sign-in worked after refusals: the count starts again at 0. */
  passwordAccepted(installationId: InstallationId, connectionId: ConnectionId): Promise<void>;
  /** The server shows a certificate that cannot be accepted. */
  certificateRefused(
    installationId: InstallationId,
    connectionId: ConnectionId,
    seen: RefusedCertificate,
  ): Promise<void>;
}

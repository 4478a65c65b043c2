import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { ErpCapabilities } from './erp-capabilities.ts';
import type { ErpProxy, Trust, TrustSlot } from './installation-store.ts';
import type { Secret } from './secrets.ts';

/** All that is needed to speak to one SAP company, as it stands now. */
export interface StoredErpAccess {
  /** `https://host:port/b1s/v2`, without a trailing slash. */
  readonly address: string;
  readonly companyDb: string;
  readonly userName: string;
  readonly password: Secret;
  readonly trust: Trust;
  readonly proxy: ErpProxy | null;
  readonly localCurrency: string;
  /** IANA name; decides what "today" is for validity ranges. */
  readonly timeZone: string;
  /** What the system was found to be able to do when it was last asked. */
  readonly capabilities?: ErpCapabilities | undefined;
  /** Any text that changes with address, company, user, password, trust or proxy: sessions and sockets of another one are dropped. */
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

export type FilledSlot = TrustSlot & { readonly pem: string };

/** What the SAP client reads about a connection before each call, and what it has to report about it. */
export interface ErpAccessStore {
  /** @throws {NotFoundError} */
  load(installationId: InstallationId, connectionId: ConnectionId): Promise<StoredErpAccess>;
  /**
   * SAP refused user or password. Gives the new count; from 2 on nothing is sent until a person enters new ones.
   * @param version of the access that was refused: of an older one nothing is counted
   */
  passwordRefused(installationId: InstallationId, connectionId: ConnectionId, version: string): Promise<number>;
  /** The sign-in worked after refusals: the count starts again at 0. */
  passwordAccepted(installationId: InstallationId, connectionId: ConnectionId, version: string): Promise<void>;
  /** SAP gives sessions and does not know them afterwards, several times in a row. */
  sessionRefused(installationId: InstallationId, connectionId: ConnectionId): Promise<void>;
  /** A session was of use again. */
  sessionAccepted(installationId: InstallationId, connectionId: ConnectionId): Promise<void>;
  /**
   * The server shows a certificate that cannot be accepted.
   * @param version of the access it was refused under: a report about an older one changes nothing
   */
  certificateRefused(
    installationId: InstallationId,
    connectionId: ConnectionId,
    seen: RefusedCertificate,
    version: string,
  ): Promise<void>;
  /** The server showed a certificate that was confirmed by its fingerprint alone: its text is kept from now on. */
  certificateFilled(installationId: InstallationId, connectionId: ConnectionId, slot: FilledSlot): Promise<void>;
}

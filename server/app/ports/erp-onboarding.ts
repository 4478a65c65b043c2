import type { RefusedCertificate } from './erp-access.ts';
import type { ErpProxy, Trust } from './installation-store.ts';

/** What a server shows of itself before anything is trusted. */
export interface SeenCertificate {
  /** SHA-256, upper-case hex pairs with colons. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly pem: string;
}

/** A server, what is trusted to be it, and what a proxy before it asks for. */
export interface ErpServer {
  /** As `checkAddress` gives it. */
  readonly address: string;
  readonly trust: Trust;
  readonly proxy: ErpProxy | null;
}

export interface ErpAccess extends ErpServer {
  readonly companyDb: string;
  readonly userName: string;
  readonly password: string;
}

/** What a server shows, and what stands against it under the trust it was looked at with; null: nothing. */
export interface CertificateLook {
  readonly fault: RefusedCertificate['fault'] | null;
  readonly certificate: SeenCertificate;
}

/** What happens before a connection exists, and what needs no sign-in afterwards. */
export interface ErpOnboarding {
  /**
   * Checks form, port and network of a typed address, and gives its normal form `https://host:port/b1s/v2`.
   * @throws {InvalidInputError} with a sentence that says what is wrong and who can fix it
   */
  checkAddress(typed: string): Promise<string>;
  /**
   * Reads pasted PEM text: authorities, or the certificate of one server (whatever follows it is left out).
   * @throws {InvalidInputError}
   */
  readTrust(pem: string): { kind: 'authority'; pem: string } | { kind: 'server'; fingerprint: string; pem: string };
  /** @throws {InvalidInputError} for a header that is not ours to give, or a key that does not belong to its certificate */
  checkProxy(proxy: ErpProxy): void;
  /** Opens a TLS connection, sends nothing. @throws {UnavailableError} when there is no TLS to look at */
  lookAtCertificate(server: ErpServer, signal: AbortSignal): Promise<CertificateLook>;
  /**
   * Signs in once and reads what the connection needs to know; logs out again. The password goes out only after the
   * certificate was checked.
   * @throws {InvalidInputError} one sentence each for a wrong company (where SAP tells), user or password, licence, certificate
   * @throws {UnavailableError}
   */
  tryAccess(
    access: ErpAccess,
    signal: AbortSignal,
  ): Promise<{ companyName: string; localCurrency: string; timeZone: string; version: string }>;
}

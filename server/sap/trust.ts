import { createHash, X509Certificate } from 'node:crypto';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { FilledSlot, RefusedCertificate } from '../app/ports/erp-access.ts';
import type { ErpProxy, Trust } from '../app/ports/installation-store.ts';

/** SHA-256 of a certificate, upper-case hex pairs with colons. */
export function fingerprintOf(der: Uint8Array): string {
  const hex = createHash('sha256').update(der).digest('hex').toUpperCase();
  return hex.match(/../g)?.join(':') ?? hex;
}

/** The certificate the server shows is not one of those a person confirmed. */
export class CertificateNotPinnedError extends Error {
  readonly code = 'CERT_NOT_PINNED';
}

/** How a server has to prove itself. */
export interface Verification {
  readonly tls: ConnectionOptions;
  /** Called after OpenSSL has accepted the chain; undefined: this is the server we mean. */
  readonly judge: (host: string, shown: X509Certificate) => Error | undefined;
}

/** Said here, so that neither Node's defaults nor its command line (`--tls-min-v1.0`, `--tls-cipher-list`) decide. */
const ALWAYS: ConnectionOptions = {
  rejectUnauthorized: true,
  minVersion: 'TLSv1.2',
  // Without the first three Node would leave TLS 1.3 out.
  ciphers:
    'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:HIGH:!aNULL:!eNULL:!EXPORT:!DES:!3DES:!RC4:!MD5:!PSK:!SRP:!CAMELLIA',
  minDHSize: 2048,
};

/**
 * The verification for one trust setting; it is never off, whatever the environment says.
 *
 * Pinned: the confirmed certificates are the only anchors, and the leaf must be one of them: a certificate that a pinned
 * one has signed is not enough. Name and issuer no longer matter then, validity does: OpenSSL refuses an expired one. A
 * slot without its certificate accepts nothing yet.
 * Authority: the customer's own is the only anchor; the name is checked as usual.
 * Public: the platform's authorities (`authorities` replaces them in tests) and the usual check of the name.
 */
export function verificationFor(
  trust: Trust,
  clientCertificate: ErpProxy['clientCertificate'],
  authorities?: readonly string[],
): Verification {
  const shown = clientCertificate ? { cert: clientCertificate.pem, key: clientCertificate.key.reveal() } : {};
  const tls: ConnectionOptions = { ...ALWAYS, ...shown };
  switch (trust.kind) {
    case 'public':
      return { tls: authorities ? { ...tls, ca: [...authorities] } : tls, judge: judgeName };
    case 'authority':
      // Partial: an authority that was itself issued by another is an anchor too.
      return { tls: { ...tls, ca: splitPem(trust.pem), allowPartialTrustChain: true }, judge: judgeName };
    case 'pinned':
      return pinnedTo(
        trust.slots.flatMap(({ pem }) => pem ?? []),
        tls,
      );
    default:
      return trust satisfies never;
  }
}

function judgeName(host: string, shown: X509Certificate): Error | undefined {
  return checkServerIdentity(host, shown.toLegacyObject());
}

function pinnedTo(certificates: readonly string[], tls: ConnectionOptions): Verification {
  const confirmed = new Set(certificates.map((pem) => fingerprintOf(new X509Certificate(pem).raw)));
  return {
    tls: { ...tls, ca: [...certificates], allowPartialTrustChain: true },
    judge: (_host, shown) =>
      confirmed.has(fingerprintOf(shown.raw))
        ? undefined
        : new CertificateNotPinnedError('not a confirmed certificate'),
  };
}

/** Each certificate of a PEM text by itself. */
export function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** The slot that waited for this certificate, and the trust with it filled; undefined when none did. */
export function fillSlot(trust: Trust, shown: X509Certificate): { trust: Trust; slot: FilledSlot } | undefined {
  if (trust.kind !== 'pinned') return undefined;
  const fingerprint = fingerprintOf(shown.raw);
  const slot = { fingerprint, pem: shown.toString() };
  if (!trust.slots.some((one) => one.pem === null && one.fingerprint === fingerprint)) return undefined;
  const slots = trust.slots.map((one) => (one.fingerprint === fingerprint ? slot : one));
  return { trust: { kind: 'pinned', slots }, slot };
}

export type CertificateFault = RefusedCertificate['fault'];

/** What OpenSSL or we have against a certificate; undefined when the failure is about something else. */
export function certificateFault(error: unknown): CertificateFault | undefined {
  switch (codeOf(error)) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'expired';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'wrong_name';
    case 'CERT_NOT_PINNED':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_SIGNATURE_FAILURE':
    case 'CERT_UNTRUSTED':
    case 'CERT_REJECTED':
    case 'CERT_REVOKED':
    case 'CERT_CHAIN_TOO_LONG':
    case 'INVALID_CA':
    case 'INVALID_PURPOSE':
    case 'PATH_LENGTH_EXCEEDED':
      return 'not_trusted';
    default:
      return undefined;
  }
}

/** The `code` that Node hangs on system and TLS errors. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

import { createHash, X509Certificate } from 'node:crypto';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { RefusedCertificate } from '../app/ports/erp-access.ts';
import type { Trust } from '../app/ports/installation-store.ts';

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

/**
 * The verification for one trust setting; it is never off, whatever the environment says.
 *
 * Pinned: the confirmed certificates are the only anchors, and the leaf must be one of them: a certificate that a pinned
 * one has signed is not enough. Name and issuer no longer matter then, validity does: OpenSSL refuses an expired one.
 * Public: the platform's authorities (`authorities` replaces them in tests) and the usual check of the name.
 */
export function verificationFor(trust: Trust, authorities?: readonly string[]): Verification {
  const always: ConnectionOptions = { rejectUnauthorized: true, minVersion: 'TLSv1.2' };
  if (trust.kind === 'public') {
    return {
      tls: authorities ? { ...always, ca: [...authorities] } : always,
      judge: (host, shown) => checkServerIdentity(host, shown.toLegacyObject()),
    };
  }
  const confirmed = new Set(trust.certificates.map((pem) => fingerprintOf(new X509Certificate(pem).raw)));
  return {
    tls: { ...always, ca: [...trust.certificates], allowPartialTrustChain: true },
    judge: (_host, shown) =>
      confirmed.has(fingerprintOf(shown.raw))
        ? undefined
        : new CertificateNotPinnedError('not a confirmed certificate'),
  };
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

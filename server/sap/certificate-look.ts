import type { X509Certificate } from 'node:crypto';
import type { SeenCertificate } from '../app/ports/erp.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { startDeadline } from '../net/deadline.ts';
import { CONNECT_LIMIT_MS, type ConnectorOptions, ForbiddenNetworkError, openTls } from './connector.ts';
import { certificateFault, codeOf, fingerprintOf } from './trust.ts';

export type Look = { readonly trusted: true } | { readonly trusted: false; readonly certificate: SeenCertificate };

/**
 * Shows what a server presents, with verification on: the certificate is read while the handshake ends, and a connection
 * to one that nobody vouches for is then refused as it should be. Nothing is sent either way.
 * @throws {UnavailableError} when there is no TLS to look at
 */
export function lookAtCertificate(
  host: string,
  port: number,
  options: ConnectorOptions,
  signal: AbortSignal,
): Promise<Look> {
  const deadline = startDeadline(CONNECT_LIMIT_MS, signal);
  return new Promise<Look>((resolve, reject) => {
    const { socket, shown } = openTls(host, port, options);
    const onAbort = () => socket.destroy(new Error('no certificate in time'));
    deadline.signal.addEventListener('abort', onAbort, { once: true });
    socket.once('secureConnect', () => {
      socket.destroy();
      resolve({ trusted: true });
    });
    socket.once('error', (error) => {
      const seen = shown();
      if (seen && certificateFault(error)) resolve({ trusted: false, certificate: describe(seen) });
      else reject(new UnavailableError(sentenceFor(error), { cause: error }));
    });
  }).finally(() => deadline.clear());
}

function describe(certificate: X509Certificate): SeenCertificate {
  return {
    fingerprint: fingerprintOf(certificate.raw),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    pem: certificate.toString(),
  };
}

function oneLine(name: string): string {
  return name.split('\n').join(', ').slice(0, 500);
}

export const UNKNOWN_NAME = 'No server is known by this name. Check the address with your SAP administrator.';

/** Coarse on purpose: the form must not tell what else stands behind an address. */
export function sentenceFor(error: unknown): string {
  if (error instanceof ForbiddenNetworkError) {
    return 'The name of this server leads into a network that this app may not reach. Ask your network administrator for its public address.';
  }
  if (codeOf(error) === 'ENOTFOUND' || codeOf(error) === 'EAI_AGAIN') {
    return UNKNOWN_NAME;
  }
  return 'No SAP Service Layer answers at this address. Your SAP administrator can check that it runs and that the firewall lets us in.';
}

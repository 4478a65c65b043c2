import type { X509Certificate } from 'node:crypto';
import type { CertificateLook, SeenCertificate } from '../app/ports/erp-onboarding.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { startDeadline } from '../net/deadline.ts';
import { CONNECT_LIMIT_MS, type ConnectorOptions, ForbiddenNetworkError, openTls } from './connector.ts';
import { type CertificateFault, certificateFault, codeOf, fillSlot, fingerprintOf } from './trust.ts';

/**
 * Shows what a server presents, with verification on: the certificate is read while the handshake ends, and a connection
 * to one that cannot be accepted is then refused as it should be. Nothing is sent either way. A slot that knew only the
 * fingerprint of what is shown counts as filled.
 * @throws {UnavailableError} when there is no TLS to look at
 */
export async function lookAtCertificate(
  host: string,
  port: number,
  options: ConnectorOptions,
  signal: AbortSignal,
): Promise<CertificateLook> {
  const first = await shake(host, port, options, signal);
  const filled = first.fault ? fillSlot(options.trust, first.certificate) : undefined;
  const { fault, certificate } = filled ? await shake(host, port, { ...options, trust: filled.trust }, signal) : first;
  // Of several faults OpenSSL names the date last, so one that could not be confirmed anyway is never "not trusted".
  return { fault, certificate: describe(certificate) };
}

interface Shown {
  readonly fault: CertificateFault | null;
  readonly certificate: X509Certificate;
}

function shake(host: string, port: number, options: ConnectorOptions, signal: AbortSignal): Promise<Shown> {
  const deadline = startDeadline(options.connectLimitMs ?? CONNECT_LIMIT_MS, signal);
  return new Promise<Shown>((resolve, reject) => {
    const { socket, shown } = openTls(host, port, options);
    const onAbort = () => socket.destroy(new Error('no certificate in time'));
    const end = (error: Error | undefined) => {
      const certificate = shown();
      const fault = error ? certificateFault(error) : null;
      if (certificate && fault !== undefined) resolve({ fault, certificate });
      else reject(error ?? new Error('no certificate'));
    };
    deadline.signal.addEventListener('abort', onAbort, { once: true });
    if (deadline.signal.aborted) onAbort();
    socket.once('secureConnect', () => {
      socket.destroy();
      end(undefined);
    });
    socket.once('error', end);
  })
    .catch((error: unknown) => {
      throw new UnavailableError(sentenceFor(error), { cause: error });
    })
    .finally(() => deadline.clear());
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

/** One sentence for a name that nobody knows and for one that leads inside: what our own network knows is not told. */
export const UNREACHABLE_NAME =
  'No server that this app may reach is known by this name. Ask your SAP administrator for its exact public name.';

/** Coarse on purpose: the form must not tell what else stands behind an address. */
export function sentenceFor(error: unknown): string {
  if (error instanceof ForbiddenNetworkError || codeOf(error) === 'ENOTFOUND' || codeOf(error) === 'EAI_AGAIN') {
    return UNREACHABLE_NAME;
  }
  return 'No SAP Service Layer answers at this address. Your SAP administrator can check that it runs and that the firewall lets us in.';
}

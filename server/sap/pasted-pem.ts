import { X509Certificate } from 'node:crypto';
import { InvalidInputError } from '../kernel/errors.ts';
import { fingerprintOf, splitPem } from './trust.ts';

const MOST_AUTHORITIES = 10;

export type PastedPem =
  | { readonly kind: 'authority'; readonly pem: string }
  | { readonly kind: 'server'; readonly fingerprint: string; readonly pem: string };

/**
 * Reads pasted PEM text: the customer's authorities, or one server's certificate, of which a chain that follows is left out.
 * @throws {InvalidInputError}
 */
export function readPastedPem(text: string): PastedPem {
  if (/PRIVATE KEY/.test(text)) {
    throw wrong(
      'pem_key',
      'This is a private key. Paste the certificate only, and treat this key as no longer secret.',
    );
  }
  const certificates = splitPem(text).map(parse);
  const [first] = certificates;
  if (!first || certificates.length > MOST_AUTHORITIES) throw unreadable();
  if (!first.ca) return { kind: 'server', fingerprint: fingerprintOf(first.raw), pem: first.toString() };
  return { kind: 'authority', pem: certificates.filter(({ ca }) => ca).join('') };
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw unreadable();
  }
}

function unreadable(): InvalidInputError {
  return wrong('pem_form', 'This is not readable as a certificate. It begins with -----BEGIN CERTIFICATE-----.');
}

function wrong(code: string, message: string): InvalidInputError {
  return new InvalidInputError([{ code, message, at: 'pastedPem' }]);
}

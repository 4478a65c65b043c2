import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ErpProxy } from '../app/ports/installation-store.ts';
import { InvalidInputError, type Problem } from '../kernel/errors.ts';

/** RFC 9110 token. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** Visible ASCII and single blanks inside: what every proxy reads the same way. */
const VALUE = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/;
/**
 * Headers that say how a message is framed, whose it is or what SAP is to do with it. `authorization` is free: Service Layer
 * has a session cookie, so a proxy may have it.
 */
const OURS =
  /^(host|cookie2?|set-cookie2?|connection|keep-alive|proxy-connection|transfer-encoding|te|trailer|upgrade|expect|user-agent|accept(-.*)?|content-.*|if-.*|prefer|odata-.*|(max)?dataserviceversion|b1s-.*|x-http-method.*|x-method-override|sec-.*|range)$/i;

/** @throws {InvalidInputError} for a header that is not a proxy's to ask for, or a key that does not belong to its certificate */
export function checkProxy({ header, clientCertificate }: ErpProxy): void {
  const problems = [
    ...(header ? headerProblems(header.name, header.value.reveal()) : []),
    ...(clientCertificate ? certificateProblems(clientCertificate.pem, clientCertificate.key.reveal()) : []),
  ];
  if (problems.length > 0) throw new InvalidInputError(problems);
}

function* headerProblems(name: string, value: string): Generator<Problem> {
  if (!TOKEN.test(name) || OURS.test(name)) {
    yield {
      code: 'header_name',
      message: 'This name cannot be used for the extra header. Ask whoever runs the proxy for its exact name.',
      at: 'proxy.header.name',
    };
  }
  if (!VALUE.test(value)) {
    yield {
      code: 'header_value',
      message: 'The value of the extra header may hold letters, digits and signs of plain English only, on one line.',
      at: 'proxy.header.value',
    };
  }
}

function* certificateProblems(pem: string, keyPem: string): Generator<Problem> {
  const problem = problemOfPair(pem, keyPem);
  if (problem) yield { ...problem, at: 'proxy.clientCertificate' };
}

function problemOfPair(pem: string, keyPem: string): Problem | undefined {
  try {
    const key = createPrivateKey(keyPem);
    if (!new X509Certificate(pem).checkPrivateKey(key)) {
      return { code: 'client_key', message: 'The key does not belong to this client certificate.' };
    }
    // OpenSSL's own rules come on top, e.g. keys that are too short.
    createSecureContext({ cert: pem, key: keyPem });
    return undefined;
  } catch {
    return {
      code: 'client_certificate',
      message: 'Client certificate and key must both be PEM text, the key without a passphrase.',
    };
  }
}

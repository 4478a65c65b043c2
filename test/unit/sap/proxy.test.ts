import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ErpProxy } from '../../../server/app/ports/installation-store.ts';
import { InvalidInputError } from '../../../server/kernel/errors.ts';
import { readPastedPem } from '../../../server/sap/pasted-pem.ts';
import { checkProxy } from '../../../server/sap/proxy.ts';
import { type Identity, makeIdentity } from '../../integration/sap/tls-fake.ts';

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ code }) => code);
    throw error;
  }
}

const withHeader = (name: string, value: string): ErpProxy => ({
  header: { name, value: { reveal: () => value } },
  clientCertificate: null,
});

describe('the extra header', () => {
  it.each(['Authorization', 'X-Gateway-Key', 'ocp-apim-subscription-key', 'CF-Access-Client-Secret'])(
    'may be %s',
    (name) => {
      expect(problemsOf(() => checkProxy(withHeader(name, 'Basic dXNlcjpwYXNz')))).toEqual([]);
    },
  );

  it.each([
    ...['Host', 'cookie', 'Set-Cookie', 'Connection', 'Keep-Alive', 'Proxy-Connection', 'Transfer-Encoding', 'TE'],
    ...['Trailer', 'Upgrade', 'Expect', 'User-Agent', 'Accept', 'Accept-Encoding', 'Content-Length', 'Content-Type'],
    ...['If-Match', 'Prefer', 'B1S-PageSize', 'B1S-ReplaceCollectionsOnPatch', 'X-HTTP-Method-Override', 'Range'],
    ...['', 'X Y', 'X:Y', 'X\r\nCookie', 'Größe', '__proto__ ', 'x'.repeat(101)],
  ])('is never %j', (name) => {
    expect(problemsOf(() => checkProxy(withHeader(name, 'x')))).toEqual(['header_name']);
  });

  it.each(['', ' x', 'x ', 'a\r\nb', 'a\u0000b', 'ä', 'a\tb'])('has no value like %j', (value) => {
    expect(problemsOf(() => checkProxy(withHeader('X-Gateway', value)))).toEqual(['header_value']);
  });
});

describe('certificates that are pasted', () => {
  let own: Identity;
  let other: Identity;
  let authority: Identity;
  beforeAll(async () => {
    [own, other] = [await makeIdentity(), await makeIdentity()];
    authority = await makeIdentity({ authority: true });
  });
  const client = (pem: string, key: string): ErpProxy => ({
    header: null,
    clientCertificate: { pem, key: { reveal: () => key } },
  });

  it('as a client’s must belong to their key', () => {
    expect(problemsOf(() => checkProxy(client(own.cert, own.key)))).toEqual([]);
    expect(problemsOf(() => checkProxy(client(own.cert, other.key)))).toEqual(['client_key']);
    for (const [pem, key] of [
      [own.cert, 'no key'],
      ['no certificate', own.key],
      [own.key, own.cert],
    ] as const) {
      expect(problemsOf(() => checkProxy(client(pem, key)))).toEqual(['client_certificate']);
    }
  });

  it('are an authority’s, or one server’s with what follows left out', () => {
    expect(readPastedPem(`Root\n${authority.cert}`)).toMatchObject({ kind: 'authority' });
    expect(readPastedPem(own.cert + authority.cert)).toMatchObject({ kind: 'server', fingerprint: own.fingerprint });
    const both = readPastedPem(authority.cert + own.cert);
    expect(both).toMatchObject({ kind: 'authority' });
    expect(both.pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    expect(new X509Certificate(both.pem).fingerprint256).toBe(new X509Certificate(authority.cert).fingerprint256);
  });

  it.each([
    ['', 'pem_form'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'pem_form'],
    ['-----BEGIN EC PRIVATE KEY-----', 'pem_key'],
  ])('are not %j', (text, code) => {
    expect(problemsOf(() => readPastedPem(text))).toEqual([code]);
  });

  it('are not a whole store of authorities', () => {
    expect(problemsOf(() => readPastedPem(authority.cert.repeat(11)))).toEqual(['pem_form']);
  });
});

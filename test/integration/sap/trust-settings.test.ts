import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FilledSlot } from '../../../server/app/ports/erp-access.ts';
import type { Trust } from '../../../server/app/ports/installation-store.ts';
import { readPastedPem } from '../../../server/sap/pasted-pem.ts';
import { pinnedTo } from '../../support/trust.ts';
import { type Identity, makeIdentity, startTlsFake } from './tls-fake.ts';
import { readClientHello, startPlainServer, type WireTo, wire } from './wire-bench.ts';

const DAY = 86_400_000;
let authority: Identity;
let leaf: Identity;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  authority = await makeIdentity({ commonName: 'Own authority', authority: true });
  leaf = await makeIdentity({ signedBy: authority });
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function serve(identity: Identity, tls: Parameters<typeof startTlsFake>[2] = {}) {
  const server = await startTlsFake(identity, (_heard, response) => response.end('7'), tls);
  closing.push(server.close);
  return server;
}

/** A transport that keeps what it is told. */
function watched(to: WireTo) {
  const refused: string[] = [];
  const filled: FilledSlot[] = [];
  const line = wire({
    ...to,
    options: {
      onRefusedCertificate: (fingerprint) => refused.push(fingerprint),
      onFilledSlot: async (slot) => {
        filled.push(slot);
      },
      ...to.options,
    },
  });
  closing.push(line.close);
  return { ...line, refused, filled };
}

const known = (...fingerprints: readonly string[]): Trust => ({
  kind: 'pinned',
  slots: fingerprints.map((fingerprint) => ({ fingerprint, pem: null })),
});
const authorityOf = (pem: string): Trust => {
  const pasted = readPastedPem(pem);
  if (pasted.kind !== 'authority') throw new Error('not an authority');
  return pasted;
};

describe('an authority of the customer’s own (SE-08)', () => {
  it('vouches for what it issued, renewed or not, under the right name', async () => {
    const server = await serve(leaf);
    const { ask, refused } = watched({
      port: server.port,
      host: 'sap.example.com',
      trust: authorityOf(authority.cert),
    });
    await expect(ask()).resolves.toMatchObject({ status: 200 });
    server.show(await makeIdentity({ signedBy: authority }));
    server.cut();
    await expect.poll(server.open).toBe(0);
    await expect(ask()).resolves.toMatchObject({ status: 200 });
    expect(refused).toEqual([]);
  });

  it('not under another name, and not for what another authority of the same name issued', async () => {
    const twin = await makeIdentity({ commonName: 'Own authority', authority: true });
    const strange = await serve(await makeIdentity({ signedBy: twin }));
    const other = watched({ port: strange.port, host: 'sap.example.com', trust: authorityOf(authority.cert) });
    await expect(other.ask()).rejects.toMatchObject({ left: false });
    expect(other.refused).toHaveLength(1);
    const server = await serve(leaf);
    const misnamed = watched({ port: server.port, host: 'other.example.com', trust: authorityOf(authority.cert) });
    await expect(misnamed.ask()).rejects.toMatchObject({
      left: false,
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect([...strange.heard, ...server.heard]).toEqual([]);
  });
});

describe('a slot that knows only a fingerprint', () => {
  it('is filled by the certificate that matches, kept, and only then the request goes out', async () => {
    const server = await serve(leaf);
    const steps: string[] = [];
    const { ask, filled } = watched({
      port: server.port,
      trust: known(leaf.fingerprint),
      options: {
        onFilledSlot: async (slot) => {
          filled.push(slot);
          steps.push(`kept, heard ${server.heard.length}`);
        },
      },
    });
    await ask();
    await ask();
    expect(filled).toEqual([{ fingerprint: leaf.fingerprint, pem: leaf.cert.replace(/\r?\n?$/, '\n') }]);
    expect(steps).toEqual(['kept, heard 0']);
    expect(server.heard).toHaveLength(2);
    expect(server.connections()).toBe(2);
  });

  it('sends nothing when the certificate cannot be kept', async () => {
    const server = await serve(leaf);
    const onFilledSlot = () => Promise.reject(new Error('database away'));
    const { ask } = watched({ port: server.port, trust: known(leaf.fingerprint), options: { onFilledSlot } });
    await expect(ask()).rejects.toMatchObject({ left: false });
    expect(server.heard).toEqual([]);
  });

  it('accepts no other certificate, and an expired one neither', async () => {
    const old = await makeIdentity({ from: new Date(Date.now() - 9 * DAY), to: new Date(Date.now() - DAY) });
    const server = await serve(old);
    const stranger = watched({ port: server.port, trust: known(leaf.fingerprint) });
    await expect(stranger.ask()).rejects.toMatchObject({ left: false });
    expect(stranger.filled).toEqual([]);
    expect(stranger.refused).toEqual([old.fingerprint]);
    const expired = watched({ port: server.port, trust: known(old.fingerprint) });
    await expect(expired.ask()).rejects.toMatchObject({ left: false, cause: { code: 'CERT_HAS_EXPIRED' } });
    expect(server.heard).toEqual([]);
  });

  it('SE-08: known beforehand, a change of certificate stops nothing', async () => {
    const next = await makeIdentity();
    const server = await serve(leaf);
    const { ask, filled, refused } = watched({ port: server.port, trust: known(leaf.fingerprint, next.fingerprint) });
    await ask();
    server.show(next);
    server.cut();
    await expect.poll(server.open).toBe(0);
    await ask();
    server.show(leaf);
    server.cut();
    await expect.poll(server.open).toBe(0);
    await ask();
    expect(server.heard).toHaveLength(3);
    expect(filled).toHaveLength(2);
    expect(refused).toEqual([]);
  });
});

describe('servers that are not what they should be (5.6)', () => {
  it('15: a certificate that changes on every connection is refused each time, and hears nothing', async () => {
    const server = await serve(leaf);
    const { ask, refused } = watched({ port: server.port, trust: pinnedTo(authority.cert) });
    for (let round = 0; round < 3; round += 1) {
      server.show(await makeIdentity());
      await expect(ask()).rejects.toMatchObject({ left: false });
    }
    expect(new Set(refused).size).toBe(3);
    expect(server.heard).toEqual([]);
  });

  it('15: a chain of hundreds of kilobytes', async () => {
    const chain = [leaf.cert, ...Array<string>(600).fill(authority.cert)].join('\n');
    expect(chain.length).toBeGreaterThan(300_000);
    const server = await serve({ ...leaf, cert: chain });
    const { ask } = watched({ port: server.port, trust: pinnedTo(leaf.cert) });
    await expect(ask()).rejects.toMatchObject({ left: false });
    expect(server.heard).toEqual([]);
  });

  it.each([
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['ciphers without authentication', { maxVersion: 'TLSv1.2', ciphers: 'aNULL@SECLEVEL=0', dhparam: 'auto' }],
    ['ciphers without encryption', { maxVersion: 'TLSv1.2', ciphers: 'eNULL@SECLEVEL=0' }],
  ] as const)('SE-10: one that has only %s is refused', async (_what, tls) => {
    const server = await serve(leaf, tls);
    const { ask } = watched({ port: server.port, trust: pinnedTo(leaf.cert) });
    await expect(ask()).rejects.toMatchObject({ left: false });
    expect(server.heard).toEqual([]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('SE-10: one that has only %s is fine', async (version) => {
    const server = await serve(leaf, { minVersion: version, maxVersion: version });
    const { ask } = watched({ port: server.port, trust: pinnedTo(leaf.cert) });
    await expect(ask()).resolves.toMatchObject({ status: 200 });
  });
});

describe('what is offered in a handshake', () => {
  async function hello() {
    const heard: Buffer[] = [];
    const plain = await startPlainServer((socket, bytes) => {
      heard.push(bytes);
      socket.destroy();
    });
    closing.push(plain.close);
    const { ask } = watched({ port: plain.port, trust: pinnedTo(leaf.cert) });
    await expect(ask()).rejects.toThrow();
    return readClientHello(heard[0] ?? Buffer.alloc(0));
  }

  it('SE-10: TLS 1.2 and 1.3 with no weak cipher, whatever the command line says', async () => {
    const { suites, extensions } = await hello();
    expect(extensions.get(43)?.toString('hex')).toBe('0403040303');
    // IANA numbers: NULL, EXPORT, RC4, DES, 3DES, anonymous and MD5 are below 0x2f or named here; PSK and Camellia too.
    const weak = suites.filter((suite) => suite < 0x2f && suite !== 0xff);
    const named = [0xc006, 0xc007, 0xc008, 0xc010, 0xc011, 0xc012, 0xc015, 0xc016, 0xc017, 0xc018, 0xc019, 0x3b, 0x34];
    expect([...weak, ...suites.filter((suite) => named.includes(suite))]).toEqual([]);
    expect(suites).toEqual(expect.arrayContaining([0x1301, 0x1302, 0xc02b, 0xc02f]));
  });

  it('SE-09: no earlier session is taken up: each socket shows its certificate', async () => {
    expect((await hello()).extensions.has(41)).toBe(false);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const server = await serve(leaf, { maxVersion });
      const { ask } = watched({ port: server.port, trust: pinnedTo(leaf.cert) });
      for (let round = 0; round < 4; round += 1) {
        await ask();
        server.cut();
        await expect.poll(server.open).toBe(0);
      }
      expect(server.connections()).toBe(4);
      expect(server.resumed()).toBe(0);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReauthRequiredError } from '../../../server/kernel/errors.ts';
import { createTransport } from '../../../server/sap/exchange.ts';
import { wireOptions } from '../../../server/sap/wire-options.ts';
import { pinnedTo } from '../../support/trust.ts';
import { connectErp, connectTo, type Sap, startSap } from './sap-bench.ts';
import { type Identity, makeIdentity, startTlsFake, welcome } from './tls-fake.ts';

const DAY = 86_400_000;

describe('a pinned certificate (SE-07, SE-08, SE-09)', () => {
  let home: Sap;
  let impostor: Sap;
  beforeAll(async () => {
    home = await startSap();
    impostor = await startSap();
  });
  afterAll(async () => {
    await home.close();
    await impostor.close();
  });

  it('is enough to trust the server that shows it', async () => {
    const { erp, caller, books } = connectErp(home);
    await expect(erp.countPartners(caller)).resolves.toBe(40);
    expect(books.refused).toEqual([]);
  });

  it('keeps an impostor with the same name out: no request, no password, and the change is reported', async () => {
    const { erp, caller, books } = connectErp(impostor, {
      trust: pinnedTo(home.sap.certificatePem),
    });
    const before = impostor.sap.log.all().length;
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(impostor.sap.log.all().length).toBe(before);
    expect(books.refused).toEqual([{ fingerprint: impostor.sap.fingerprint256, fault: 'not_trusted' }]);
  });

  it('stands beside others: a second pin makes a rotation go unnoticed', async () => {
    const { erp, caller } = connectErp(impostor, {
      trust: pinnedTo(home.sap.certificatePem, impostor.sap.certificatePem),
    });
    await expect(erp.countPartners(caller)).resolves.toBe(40);
  });

  it('is refused at once when it is revoked, although sockets and a session are open', async () => {
    const { erp, caller, books } = connectErp(home);
    await erp.countPartners(caller);
    const before = home.sap.log.all().length;
    books.access = {
      ...books.access,
      version: '2',
      trust: pinnedTo(impostor.sap.certificatePem),
    };
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(home.sap.log.all().length).toBe(before);
  });

  it('of another tenant on the same host helps nobody: each has its own sockets and its own pin', async () => {
    const victim = connectErp(home);
    await victim.erp.countPartners(victim.caller);
    const stranger = connectErp(home, { trust: pinnedTo(impostor.sap.certificatePem) });
    const shared = connectErp(home);
    await expect(stranger.erp.countPartners(stranger.caller)).rejects.toBeInstanceOf(ReauthRequiredError);
    // The same client, the same connection id, another installation.
    const before = home.sap.sessions.count();
    const other = { ...victim.caller, installationId: shared.caller.installationId };
    await victim.erp.countPartners(other);
    expect(home.sap.sessions.count()).toBe(before + 1);
  });
});

describe('certificates of other kinds', () => {
  let authority: Identity;
  const servers: Awaited<ReturnType<typeof startTlsFake>>[] = [];
  const serve = async (identity: Identity) => {
    const server = await startTlsFake(identity, (heard, response) => {
      if (heard.path.endsWith('/Login')) welcome(response);
      else response.end('7');
    });
    servers.push(server);
    return { ...server, certificatePem: identity.cert };
  };
  beforeAll(async () => {
    authority = await makeIdentity({ commonName: 'Test authority', authority: true });
  });
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  it('SE-08: an expired one is refused although it is pinned', async () => {
    const identity = await makeIdentity({ from: new Date(Date.now() - 9 * DAY), to: new Date(Date.now() - DAY) });
    const server = await serve(identity);
    const { erp, caller, books } = connectTo(server);
    await expect(erp.countPartners(caller)).rejects.toThrow(/no longer valid/);
    expect(server.heard).toEqual([]);
    expect(books.refused).toEqual([{ fingerprint: identity.fingerprint, fault: 'expired' }]);
  });

  it('one signed by a pinned certificate is not the pinned one', async () => {
    const server = await serve(await makeIdentity({ signedBy: authority }));
    const { erp, caller } = connectTo(server, { trust: pinnedTo(authority.cert) });
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(server.heard).toEqual([]);
  });

  it('a confirmed leaf of an unknown authority is accepted', async () => {
    const leaf = await makeIdentity({ signedBy: authority });
    const { erp, caller } = connectTo(await serve(leaf));
    await expect(erp.countPartners(caller)).resolves.toBe(7);
  });

  it('a publicly trusted one is verified, not pinned: renewed, it is still good', async () => {
    const access = { trust: { kind: 'public' } as const };
    const deps = { authorities: [authority.cert] };
    for (let round = 0; round < 2; round += 1) {
      const server = await serve(await makeIdentity({ signedBy: authority }));
      const { erp, caller, books } = connectTo(server, access, deps);
      await expect(erp.countPartners(caller)).resolves.toBe(7);
      await expect(erp.lookAtCertificate(books.access, caller.signal)).resolves.toMatchObject({ fault: null });
    }
  });

  it('a publicly trusted one for another name is refused', async () => {
    const server = await serve(await makeIdentity({ signedBy: authority }));
    const access = { trust: { kind: 'public' } as const, address: `https://other.example.com:${server.port}/b1s/v2` };
    const deps = { authorities: [authority.cert], resolve: async () => ['127.0.0.1'] };
    const { erp, caller, books } = connectTo(server, access, deps);
    await expect(erp.countPartners(caller)).rejects.toThrow(/another name/);
    expect(server.heard).toEqual([]);
    expect(books.refused).toMatchObject([{ fault: 'wrong_name' }]);
  });

  it('SE-09: a change of trust cuts the open sockets, also where the server is still accepted', async () => {
    const identity = await makeIdentity();
    const server = await serve(identity);
    const { erp, caller, books } = connectTo(server);
    await erp.countPartners(caller);
    expect(server.connections()).toBe(1);
    const trust = pinnedTo(identity.cert, (await makeIdentity()).cert);
    books.access = { ...books.access, version: '2', trust };
    await erp.countPartners(caller);
    expect(server.connections()).toBeGreaterThan(1);
    await expect.poll(() => server.connections() - server.open()).toBe(1);
  });

  it('one of which the fingerprint is known is looked at as if it were confirmed', async () => {
    const expired = await makeIdentity({ from: new Date(Date.now() - 9 * DAY), to: new Date(Date.now() - DAY) });
    for (const [identity, fault] of [
      [await makeIdentity(), null],
      [expired, 'expired'],
    ] as const) {
      const trust = { kind: 'pinned', slots: [{ fingerprint: identity.fingerprint, pem: null }] } as const;
      const { erp, caller, books } = connectTo(await serve(identity), { trust });
      await expect(erp.lookAtCertificate(books.access, caller.signal)).resolves.toMatchObject({ fault });
    }
  });

  it('an unknown one is shown and then refused, with nothing sent', async () => {
    const identity = await makeIdentity();
    const server = await serve(identity);
    const { erp, caller, books } = connectTo(server, { trust: { kind: 'public' } });
    const look = await erp.lookAtCertificate(books.access, caller.signal);
    expect(look).toMatchObject({
      fault: 'not_trusted',
      certificate: { fingerprint: identity.fingerprint, subject: 'CN=sap.example.com' },
    });
    expect(server.heard).toEqual([]);
  });

  it('SE-07: an environment that switches verification off changes nothing', async () => {
    const server = await serve(await makeIdentity());
    const stranger = await makeIdentity();
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const { erp, caller } = connectTo(server, { trust: pinnedTo(stranger.cert) });
      await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(ReauthRequiredError);
      expect(server.heard).toEqual([]);
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});

it('SE-02: opens no socket to an address outside the network it may reach, literals included', async () => {
  const identity = await makeIdentity();
  const sink = await startTlsFake(identity, (_heard, response) => response.end());
  for (const network of ['public', 'private'] as const) {
    const options = wireOptions(
      { network, resolve: async () => ['127.0.0.1'], authorities: undefined },
      { trust: pinnedTo(identity.cert), proxy: null },
    );
    for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', 'sap.example.com']) {
      const transport = createTransport({ origin: `https://${host}:${sink.port}`, prefix: '' }, options);
      const request = {
        method: 'GET',
        path: '/',
        headers: {},
        limitMs: 5000,
        signal: new AbortController().signal,
      } as const;
      await expect(transport.exchange(request)).rejects.toMatchObject({ left: false });
      await transport.destroy();
    }
  }
  expect(sink.connections()).toBe(0);
  await sink.close();
});

import { describe, expect, it } from 'vitest';
import type { Resolve } from '../../../server/sap/connector.ts';
import { createConnectionForm, DAY, NOBODY, serviceLayer } from './connection-form-bench.ts';
import { makeIdentity } from './tls-fake.ts';
import { startPlainServer } from './wire-bench.ts';

/** Of the 20 bad inputs of the connection form (requirements 5.6) those about addresses and servers, each with its outcome. */

const { closing, authority, own, openForm, serve } = createConnectionForm();

/** Names as a hostile or unlucky name server answers them. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  '169.254.169.254.nip.io': ['169.254.169.254'],
  'mixed.example.com': ['93.184.216.34', '10.0.0.7'],
  'alias.example.com': ['192.168.1.20'],
};
const publicNames: Resolve = async (host) => {
  const addresses = NAMES[host];
  if (!addresses) throw Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
  return addresses;
};

describe('5.6, 1 to 12: what is typed as an address (SE-01, SE-02)', () => {
  it.each([
    [1, '127.0.0.1:50000', 'address_network'],
    [2, '2130706433', 'address_host'],
    [2, '0x7f.1', 'address_host'],
    [2, '0177.0.0.1', 'address_host'],
    [2, '127.1', 'address_host'],
    [3, '①②⑦.0.0.1', 'address_host'],
    [3, '127。0。0。1', 'address_host'],
    [3, 'ＬＯＣＡＬＨＯＳＴ', 'address_host'],
    [4, '[::1]', 'address_network'],
    [4, '[::ffff:7f00:1]', 'address_network'],
    [4, '[64:ff9b::7f00:1]', 'address_network'],
    [4, '[2002:7f00:1::]', 'address_network'],
    [4, '[fd00:ec2::254]', 'address_network'],
    [5, '169.254.169.254', 'address_network'],
    [5, 'metadata.google.internal', 'address_network'],
    [5, '169.254.169.254.nip.io', 'address_name'],
    [5, '192.0.0.192', 'address_network'],
    [6, 'sap.example.com@169.254.169.254', 'address_user'],
    [6, '169.254.169.254\\@sap.example.com', 'address_path'],
    [7, 'sap.example.com\t.evil.com', 'address_form'],
    [7, 'sap.example.com\n.evil.com', 'address_form'],
    [8, 'mixed.example.com', 'address_name'],
    [10, 'alias.example.com', 'address_name'],
    [10, 'sap.еxample.com', 'address_host'],
    [11, 'sap.example.com:22', 'address_port'],
    [11, 'sap.example.com:25', 'address_port'],
    [11, 'sap.example.com:5432', 'address_port'],
    [11, 'sap.example.com:0', 'address_port'],
    [11, 'sap.example.com:65536', 'address_port'],
    [11, 'sap.example.com:50000abc', 'address_port'],
    [12, 'sap.example.com/b1s/v1/../../', 'address_path'],
    [12, 'sap.example.com/b1s/v2?x=', 'address_path'],
    [12, 'sap.example.com/b1s/v2#', 'address_path'],
  ])('%i: %j is refused as %s, and nothing is saved', async (_case, address, outcome) => {
    const form = openForm({ network: 'public', resolve: publicNames });
    expect(await form.submit({ address })).toBe(outcome);
    expect(await form.submit({ address }, [own().fingerprint])).toBe(outcome);
    expect(form.saved).toEqual([]);
  });

  it('9: a name that flips after the check leads nowhere', async () => {
    const sink = await serve(own());
    let calls = 0;
    const resolve: Resolve = async () => {
      calls += 1;
      return calls === 1 ? ['93.184.216.34'] : ['127.0.0.1'];
    };
    const form = openForm({ network: 'public', resolve, extraPorts: [sink.port] });
    expect(await form.submit({ address: `sap.example.com:${sink.port}` })).toMatch(/^unavailable: No server/);
    expect(calls).toBe(2);
    expect(sink.connections()).toBe(0);
    expect(form.saved).toEqual([]);
  });

  it('10: upper case and a trailing dot are accepted, in normal form', async () => {
    const server = await serve(own());
    const form = openForm();
    expect(await form.submit({ address: `HTTPS://SAP.Example.COM.:${server.port}/B1S/V2/` })).toBe('saved');
    expect(form.saved).toMatchObject([{ address: `https://sap.example.com:${server.port}/b1s/v2` }]);
  });
});

describe('5.6, 13 to 15: servers that are not what they should be', () => {
  it.each(['Login', 'CompanyService_GetAdminInfo'])('13: a redirect of %s is not followed', async (redirected) => {
    const inside = await serve(own());
    const server = await serve(own(), (heard, response) => {
      if (heard.path.endsWith(redirected)) response.writeHead(307, { location: inside.url }).end();
      else serviceLayer(heard, response);
    });
    const form = openForm();
    expect(await form.submit({ address: server.url })).toEqual(NOBODY);
    expect(inside.connections()).toBe(0);
    expect(form.saved).toEqual([]);
  });

  it('14: no TLS, only TLS 1.0, a handshake that hangs, a byte at a time: one answer for all', async () => {
    const plain = await startPlainServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    const silent = await startPlainServer(() => undefined);
    closing.push(plain.close, silent.close);
    const old = await serve(own(), serviceLayer, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1',
      ciphers: 'ALL@SECLEVEL=0',
    });
    const slow = await serve(own(), (_heard, response) => {
      const drip = () => {
        if (!response.destroyed) response.write(' ', () => setTimeout(drip, 5));
      };
      drip();
    });
    const form = openForm({ limitMs: 150 });
    for (const port of [plain.port, silent.port, old.port, slow.port]) {
      expect(await form.submit({ address: `127.0.0.1:${port}` })).toEqual(NOBODY);
    }
    expect(form.saved).toEqual([]);
    expect(form.waits).toEqual([6_000, 6_000, 6_000, 6_000]);
  });

  it('15: an expired certificate is refused even when it is confirmed, whoever issued it', async () => {
    const dates = { from: new Date(Date.now() - 9 * DAY), to: new Date(Date.now() - DAY) };
    const unknown = await makeIdentity({ commonName: 'Nobody we know', authority: true });
    for (const expired of [await makeIdentity(dates), await makeIdentity({ ...dates, signedBy: unknown })]) {
      const server = await serve(expired);
      const form = openForm();
      expect(await form.submit({ address: server.url })).toBe('certificate_expired');
      expect(server.heard).toEqual([]);
      expect(form.saved).toEqual([]);
    }
  });

  it('15: a self-signed or wrongly named one is accepted once a person has confirmed it, not before', async () => {
    const misnamed = await makeIdentity({ signedBy: authority(), names: ['other.example.com'] });
    for (const identity of [own(), misnamed]) {
      const server = await serve(identity);
      const form = openForm();
      const address = `sap.example.com:${server.port}`;
      expect(await form.submit({ address }, [])).toBe('certificate_not_confirmed');
      expect(server.heard).toEqual([]);
      expect(form.saved).toEqual([]);
      expect(await form.submit({ address })).toBe('saved');
      expect(form.saved).toMatchObject([{ trust: { kind: 'pinned', slots: [{ fingerprint: identity.fingerprint }] } }]);
    }
  });

  it('15: another key with the same name is not the confirmed one', async () => {
    const server = await serve(await makeIdentity());
    const form = openForm();
    expect(await form.submit({ address: server.url }, [own().fingerprint])).toBe('certificate_not_confirmed');
    expect(server.heard).toEqual([]);
    expect(form.saved).toEqual([]);
  });

  it('15: one that changes on every connection can never be confirmed', async () => {
    const server = await serve(own());
    const identities = await Promise.all(Array.from({ length: 8 }, () => makeIdentity()));
    let next = 0;
    server.onConnection(() => server.show(identities[next++ % identities.length] ?? own()));
    const form = openForm();
    expect(await form.submit({ address: server.url })).toBe('certificate_not_confirmed');
    expect(server.heard).toEqual([]);
    expect(form.saved).toEqual([]);
  });

  it('15: a chain of 300 kB', async () => {
    const server = await serve({
      ...own(),
      cert: [own().cert, ...Array<string>(600).fill(authority().cert)].join('\n'),
    });
    const form = openForm();
    expect(await form.submit({ address: server.url })).toEqual(NOBODY);
    expect(form.saved).toEqual([]);
  });

  it('a publicly trusted one is verified and not pinned, whatever was confirmed', async () => {
    const server = await serve(await makeIdentity({ signedBy: authority() }));
    const form = openForm();
    expect(await form.submit({ address: `sap.example.com:${server.port}` }, [own().fingerprint])).toBe('saved');
    expect(form.saved).toMatchObject([{ trust: { kind: 'public' } }]);
  });
});

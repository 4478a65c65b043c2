import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ChangeProxyBody, ChangeSignInBody, ChangeTrustBody } from '../../../server/contract/connection.ts';
import { createConnectionForm, DAY, NOBODY, serviceLayer } from './connection-form-bench.ts';
import { type Answer, type Identity, makeIdentity, sendJson, welcome } from './tls-fake.ts';

/** Of the 20 bad inputs of the connection form (requirements 5.6) those after the address, each with its outcome. */

const { authority, own, openForm, serve } = createConnectionForm();

const pemOf = ({ cert }: Identity) => new X509Certificate(cert).toString();
const logins = ({ heard }: Awaited<ReturnType<typeof serve>>) =>
  heard.filter(({ path }) => path.endsWith('/Login')).map(({ body }) => JSON.parse(body));

describe('a certificate that is pasted', () => {
  it('as an authority vouches for what it issued under the right name, and for nothing else', async () => {
    const house = await makeIdentity({ commonName: 'House authority', authority: true });
    const server = await serve(await makeIdentity({ signedBy: house }));
    const form = openForm();
    const named = { address: `sap.example.com:${server.port}`, pastedPem: house.cert };
    expect(await form.submit({ ...named, address: `other.example.com:${server.port}` }, [])).toBe(
      'certificate_wrong_name',
    );
    expect(await form.submit({ ...named, pastedPem: authority().cert }, [])).toBe('certificate_not_trusted');
    expect(await form.submit(named, [own().fingerprint])).toBe('trust_both');
    expect(server.heard).toEqual([]);
    expect(form.saved).toEqual([]);
    expect(await form.submit(named, [])).toBe('saved');
    expect(form.saved).toMatchObject([{ trust: { kind: 'authority', pem: pemOf(house) } }]);
  });

  it('as the server’s own is pinned, also where it calls itself an authority', async () => {
    for (const identity of [own(), await makeIdentity({ authority: true })]) {
      const server = await serve(identity);
      const form = openForm();
      const address = `other.example.com:${server.port}`;
      expect(await form.submit({ address, pastedPem: identity.cert }, [])).toBe('saved');
      const slots = [{ fingerprint: identity.fingerprint, pem: pemOf(identity) }];
      expect(form.saved).toMatchObject([{ trust: { kind: 'pinned', slots } }]);
    }
  });

  it('stands beside fingerprints that are known beforehand', async () => {
    const next = await makeIdentity();
    const server = await serve(own());
    const form = openForm();
    expect(await form.submit({ address: server.url, pastedPem: own().cert }, [next.fingerprint])).toBe('saved');
    const slots = [
      { fingerprint: own().fingerprint, pem: pemOf(own()) },
      { fingerprint: next.fingerprint, pem: null },
    ];
    expect(form.saved).toMatchObject([{ trust: { kind: 'pinned', slots } }]);
    const four = await Promise.all([1, 2, 3].map(() => makeIdentity()));
    const fingerprints = four.map(({ fingerprint }) => fingerprint);
    expect(await form.submit({ address: server.url, pastedPem: own().cert }, fingerprints)).toBe('slots_full');
  });
});

describe('5.6, 16 to 18: the sign-in', () => {
  it.each([
    ['without a cookie', [], false],
    ['with a cookie for another domain', ['B1SESSION=x; Domain=other.example.org', 'ROUTEID=.node1'], false],
    ['with a cookie without a path', ['B1SESSION=x;HttpOnly;'], true],
    ['without ROUTEID', ['B1SESSION=x;HttpOnly; path=/b1s'], true],
  ])('16: a sign-in answered %s', async (_what, cookies, accepted) => {
    const server = await serve(own(), (heard, response) => {
      if (heard.path.endsWith('/Login')) welcome(response, cookies);
      else serviceLayer(heard, response);
    });
    const form = openForm();
    const outcome = await form.submit({ address: server.url });
    if (accepted) expect(outcome).toBe('saved');
    else expect(outcome).toMatch(/^unavailable: .*session cookie/);
    expect(form.saved).toHaveLength(accepted ? 1 : 0);
  });

  it.each(['quo"te\'s\\', 'Größe ß', '🔑 schlüssel', 'x'.repeat(300), ' leading', 'trailing '])(
    '17: the password %j goes out as it was typed',
    async (password) => {
      const server = await serve(own());
      const form = openForm();
      expect(await form.submit({ address: server.url, password })).toBe('saved');
      expect(logins(server)).toMatchObject([{ Password: password }]);
      expect(form.saved).toMatchObject([{ password }]);
    },
  );

  it.each(['%00', 'se\u0000cret', 'x'.repeat(301)])('17: the password %j is refused by the form', async (password) => {
    const server = await serve(own());
    const form = openForm();
    expect(await form.submit({ address: server.url, password })).toBe('form:password');
    expect(server.heard).toEqual([]);
    expect(form.saved).toEqual([]);
  });

  it.each(["O'Neil", 'SBO/Main', 'sbo'])('18: the company %j is asked for as it was typed', async (companyDb) => {
    const server = await serve(own());
    const form = openForm();
    expect(await form.submit({ address: server.url, companyDb })).toBe('saved');
    expect(logins(server)).toMatchObject([{ CompanyDB: companyDb }]);
    expect(form.saved).toMatchObject([{ companyDb }]);
  });

  it('18: a company without a licence for this user is refused with that sentence', async () => {
    const server = await serve(own(), (_heard, response) =>
      sendJson(response, 401, { error: { code: 100000085, message: { value: 'No license' } } }),
    );
    const form = openForm();
    expect(await form.submit({ address: server.url })).toBe('sign_in_licence');
    expect(form.saved).toEqual([]);
  });
});

describe('5.6, 19 and 20: more than one server', () => {
  it('19: another host asks for the password again: nothing else takes an address', async () => {
    const form = openForm();
    const server = await serve(own());
    expect(await form.submit({ address: server.url, password: undefined })).toBe('form:password');
    expect(server.heard).toEqual([]);
    const bodies = [
      [ChangeSignInBody, { userName: 'manager', password: 'secret' }],
      [ChangeTrustBody, { change: 'use_public' }],
      [ChangeProxyBody, { proxy: null }],
    ] as const;
    for (const [schema, body] of bodies) {
      expect(schema.safeParse(body).success).toBe(true);
      expect(schema.safeParse({ ...body, address: 'https://evil.example.com' }).success).toBe(false);
    }
  });

  it('20: two customers of one host have each their own trust', async () => {
    const next = await makeIdentity();
    const server = await serve(own());
    const [first, second] = [openForm(), openForm()];
    expect(await first.submit({ address: server.url })).toBe('saved');
    server.show(next);
    expect(await second.submit({ address: server.url }, [own().fingerprint])).toBe('certificate_not_confirmed');
    expect(await second.submit({ address: server.url })).toBe('saved');
    expect(first.saved).toMatchObject([{ trust: { slots: [{ fingerprint: own().fingerprint }] } }]);
    expect(second.saved).toMatchObject([{ trust: { slots: [{ fingerprint: next.fingerprint }] } }]);
  });
});

describe('SE-06: what is told before SAP has answered', () => {
  it('is one of six things, in our own words', async () => {
    const upstream: Answer[] = [
      (_heard, response) => response.writeHead(404).end('canary: admin console'),
      (_heard, response) => response.writeHead(502).end('<html>canary</html>'),
      (_heard, response) => response.writeHead(200).end('canary'),
      (_heard, response) => response.writeHead(429, { 'retry-after': '7' }).end('canary'),
      (_heard, response) => response.writeHead(403).end('{"canary":true}'),
      (_heard, response) => response.destroy(),
    ];
    const form = openForm({ resolve: async (host) => (host === 'inside.example.com' ? ['10.0.0.1'] : ['127.0.0.1']) });
    const outcomes: string[] = [];
    for (const answer of upstream) {
      outcomes.push(await form.submit({ address: `sap.example.com:${(await serve(own(), answer)).port}` }));
    }
    const expired = await serve(await makeIdentity({ to: new Date(Date.now() - DAY), from: new Date(0) }));
    outcomes.push(await form.submit({ address: 'inside.example.com' }), await form.submit({ address: '127.0.0.1:1' }));
    outcomes.push(await form.submit({ address: expired.url }), await form.submit({ address: expired.url }, []));
    outcomes.push(await form.submit({ address: (await serve(own())).url }, []));
    outcomes.push(await form.submit({ address: (await serve(own())).url }));
    expect(outcomes.join()).not.toContain('canary');
    expect(outcomes.join()).not.toMatch(/\b(404|502|429|403)\b/);
    expect([...new Set(outcomes)].sort()).toEqual([
      'address_name',
      'certificate_expired',
      'certificate_not_confirmed',
      'not_sap',
      'saved',
      NOBODY,
    ]);
  });
});

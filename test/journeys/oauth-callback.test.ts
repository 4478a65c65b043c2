import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

const MINUTE = 60_000;

let companies: Companies;
let customer: Customer;
let nextId = 5200;

beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterEach(() => {
  const { faults, grants, log } = companies.world.pipedrive;
  faults.clear();
  // Those token answers are wrong on purpose, so they are kept from the look at the whole conversation.
  if (grants.editTokenAnswer) log.clear();
  grants.editTokenAnswer = null;
});
afterAll(() => companies?.close(), 60_000);

/** Who sits there: a browser keeps the cookie that it was given. */
interface Browser {
  cookie: string;
  open(address: string): Promise<Response>;
}

function browser(): Browser {
  const self: Browser = {
    cookie: '',
    async open(address) {
      const answer = await fetch(new URL(address, companies.app.url), {
        redirect: 'manual',
        headers: { cookie: self.cookie },
      });
      const [set] = answer.headers.getSetCookie();
      if (set !== undefined) self.cookie = set.split(';')[0] ?? '';
      return answer;
    },
  };
  return self;
}

/** The person installs, up to where Pipedrive sends the browser back. */
async function consent(who: Browser, of: Customer, userId = ADMIN): Promise<URL> {
  const started = await who.open('/oauth/install');
  const authorize = started.headers.get('location') ?? '';
  return new URL(companies.world.pipedrive.consent(authorize, { companyId: of.id, userId }));
}

const changed = (callback: URL, change: (query: URLSearchParams) => void): string => {
  const address = new URL(callback);
  change(address.searchParams);
  return address.href;
};

async function newCustomer(): Promise<Customer> {
  nextId += 1;
  return companies.add({ id: nextId, partners: 2, items: 2, invoices: 2, organizations: 2 });
}

/** A page for a person: a sentence and a way on, and nothing of a secret. */
async function expectPage(answer: Response, status: number, sentence: string | RegExp): Promise<void> {
  const text = await answer.text();
  expect(answer.status).toBe(status);
  expect(text).toMatch(sentence);
  expect(text).toContain(`Number for support: ${answer.headers.get('x-request-id')}`);
  expect(text).toContain('href="/oauth/install"');
  expect(text).not.toMatch(/v1u:|[0-9a-f]{40}|a-client-secret/);
}

const nothingIsKept = async (of: Customer) => expect(await of.rows('installations')).toEqual([]);
const tokenCalls = () =>
  companies.world.pipedrive.log.all().filter(({ path }) => path.startsWith('/oauth/token')).length;

describe('bad input at the OAuth callback', () => {
  const who = browser();

  it('SE-16 5.2.1 no code', async () => {
    customer = await newCustomer();
    const callback = await consent(who, customer);
    await expectPage(await who.open(changed(callback, (query) => query.delete('code'))), 400, 'not one that Pipedrive');
    await nothingIsKept(customer);
  });

  it('SE-16 5.2.2 no state: a start in the marketplace is started anew by us', async () => {
    const callback = await consent(who, customer);
    const calls = tokenCalls();
    const answer = await who.open(changed(callback, (query) => query.delete('state')));
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/oauth/install']);
    expect(tokenCalls()).toBe(calls);
    await nothingIsKept(customer);
  });

  it('SE-16 5.2.3 state of another browser: login CSRF with two browsers binds nobody to anything', async () => {
    const mallory = browser();
    const victim = browser();
    const other = await newCustomer();
    // Mallory's own code, in a link for the victim, who has an install of their own under way or none.
    for (const prepare of [async () => undefined, () => consent(victim, customer)]) {
      const trap = await consent(mallory, other);
      await prepare();
      await expectPage(await victim.open(trap.href), 400, 'Another browser started this');
      // The state is used up: Mallory cannot finish either.
      await expectPage(await mallory.open(trap.href), 400, 'used before');
    }
    // Without a state, and with the victim's own state and Mallory's code.
    const mixed = await consent(victim, customer);
    const code = (await consent(mallory, other)).searchParams.get('code') ?? '';
    expect((await victim.open(`/oauth/callback?code=${code}`)).headers.get('location')).toBe('/oauth/install');
    const swapped = await victim.open(changed(mixed, (query) => query.set('code', code)));
    // That one is the victim's own browser and state: it ends in Mallory's company, never in the victim's.
    expect(swapped.headers.get('location')).toContain(new URL(other.pipedrive.apiDomain).host);
    await nothingIsKept(customer);
    expect(await other.rows('grants')).toHaveLength(1);
  });

  it('SE-16 5.2.4 state used twice', async () => {
    const callback = await consent(who, customer);
    expect((await who.open(callback.href)).status).toBe(302);
    await expectPage(await who.open(callback.href), 400, 'used before');
    expect(await customer.rows('grants')).toHaveLength(1);
  });

  it('SE-16 5.2.5 state 11 minutes old', async () => {
    customer = await newCustomer();
    const callback = await consent(who, customer);
    companies.world.clock.advance(11 * MINUTE);
    await expectPage(await who.open(callback.href), 400, 'ten minutes');
    await nothingIsKept(customer);
  });

  it('SE-16 5.2.6 state with changed case, or padded', async () => {
    const swap = (text: string) =>
      [...text].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join('');
    for (const change of [swap, (text: string) => `${text}=`, (text: string) => ` ${text}`]) {
      const callback = await consent(who, customer);
      const state = callback.searchParams.get('state') ?? '';
      await expectPage(
        await who.open(changed(callback, (query) => query.set('state', change(state)))),
        400,
        'used before',
      );
    }
    await nothingIsKept(customer);
  });

  it.each(['access_denied', 'user_denied', 'server_error'])(
    'SE-16 5.2.7 error=%s with and without code',
    async (error) => {
      for (const code of [true, false]) {
        const callback = await consent(who, customer);
        const address = changed(callback, (query) => {
          query.set('error', error);
          if (!code) query.delete('code');
        });
        await expectPage(await who.open(address), 200, 'nothing has been changed');
      }
      await nothingIsKept(customer);
    },
  );

  it('SE-16 5.2.8 code and error together: the error counts, and the code is not exchanged', async () => {
    const callback = await consent(who, customer);
    const calls = tokenCalls();
    await expectPage(
      await who.open(changed(callback, (query) => query.set('error', ''))),
      200,
      'nothing has been changed',
    );
    expect(tokenCalls()).toBe(calls);
  });

  it('SE-16 5.2.9 a code of 10 kB', async () => {
    const callback = await consent(who, customer);
    const calls = tokenCalls();
    const address = changed(callback, (query) => query.set('code', 'x'.repeat(10_240)));
    await expectPage(await who.open(address), 400, 'not one that Pipedrive');
    expect(tokenCalls()).toBe(calls);
  });

  it.each(['code[]=a&code[]=b', 'code[x]=1', 'code=a&code=b', 'state[]=a&code=b', 'error[x]=1'])(
    'SE-16 5.2.10 %s',
    async (query) => {
      const callback = await consent(who, customer);
      const state = callback.searchParams.get('state') ?? '';
      const calls = tokenCalls();
      await expectPage(await who.open(`/oauth/callback?state=${state}&${query}`), 400, 'not one that Pipedrive');
      expect(tokenCalls()).toBe(calls);
      await nothingIsKept(customer);
    },
  );

  it('SE-19 5.2.11 a token answer without refresh_token', async () => {
    companies.world.pipedrive.grants.editTokenAnswer = ({ refresh_token: _, ...rest }) => rest;
    await expectPage(await who.open((await consent(who, customer)).href), 424, /Pipedrive/);
    await nothingIsKept(customer);
  });

  it.each([
    ['5.2.12', 'https://evil.com'],
    ['5.2.13', 'https://a.pipedrive.com.evil.com'],
    ['5.2.14', 'https://pipedrive.com@evil.com'],
    ['5.2.14', 'http://acme.pipedrive.com'],
    ['5.2.14', 'https://acme.pipedrive.com.'],
    ['5.2.14', 'https://acme.pipedrive.com:8443'],
    ['5.2.14', 'https://acme.pipedrive.com/path'],
  ])('SE-17 %s api_domain %s', async (_number, api_domain) => {
    companies.world.pipedrive.grants.editTokenAnswer = (answer) => ({ ...answer, api_domain });
    const asked = await customer.callsDuring(async () => {
      await expectPage(await who.open((await consent(who, customer)).href), 424, /Pipedrive/);
    });
    expect(asked).toEqual([]);
    await nothingIsKept(customer);
  });

  it.each([0, -1, 'abc', 1e12])('5.2.15 expires_in %s', async (expires_in) => {
    customer = await newCustomer();
    companies.world.pipedrive.grants.editTokenAnswer = (answer) => ({ ...answer, expires_in });
    expect((await who.open((await consent(who, customer)).href)).status).toBe(302);
    const [grant] = await customer.rows('grants');
    const life = Number(grant?.['expires_at']) - companies.world.clock.now();
    expect(life).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(life).toBeLessThanOrEqual(24 * 60 * MINUTE);
  });

  it.each([
    ['500', { kind: 'status', status: 500 }],
    ['HTML', { kind: 'status', status: 200, body: '<html>Sorry</html>' }],
    ['a broken connection after success', { kind: 'drop_after_commit' }],
  ] as const)('SE-19 5.2.16 the token endpoint answers with %s', async (_name, fault) => {
    customer = await newCustomer();
    const callback = await consent(who, customer);
    companies.world.pipedrive.faults.add({ match: { path: /\/oauth\/token/ }, fault });
    await expectPage(await who.open(callback.href), 424, /Pipedrive/);
    await nothingIsKept(customer);
    expect((await who.open((await consent(who, customer)).href)).status).toBe(302);
  });

  it('SE-16 5.2.17 signed in to another company: that one is installed, the first is not touched', async () => {
    const other = await newCustomer();
    const before = await customer.rows('grants');
    const landed = await who.open((await consent(who, other)).href);
    expect(landed.headers.get('location')).toContain(new URL(other.pipedrive.apiDomain).host);
    expect(await customer.rows('grants')).toEqual(before);
    const [installation] = await other.rows('installations');
    expect(installation?.['company_id']).toBe(String(other.id));
  });

  it('5.2.18 a second user of the same company installs meanwhile', async () => {
    customer = await newCustomer();
    const second = browser();
    const [one, two] = [await consent(who, customer), await consent(second, customer, REP)];
    const answers = await Promise.all([who.open(one.href), second.open(two.href)]);
    expect(answers.map(({ status }) => status)).toEqual([302, 302]);
    expect(await customer.rows('installations')).toHaveLength(1);
    expect(await customer.rows('grants')).toHaveLength(2);
  });

  it('5.2.19 installed again a second after the uninstall', async () => {
    customer = await newCustomer();
    await who.open((await consent(who, customer)).href);
    await companies.world.pipedrive.uninstall(customer.id, ADMIN);
    companies.world.clock.advance(1_000);
    expect((await who.open((await consent(who, customer)).href)).status).toBe(302);
    const [installation] = await customer.rows('installations');
    expect(installation?.['status']).toBe('active');
    expect(await customer.rows('grants')).toHaveLength(1);
  });

  it('5.2.20 a double click: two callbacks with one code at once', async () => {
    customer = await newCustomer();
    const callback = await consent(who, customer);
    const answers = await Promise.all([who.open(callback.href), who.open(callback.href)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 400]);
    expect(await customer.rows('grants')).toHaveLength(1);
  });
});

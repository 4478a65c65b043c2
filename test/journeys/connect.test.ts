import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectTerminal, runConnect } from '../../server/connect.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

let companies: Companies;
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterEach(() => companies.world.pipedrive.faults.clear());
afterAll(() => companies?.close(), 60_000);

interface Answered {
  readonly code: number;
  readonly output: string;
}

/** Types these in where the command asks, or gives them in the environment. */
async function connect(typed: { company: string; token: string }, inEnvironment = false): Promise<Answered> {
  const lines: string[] = [];
  const given = { PIPEDRIVE_COMPANY: typed.company, PIPEDRIVE_API_TOKEN: typed.token };
  const terminal: ConnectTerminal = {
    environment: {
      ...companies.app.environment,
      DATABASE_URL: companies.app.databaseUrl,
      PIPEDRIVE_LOCAL_HOSTS: companies.world.pipedrive.localHosts(),
      LOG_LEVEL: 'silent',
      ...(inEnvironment ? given : {}),
    },
    args: [],
    ask: async () => typed.company,
    askHidden: async () => typed.token,
    say: (line) => lines.push(line),
    complain: (line) => lines.push(line),
  };
  const code = await runConnect(terminal);
  const output = lines.join('\n');
  if (typed.token !== '') expect(output).not.toContain(typed.token);
  return { code, output };
}

const tokenOf = (customer: Customer, userId: number) =>
  customer.pipedrive.users().find(({ id }) => id === userId)?.api_token ?? '';
const small = (id: number) => companies.add({ id, partners: 3, items: 3, invoices: 3, organizations: 3 });

describe('npm run connect', () => {
  it.each([true, false])(
    'connects a company by an admin’s token, given in the environment: %s',
    async (inEnvironment) => {
      const customer = await small(inEnvironment ? 5401 : 5402);
      const { code, output } = await connect(
        { company: new URL(customer.pipedrive.apiDomain).host, token: tokenOf(customer, ADMIN) },
        inEnvironment,
      );
      expect(output).toContain('is connected, in the name of Anna Weber');
      expect(code).toBe(0);
      const [grant] = await customer.rows('grants');
      expect(grant).toMatchObject({ kind: 'api_token', is_admin: true, status: 'active' });
      expect(String(grant?.['access_token'])).not.toContain(tokenOf(customer, ADMIN));

      // All that an install brings follows from it.
      await companies.app.runJobs();
      expect(customer.pipedrive.webhooks().length).toBeGreaterThan(0);
      const settings = await companies.app.api(customer.id, ADMIN).get('/api/settings');
      expect(settings.body).toMatchObject({
        companyName: `Nordlicht ${customer.id}`,
        pipedrive: { state: 'connected' },
      });
      const sent = customer.pipedrive.requests();
      expect(sent.every(({ headers }) => headers['x-api-token'] !== undefined)).toBe(true);
      expect(JSON.stringify(sent)).not.toContain(tokenOf(customer, ADMIN));
    },
  );

  it('never refreshes the token, and parks everything when Pipedrive refuses it', async () => {
    const customer = await small(5403);
    await connect({ company: new URL(customer.pipedrive.apiDomain).host, token: tokenOf(customer, ADMIN) });
    companies.world.clock.advance(70 * 24 * 60 * 60_000);
    await companies.app.runJobs();
    expect((await customer.rows('installations'))[0]).toMatchObject({ status: 'active' });
    customer.pipedrive.updateUser(ADMIN, { active_flag: false });
    await companies.app.runJobsFor(2 * 60 * 60_000);
    expect((await customer.rows('installations'))[0]).toMatchObject({ status: 'reauth_required' });
    expect(companies.world.pipedrive.log.all().filter(({ path }) => path.startsWith('/oauth/'))).toEqual([]);
  });

  it('says what is wrong, and keeps nothing', async () => {
    const customer = await small(5404);
    const company = new URL(customer.pipedrive.apiDomain).host;
    const token = tokenOf(customer, ADMIN);
    const cases: readonly (readonly [{ company: string; token: string }, string])[] = [
      [{ company, token: tokenOf(customer, REP) }, 'Ben Kurz is no admin of Nordlicht 5404'],
      [{ company, token: 'f'.repeat(40) }, 'does not accept this token'],
      [{ company, token: 'short' }, 'This is no API token'],
      [{ company, token: `${token}\r\nx-other: 1` }, 'This is no API token'],
      [{ company: 'https://evil.com', token }, 'no address such as acme.pipedrive.com'],
      [{ company: 'a.pipedrive.com.evil.com', token }, 'no address such as acme.pipedrive.com'],
      [{ company: '127.0.0.1:1', token }, 'no address such as acme.pipedrive.com'],
    ];
    for (const [typed, words] of cases) {
      const { code, output } = await connect(typed);
      expect([code, output]).toEqual([1, expect.stringContaining(words)]);
    }
    companies.world.pipedrive.faults.add({ match: { path: /users\/me/ }, fault: { kind: 'status', status: 503 } });
    expect(await connect({ company, token })).toMatchObject({
      code: 1,
      output: expect.stringContaining('does not answer at this address'),
    });
    expect(await customer.rows('installations')).toEqual([]);
  });

  it('takes nothing from the command line, where others could read it', async () => {
    const lines: string[] = [];
    const code = await runConnect({
      environment: {},
      args: ['acme.pipedrive.com', 'a-token'],
      ask: async () => '',
      askHidden: async () => '',
      say: (line) => lines.push(line),
      complain: (line) => lines.push(line),
    });
    expect(code).toBe(1);
    expect(lines.join()).toContain('Give nothing on the command line');
    expect(lines.join()).not.toContain('a-token');
  });

  it('leaves webhooks alone that others of the company have made, which such a token is shown too', async () => {
    const customer = await small(5406);
    const token = tokenOf(customer, ADMIN);
    const made = await fetch(`${customer.pipedrive.apiDomain}/api/v1/webhooks`, {
      method: 'POST',
      headers: { 'x-api-token': token, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'Accounting',
        subscription_url: `${companies.app.url}/healthz`,
        event_action: 'change',
        event_object: 'deal',
        version: '2.0',
      }),
    });
    expect(made.status).toBe(201);
    await connect({ company: new URL(customer.pipedrive.apiDomain).host, token });
    await companies.app.runJobs();
    await companies.app.runJobsFor(2 * 60 * 60_000);
    const names = customer.pipedrive.webhooks().map(({ name }) => name);
    expect(names).toContain('Accounting');
    expect(names).toContain('Orderline deal change');
  });

  it('is replaced by an install of the same person, which refreshes again', async () => {
    const customer = await small(5405);
    await connect({ company: new URL(customer.pipedrive.apiDomain).host, token: tokenOf(customer, ADMIN) });
    await companies.app.install(customer.id, ADMIN);
    expect(await customer.rows('grants')).toMatchObject([{ kind: 'oauth' }]);
  });
});

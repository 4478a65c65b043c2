import { createHmac, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { queriesOf } from '../../server/db/unit-of-work.ts';
import { openReplay } from '../../server/replay.ts';
import type { HookRecord } from '../practice/pipedrive/records.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies, writesIn } from '../support/companies.ts';

const COMPANY = 2301;

let companies: Companies;
let customer: Customer;
let other: Customer;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: COMPANY });
  await customer.setUp();
  other = await companies.add({ id: 2302, partners: 4, items: 3, organizations: 3 });
  await other.setUp();
  await companies.app.runJobs();
  await companies.app.api(customer.id, ADMIN).post('/api/settings/handoff', { enabled: true });
}, 240_000);
afterEach(() => companies.world.pipedrive.webhooks.faults.clear());
afterAll(() => companies?.close(), 60_000);

function hookOf({ pipedrive }: Customer, action = 'change'): HookRecord {
  const hook = pipedrive.webhooks().find((one) => one.event_object === 'deal' && one.event_action === action);
  if (!hook) throw new Error(`There is no webhook for ${action} of deals.`);
  return hook;
}

const basic = (user: string | null, password: string | null) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const authorizationOf = (hook: HookRecord) => basic(hook.http_auth_user, hook.http_auth_password);

interface Sent {
  readonly hook?: HookRecord;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(
  body: string | Uint8Array<ArrayBuffer>,
  { hook = hookOf(customer), url, headers = {} }: Sent = {},
): Promise<number> {
  const answer = await fetch(url ?? hook.subscription_url, {
    method: 'POST',
    headers: { authorization: authorizationOf(hook), 'content-type': 'application/json', ...headers },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

const event = (values: Record<string, unknown> = {}, data: Record<string, unknown> = {}): string =>
  JSON.stringify({
    data,
    previous: null,
    meta: {
      action: 'change',
      entity: 'deal',
      entity_id: '1',
      id: randomUUID(),
      company_id: String(COMPANY),
      webhook_id: '1',
      timestamp: '2026-03-02T09:00:00.000Z',
      version: '2.0',
      ...values,
    },
  });

function bytesOf(row: Record<string, unknown> | undefined): Buffer {
  const body = row?.['body'];
  if (!Buffer.isBuffer(body)) throw new Error('Nothing was stored.');
  return body;
}

const rows = () => customer.rows('deliveries');
async function newRows(work: () => Promise<unknown>): Promise<readonly Record<string, unknown>[]> {
  const before = new Set((await rows()).map(({ id }) => id));
  await work();
  return (await rows()).filter(({ id }) => !before.has(id));
}

function aSaleableDeal() {
  const { pipedrive } = customer;
  const organization = pipedrive
    .organizations()
    .find((one) => String(pipedrive.fieldValue('organization', one, 'SAP code') ?? '').startsWith('C'));
  const [product] = pipedrive.products();
  return pipedrive.createDeal({
    title: 'Desks',
    org_id: organization?.id ?? 0,
    owner: REP,
    currency: 'EUR',
    lines: [{ product_id: product?.id ?? 0, item_price: 100, quantity: 1 }],
  });
}

describe('a delivery that is not ours', () => {
  it.each([
    ['no credentials', () => ({ authorization: '' })],
    ['credentials without a colon', () => ({ authorization: `Basic ${Buffer.from('nocolon').toString('base64')}` })],
    ['a wrong password', (hook: HookRecord) => ({ authorization: basic(hook.http_auth_user, 'wrong') })],
    [
      'a prefix of the password',
      (hook: HookRecord) => ({
        authorization: basic(hook.http_auth_user, hook.http_auth_password?.slice(0, -1) ?? null),
      }),
    ],
    ['another user', (hook: HookRecord) => ({ authorization: basic('somebody', hook.http_auth_password) })],
    ['a bearer token', () => ({ authorization: 'Bearer abc' })],
    ['a signature that is wrong', () => ({ 'x-pipedrive-signature': 'sha256=00' })],
    [
      'a signature with another secret',
      () => ({ 'x-pipedrive-signature': createHmac('sha256', 'guess').update('x').digest('hex') }),
    ],
  ] as const)('WH-04 5.1.13 5.1.14 with %s gets 401 and no row', async (_what, headersOf) => {
    const made = await newRows(async () => {
      expect(await send(event(), { headers: headersOf(hookOf(customer)) })).toBe(401);
    });
    expect(made).toEqual([]);
  });

  it('to an unknown or foreign address gets 401 and no row', async () => {
    const before = (await other.rows('deliveries')).length;
    const made = await newRows(async () => {
      const base = hookOf(customer).subscription_url.replace(/[^/]+$/, '');
      expect(await send(event(), { url: `${base}${'x'.repeat(43)}` })).toBe(401);
      // The credentials of one company at the address of another.
      expect(await send(event(), { url: hookOf(other).subscription_url })).toBe(401);
      expect(await send(event(), { hook: hookOf(other), url: hookOf(customer).subscription_url })).toBe(401);
    });
    expect(await other.rows('deliveries')).toHaveLength(before);
    expect(made).toEqual([]);
  });

  it('5.1.12 that names another company gets 401 and no row', async () => {
    const made = await newRows(async () => {
      expect(await send(event({ company_id: String(other.id) }))).toBe(401);
    });
    expect(made).toEqual([]);
  });
});

describe('a delivery that is ours', () => {
  it('5.1.13 is taken whatever the case of “basic”', async () => {
    const made = await newRows(async () => {
      const authorization = authorizationOf(hookOf(customer)).replace('Basic', 'bASIC');
      expect(await send(event(), { headers: { authorization } })).toBe(200);
    });
    expect(made).toHaveLength(1);
  });

  it('with the right signature is stored as its bytes came, without its credentials', async () => {
    const body = `${event()} \r\n`;
    const secret = hookOf(customer).subscription_url.split('/').at(-1) ?? '';
    const signature = createHmac('sha256', secret).update(body).digest('base64');
    const [row, ...more] = await newRows(async () => {
      expect(await send(body, { headers: { 'x-pipedrive-signature': `sha256=${signature}` } })).toBe(200);
    });
    expect(more).toEqual([]);
    expect(Buffer.from(body).equals(bytesOf(row))).toBe(true);
    const stored = JSON.stringify(row?.['headers']);
    expect(stored).not.toMatch(/authorization|signature/i);
    expect(stored).not.toContain(signature);
  });

  it('5.1.7 one of more than 1 MB is taken with the signature of all its bytes, and refused with another', async () => {
    const body = event({}, { note: 'x'.repeat(1_200_000) });
    const secret = hookOf(customer).subscription_url.split('/').at(-1) ?? '';
    const sign = (bytes: string) => createHmac('sha256', secret).update(bytes).digest('hex');
    const [row, ...more] = await newRows(async () => {
      expect(await send(body, { headers: { 'x-pipedrive-signature': sign(body) } })).toBe(200);
      expect(await send(body, { headers: { 'x-pipedrive-signature': sign(body.slice(0, 65_536)) } })).toBe(401);
    });
    expect(more).toEqual([]);
    expect(row).toMatchObject({ state: 'too_large', size: body.length });
  });

  const ODD: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
    '5.1.1 an empty body': '',
    '5.1.2 null': 'null',
    '5.1.2 a list': '[]',
    '5.1.2 a text': '"x"',
    '5.1.2 a number': '0',
    '5.1.3 truncated JSON': '{"meta":{"action":"change"',
    '5.1.6 invalid UTF-8': Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x00, 0x7d]),
    '5.1.6 UTF-16 with a byte order mark': Uint8Array.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    '5.1.8 a hundred thousand brackets': '['.repeat(100_000),
    '5.1.11 an id that is too large to be exact':
      '{"meta":{"action":"change","entity":"deal","entity_id":9007199254740993}}',
    '5.1.11 an id that is half': '{"meta":{"action":"change","entity":"deal","entity_id":0.5}}',
    '5.1.15 compressed bytes': Uint8Array.from(gzipSync('{"meta":{}}')),
    '5.1.15 a gzip bomb': Uint8Array.from(gzipSync(Buffer.alloc(50_000_000))),
    '5.1.19 no meta': '{"data":{}}',
    '5.1.19 an unknown action': event({ action: 'explode' }),
  };

  it.each(Object.entries(ODD))('WH-08 but unreadable is stored, answered 200 and shown: %s', async (_what, body) => {
    const [row] = await newRows(async () => {
      expect(await send(body)).toBe(200);
    });
    expect(row).toMatchObject({ state: 'unreadable' });
    const kinds = (await customer.findings()).map(({ kind }) => kind);
    expect(kinds).toContain('delivery_unreadable');
  });

  it('5.1.7 WH-08 but over 1 MB is stored with its size and its beginning, answered 200 and shown', async () => {
    const large = `${event().slice(0, -1)},"x":"${'a'.repeat(10_000_000)}"}`;
    const [row] = await newRows(async () => {
      expect(await send(large)).toBe(200);
    });
    expect(row).toMatchObject({ state: 'too_large', size: large.length });
    expect(bytesOf(row)).toHaveLength(65_536);
    const finding = (await customer.findings()).find(({ kind }) => kind === 'delivery_unreadable');
    expect(finding?.count).toBeGreaterThan(1);
  });

  it.each<[string, string, Record<string, string>?]>([
    ['5.1.4 5.1.5 with NUL and half a surrogate pair in a name', event({}, { title: 'a\u0000b\ud800' })],
    ['5.1.7 of 256 kB and more', event({}, { note: 'x'.repeat(262_145) })],
    ['5.1.9 with keys of the prototype', event().replace('{', '{"__proto__":{"polluted":1},')],
    ['5.1.10 with a status told twice', event({}, { status: 'open' }).replace('"status":', '"status":"won","status":')],
    ['5.1.11 with an id as text', event({ entity_id: '12' })],
    ['5.1.11 with an id in another notation', event({ entity_id: 0 }).replace('"entity_id":0', '"entity_id":1e3')],
    ['5.1.11 about a deal number that none can be', event({ entity_id: '-1' })],
    ['5.1.15 said to be compressed', event(), { 'content-encoding': 'gzip' }],
    ['5.1.15 said to be a form', event(), { 'content-type': 'application/x-www-form-urlencoded' }],
    ['5.1.18 of a change that does not say what was before', event().replace('"previous":null,', '')],
    ['5.1.18 of a merge', event({ action: 'delete', entity_id: '3', merged_to_id: '4' })],
    ['5.1.18 of the winner of a merge', event({ action: 'change', entity_id: '4', merged_from_id: '3' })],
    ['5.1.18 of a deletion', event({ action: 'delete', entity_id: '88888888' })],
    ['5.1.18 of the creation of what was deleted', event({ action: 'create', entity_id: '88888888' })],
    [
      '5.1.19 in format 1.0',
      JSON.stringify({
        v: 1,
        meta: { action: 'updated', object: 'deal', id: 2, company_id: COMPANY, timestamp: 1_772_442_000 },
        current: {},
        previous: {},
      }),
    ],
    ['5.1.19 of 1970', event({ timestamp: 0 })],
    ['5.1.19 of 2099', event({ timestamp: '2099-01-01T00:00:00Z' })],
    ['5.1.19 about something the app does not know', event({ entity: 'rocket' })],
    ['5.1.20 about a deal that is gone', event({ entity_id: '99999999' })],
  ])('%s is stored and processed, and nothing breaks', async (_what, body, headers = {}) => {
    const [row] = await newRows(async () => {
      expect(await send(body, { headers })).toBe(200);
    });
    expect(row).toMatchObject({ state: 'new' });
    await companies.app.runJobs();
    const after = (await rows()).find(({ id }) => id === row?.['id']);
    expect(after).toMatchObject({ state: 'processed' });
    expect((await customer.findings()).filter(({ kind }) => kind === 'job_exhausted')).toEqual([]);
    expect({}).not.toHaveProperty('polluted');
  });

  it('5.1.17 WH-06 F28 fifty times at once is one row and one job', async () => {
    const body = event();
    const made = await newRows(async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => send(body)));
      expect(new Set(answers)).toEqual(new Set([200]));
    });
    expect(made).toHaveLength(1);
    await companies.app.runJobs();
  });
});

describe('a webhook is a hint', () => {
  it('WH-05 a forged “won” for a deal that is open does nothing', async () => {
    const deal = aSaleableDeal();
    await companies.app.runJobs();
    const orders = customer.sap.ordersWithKey().length;
    expect(
      await send(
        event({ entity_id: String(deal.id) }, { id: deal.id, status: 'won', won_time: '2026-03-02T09:00:00Z' }),
      ),
    ).toBe(200);
    await companies.app.runJobs();
    expect(customer.sap.ordersWithKey()).toHaveLength(orders);
    expect(await customer.rows('handoffs')).toEqual([]);
  });

  it('the deal as it is now decides: one that is won for certain goes to SAP, however badly its webhook tells it', async () => {
    const deal = aSaleableDeal();
    companies.world.clock.advance(1_000);
    companies.world.pipedrive.webhooks.faults.add({
      match: { company: customer.id },
      times: 5,
      fault: { kind: 'lose' },
    });
    customer.pipedrive.win(deal.id, REP);
    await companies.world.pipedrive.settled();
    expect(await send(event({ entity_id: String(deal.id) }, { status: 'open' }))).toBe(200);
    await companies.app.runJobs();
    expect(customer.sap.ordersWithKey()).toHaveLength(1);
  });

  it('F29 a late “open” changes nothing any more', async () => {
    const [won] = customer.pipedrive.deals().filter(({ status }) => status === 'won');
    expect(
      await send(event({ entity_id: String(won?.id), timestamp: '2026-03-01T09:00:00Z' }, { status: 'open' })),
    ).toBe(200);
    await companies.app.runJobs();
    expect(customer.sap.ordersWithKey()).toHaveLength(1);
  });
});

describe('a replay', () => {
  it('WH-14 of everything that was kept in 14 days has no new effect', { timeout: 120_000 }, async () => {
    const { world, app } = companies;
    const oldest = await spreadOverDays(14);
    expect(world.clock.now() - oldest).toBeGreaterThan(13.9 * 86_400_000);
    const replay = await openReplay(app.databaseUrl, { now: () => new Date(world.clock.now()) });
    const handoffs = () => customer.rows('handoffs');
    const before = { orders: customer.sap.ordersWithKey().length, handoffs: await handoffs() };
    const stored = (await rows()).length;
    const always = { from: new Date(0), to: new Date(world.clock.now() + 1) };
    const planned = await replay.plan(String(customer.id), always);
    expect(planned.replayable).toBeGreaterThan(20);
    const calls = await customer.callsDuring(async () => {
      expect(await replay.replay(String(customer.id), always)).toBe(planned.replayable);
      await app.runJobsFor(60_000);
    });
    await replay.close();
    expect(writesIn(calls)).toEqual([]);
    expect(customer.sap.ordersWithKey()).toHaveLength(before.orders);
    expect(await handoffs()).toEqual(before.handoffs);
    const after = await rows();
    expect(after).toHaveLength(stored);
    expect(after.filter(({ state }) => state === 'new')).toEqual([]);
  });

  /** As if they had come in over so many days until now. @returns when the oldest came */
  async function spreadOverDays(days: number): Promise<number> {
    const until = companies.world.clock.now();
    const stored = await rows();
    const step = (days * 86_400_000 - 3_600_000) / stored.length;
    await customer.within(async (tx) => {
      for (const [index, row] of stored.entries())
        await queriesOf(tx)('deliveries')
          .where({ installation_id: tx.installationId, id: String(row['id']) })
          .update({ received_at: new Date(until - (stored.length - index) * step) });
    });
    return until - stored.length * step;
  }

  it('5.1.20 5.10.3 nothing comes in, and nothing is replayed, for a company that has removed the app', async () => {
    const hook = hookOf(other);
    for (const userId of [ADMIN, REP]) await companies.world.pipedrive.uninstall(other.id, userId);
    expect(await send(event({ company_id: String(other.id) }), { hook })).toBe(401);
    expect(await other.rows('deliveries')).toEqual([]);
    const replay = await openReplay(companies.app.databaseUrl, { now: () => new Date(companies.world.clock.now()) });
    const always = { from: new Date(0), to: new Date(companies.world.clock.now() + 1) };
    await expect(replay.replay(String(other.id), always)).rejects.toMatchObject({ kind: 'conflict' });
    await replay.close();
  });
});

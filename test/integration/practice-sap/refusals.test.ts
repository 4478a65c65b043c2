import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { numberOf } from '../../practice/kernel/json.ts';
import type { RawAnswer, SlClient, World } from './sl-client.ts';
import { createSlClient, errorOf, openWorld, usualPair } from './sl-client.ts';

/** What to do for a code to come, and how it comes: status, code, and a piece of the text. */
type Case = readonly [
  what: string,
  act: (world: World, client: SlClient) => Promise<RawAnswer>,
  status: number,
  code: number,
  text: string,
];

const order = (world: World, more: object = {}) => {
  const { cardCode, itemCode } = usualPair(world);
  return {
    CardCode: cardCode,
    DocDueDate: '2026-03-24',
    DocumentLines: [{ ItemCode: itemCode, Quantity: 1 }],
    ...more,
  };
};
const post = (world: World, client: SlClient, more: object = {}) =>
  client.call('POST', 'Orders', { body: order(world, more) });
const entryOf = (world: World) => numberOf(world.office.orders().at(-1) ?? {}, 'DocEntry');

const cases: readonly Case[] = [
  [
    'a closed period',
    (world, client) => {
      world.office.settings.openPeriod = { from: '2026-04-01', to: '' };
      return post(world, client);
    },
    400,
    -10,
    '10001090',
  ],
  [
    'a frozen customer',
    (world, client) => {
      world.office.freezePartner(usualPair(world).cardCode);
      return client.call('POST', 'Orders', { body: { ...order(world), CardCode: 'C-FROZEN' } });
    },
    400,
    -10,
    '10001071',
  ],
  [
    'an inactive item',
    (world, client) => {
      const body = order(world);
      world.office.changeItem(usualPair(world).itemCode, { Valid: 'tNO', Frozen: 'tYES' });
      return client.call('POST', 'Orders', { body });
    },
    400,
    -10,
    '10001069',
  ],
  [
    'a customer over the credit limit, where that is refused',
    (world, client) => {
      world.office.settings.creditDeviation = 'reject';
      // The order at hand is what takes the customer over.
      const {
        OpenOrdersBalance = 0,
        CurrentAccountBalance = 0,
        OpenDeliveryNotesBalance = 0,
      } = world.office.partner(usualPair(world).cardCode);
      const owed = Number(OpenOrdersBalance) + Number(CurrentAccountBalance) + Number(OpenDeliveryNotesBalance);
      world.office.changePartner(usualPair(world).cardCode, { CreditLimit: owed + 1 });
      return post(world, client, {
        DocumentLines: [{ ItemCode: usualPair(world).itemCode, Quantity: 1, UnitPrice: 2 }],
      });
    },
    400,
    -10,
    '10000005',
  ],
  [
    'a customer over the commitment limit',
    (world, client) => {
      world.office.settings.creditDeviation = 'reject';
      world.office.settings.creditRestriction = false;
      world.office.settings.commitmentRestriction = true;
      world.office.changePartner(usualPair(world).cardCode, { MaxCommitment: 1 });
      return post(world, client);
    },
    400,
    -10,
    '10000006',
  ],
  [
    'stock below zero',
    (world, client) => {
      world.office.settings.blocksNegativeStock = true;
      const { cardCode, itemCode } = usualPair(world);
      const body = { CardCode: cardCode, DocumentLines: [{ ItemCode: itemCode, Quantity: 99_999 }] };
      return client.call('POST', 'DeliveryNotes', { body });
    },
    400,
    -10,
    'negative inventory',
  ],
  [
    'an unknown item',
    (world, client) => post(world, client, { DocumentLines: [{ ItemCode: 'NOPE' }] }),
    404,
    -2028,
    'RDR1.ItemCode',
  ],
  [
    "the customer's own rule",
    (world, client) => {
      world.office.refuseOrders('Bitte Bestellnummer angeben');
      return post(world, client);
    },
    400,
    -1116,
    'Bestellnummer',
  ],
  [
    'an approval that makes a draft instead',
    (world, client) => {
      world.office.requireApproval(true);
      return post(world, client);
    },
    404,
    -2028,
    'No matching records',
  ],
  [
    'a customer code that is taken',
    (world, client) =>
      client.call('POST', 'BusinessPartners', { body: { CardCode: usualPair(world).cardCode, CardName: 'twin' } }),
    400,
    -10,
    '1320000140',
  ],
  [
    'a record that somebody has open',
    (world, client) => {
      world.office.lock('BusinessPartners', usualPair(world).cardCode);
      return client.call('PATCH', `BusinessPartners('${usualPair(world).cardCode}')`, { body: { Phone1: '1' } });
    },
    400,
    -2039,
    'Another user',
  ],
  [
    'a stale version',
    (world, client) => {
      const headers = { 'If-Match': 'W/"0000"' };
      return client.call('POST', `Orders(${entryOf(world)})/Close`, { headers });
    },
    412,
    -2039,
    'modified data',
  ],
  [
    'an order that cannot be deleted',
    (world, client) => client.call('DELETE', `Orders(${entryOf(world)})`),
    400,
    -5006,
    'not supported',
  ],
  [
    'a closed document',
    (world, client) => {
      world.office.closeOrder(entryOf(world));
      return client.call('POST', `Orders(${entryOf(world)})/Cancel`);
    },
    400,
    -5006,
    'not supported',
  ],
  [
    'a discount of everything',
    (world, client) => post(world, client, { DiscountPercent: 100 }),
    400,
    -5002,
    '10001058',
  ],
  ['an unknown property', (world, client) => post(world, client, { Nope: 1 }), 400, -1000, "'Nope'"],
  [
    'a name that is no property in a filter',
    (_world, client) => client.call('GET', 'Items?$filter=Nope%20eq%201'),
    400,
    201,
    'Nope',
  ],
  [
    'no right to read',
    (world, client) => {
      world.office.settings.denies = (_method, resource) => resource === 'Items';
      return client.call('GET', 'Items');
    },
    403,
    -3000,
    'not permitted',
  ],
];

describe('practice SAP: what it refuses, and with what', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
    const { cardCode } = usualPair(world);
    world.office.createPartner({ ...world.office.partner(cardCode), CardCode: 'C-FROZEN' });
    world.office.freezePartner('C-FROZEN');
    world.office.createOrder(order(world));
  });
  afterEach(() => world.sap.close());

  for (const version of ['v1', 'v2'] as const) {
    it.each(cases)(`on ${version}: %s`, async (_what, act, status, code, text) => {
      const answer = await act(world, world[version]);
      const error = errorOf(answer);
      expect([answer.status, error.code]).toEqual([status, version === 'v1' ? code : String(code)]);
      expect(error.message).toContain(text);
    });
  }

  it('takes an order over the limit in silence where the company is set up so', async () => {
    world.office.changePartner(usualPair(world).cardCode, { CreditLimit: 1 });
    expect((await post(world, world.v2)).status).toBe(201);
  });

  it('refuses a sign-in without a licence, beyond the sessions, and beside another', async () => {
    const users = [
      { name: 'manager', password: 'manager' },
      { name: 'guest', password: 'guest', licensed: false },
    ];
    const other = await openWorld({ users, maxSessions: 3, parallelSignIns: 'refused' });
    const client = createSlClient(other.sap);
    const guest = await client.call('POST', 'Login', {
      body: { CompanyDB: 'TEST', UserName: 'guest', Password: 'guest' },
    });
    expect([guest.status, errorOf(guest).code]).toEqual([400, '100000085']);

    const held = other.sap.faults.add({ kind: 'slow', path: /^Login/ });
    const first = client.login();
    await expect.poll(() => held.hits()).toBe(1);
    const beside = await createSlClient(other.sap).login();
    expect([beside.status, errorOf(beside).code]).toEqual([500, '299']);
    held.release();
    expect((await first).status).toBe(200);

    const fourth = await createSlClient(other.sap).login();
    expect([fourth.status, errorOf(fourth).code]).toEqual([401, '-118']);
    await client.call('POST', 'Logout');
    expect((await createSlClient(other.sap).login()).status).toBe(200);
    await other.sap.close();
  });
});

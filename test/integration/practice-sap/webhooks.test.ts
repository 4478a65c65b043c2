import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { numberOf, recordsOf } from '../../practice/kernel/json.ts';
import type { RawAnswer, World } from './sl-client.ts';
import { errorOf, openWorld, usualPair } from './sl-client.ts';
import type { Received, Subscriber } from './subscriber.ts';
import { openSubscriber } from './subscriber.ts';

const hmac = JSON.stringify({ Key: 'secret', Algorithm: 'HMACSha256' });
const signature = (text: string) => createHmac('sha256', 'secret').update(text).digest('base64');

describe('practice SAP: webhooks', () => {
  let world: World;
  let subscriber: Subscriber;
  beforeEach(async () => {
    world = await openWorld();
    subscriber = await openSubscriber();
    Object.assign(world.office.settings, { webhooks: 'available', webhooksEnabled: true });
  });
  afterEach(async () => {
    await world.sap.close();
    await subscriber.close();
  });

  const events = (...pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([BusinessObject, TransactionType]) => ({ BusinessObject, TransactionType }));
  const subscribe = (more: object = {}): Promise<RawAnswer> =>
    world.v2.call('POST', 'EventSubscriptions', {
      body: {
        WebhookID: 'pd',
        WebhookURL: subscriber.url,
        AuthenticationCred: hmac,
        EventCollection: events(
          ['Orders', 'Created'],
          ['Orders', 'Closed'],
          ['BusinessPartners', 'Updated'],
          ['Items', 'Updated'],
        ),
        ...more,
      },
    });
  const act = (action: string) => world.v2.call('POST', `EventSubscriptions('pd')/${action}`);
  const state = async () => (await world.v2.call('GET', "EventSubscriptions('pd')")).body['State'];
  const posts = (): Received[] => subscriber.received.filter(({ method }) => method === 'POST');
  const told = () => posts().map(({ events: all }) => all.map(({ type }) => type.replace(/^sap\.b1\.|\.v1$/g, '')));
  const idle = () => world.sap.messenger.idle();
  const createOrder = () => {
    const { cardCode, itemCode } = usualPair(world);
    return world.office.createOrder({ CardCode: cardCode, DocumentLines: [{ ItemCode: itemCode, Quantity: 1 }] });
  };

  it('is not there on older servers, nor on v1', async () => {
    expect((await world.v1.call('GET', 'EventSubscriptions')).status).toBe(400);
    world.office.settings.webhooks = 'absent';
    expect((await world.v2.call('GET', 'EventSubscriptions')).status).toBe(400);
    expect((await world.v2.call('GET', 'EventSubscriptionsService_GetEventCatalog')).status).toBe(400);
    expect((await world.v2.call('GET', 'CompanyService_GetAdminInfo')).body).not.toHaveProperty('EnableWebhook');
  });

  it('is switched on for a company, which wrong folders can stop', async () => {
    Object.assign(world.office.settings, { webhooksEnabled: false, adminInfo: { ExcelFolderPath: 'C:\\gone' } });
    expect(errorOf(await subscribe()).code).toBe('-5002');
    const turnOn = (more: object) =>
      world.v2.call('POST', 'CompanyService_UpdateAdminInfo', {
        body: { AdminInfo: { EnableWebhook: 'tYES', ...more } },
      });
    expect(errorOf(await turnOn({})).message).toContain('10001237');
    expect((await turnOn({ ExcelFolderPath: '' })).status).toBe(204);
    const admin = await world.v2.call('GET', 'CompanyService_GetAdminInfo');
    expect(admin.body).toMatchObject({ EnableWebhook: 'tYES' });
    const catalog = await world.v2.call('GET', 'EventSubscriptionsService_GetEventCatalog');
    expect(recordsOf(catalog.body, 'Events')).toContainEqual({
      BusinessObject: 'Orders',
      ObjectType: '17',
      TransactionType: 'Closed',
    });
    expect((await subscribe()).status).toBe(201);
  });

  it('shakes hands before it makes a subscription, and makes none where that fails', async () => {
    subscriber.challenge = 'something else';
    expect(errorOf(await subscribe()).message).toContain('handshake failed');
    expect(world.office.rows('EventSubscriptions')).toEqual([]);
    subscriber.challenge = undefined;
    const made = await subscribe();
    expect(made).toMatchObject({ status: 201, body: { State: 'Active', WorkMode: 'Standard', Handshake: 'tYES' } });
    const shaken = subscriber.received.at(-1);
    expect(shaken?.headers['x-b1-webhook-signature']).toBe(signature(String(shaken?.headers['x-b1-webhook-token'])));
    expect(errorOf(await subscribe()).code).toBe('-2035');
    expect(errorOf(await subscribe({ WebhookID: 'twin' })).code).toBe('-2035');
  });

  it.each([
    ['an address elsewhere without TLS', { WebhookURL: 'http://192.0.2.1/hook' }, '-5002'],
    ['an event that is not in the catalog', { EventCollection: events(['Orders', 'Printed']) }, '-1004'],
    ['an object that is not in it', { EventCollection: events(['Users', 'Created']) }, '-5002'],
    ['credentials without a key', { AuthenticationCred: '{}' }, '-5002'],
    ['a name that is too long', { WebhookID: 'x'.repeat(41) }, '-5002'],
  ])('refuses %s and calls nobody', async (_what, more, code) => {
    expect(errorOf(await subscribe(more)).code).toBe(code);
    expect(subscriber.received).toEqual([]);
  });

  it('tells of changes in signed lists, own writes included, and not of moved stock and balances', async () => {
    await subscribe();
    const { cardCode, itemCode } = usualPair(world);
    const order = await world.v2.call('POST', 'Orders', {
      body: { CardCode: cardCode, DocDueDate: '2026-03-24', DocumentLines: [{ ItemCode: itemCode, Quantity: 1 }] },
    });
    await idle();
    expect(told()).toEqual([['Orders.Created']]);
    const [first] = posts();
    expect(first?.headers['x-b1-webhook-signature']).toBe(signature(first?.body ?? ''));
    expect(JSON.parse(first?.body ?? '')).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        specversion: '1.0',
        source: '/default/sap.b1/TEST',
        type: 'sap.b1.Orders.Created.v1',
        subject: String(order.body['DocEntry']),
        time: '2026-03-10T11:00:00.000Z',
        datacontenttype: 'application/json',
        data: { DocEntry: String(order.body['DocEntry']) },
      },
    ]);
    world.office.receiveStock(itemCode, '01', 5);
    world.office.postInvoice({ cardCode, total: 10 });
    world.office.changePartner(cardCode, { Phone1: '040 1' });
    world.office.closeOrder(numberOf(order.body, 'DocEntry'));
    await idle();
    expect(told().flat()).toEqual(['Orders.Created', 'BusinessPartners.Updated', 'Orders.Closed']);
    const log = await world.v2.list("EventNotifications?$filter=BusinessObject eq 'Orders'".replaceAll(' ', '%20'));
    expect(log).toMatchObject([
      { Operation: 'Created', Status: 'Delivered', FieldNames: 'DocEntry' },
      { Operation: 'Closed' },
    ]);
  });

  it('tells nothing of what a failed change set undid', async () => {
    await subscribe();
    expect(() => world.office.createOrder({ CardCode: 'NOPE' })).toThrow();
    await idle();
    expect(posts()).toEqual([]);
  });

  it('signs with Basic where asked, and sends keys as numbers on newer systems', async () => {
    world.office.settings.webhookKeysAre = 'numbers';
    const cred = JSON.stringify({ Username: 'sap', Password: 'pw' });
    await subscribe({ AuthenticationType: 'Basic', AuthenticationCred: cred });
    const order = createOrder();
    await idle();
    expect(posts()[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('sap:pw').toString('base64')}`);
    expect(posts()[0]?.events[0]?.data).toEqual({ DocEntry: order['DocEntry'] });
  });

  it('puts what waits into one list, twice or in the wrong order when told to', async () => {
    await subscribe();
    const release = world.sap.messenger.hold();
    createOrder();
    world.office.changePartner(usualPair(world).cardCode, { Phone1: '040 2' });
    world.sap.messenger.duplicateNext();
    world.sap.messenger.reorderNext();
    release();
    await idle();
    expect(told()).toEqual([
      ['BusinessPartners.Updated', 'Orders.Created'],
      ['BusinessPartners.Updated', 'Orders.Created'],
    ]);
    expect(posts()[0]?.body).toBe(posts()[1]?.body);
  });

  it('tries again after 2, 4 and 8 seconds, then stops for good until a person resumes it', async () => {
    await subscribe();
    subscriber.answers.push(500, 503, 429, 500);
    createOrder();
    for (const [seconds, tries] of [
      [0, 1],
      [1, 1],
      [1, 2],
      [3, 2],
      [1, 3],
    ] as const) {
      world.clock.advance(seconds * 1000);
      await idle();
      expect(posts()).toHaveLength(tries);
    }
    expect(await state()).toBe('Exceptional');
    world.clock.advance(8000);
    await idle();
    expect(posts()).toHaveLength(4);
    expect(await state()).toBe('Inactive');
    createOrder();
    await idle();
    expect(posts()).toHaveLength(4);

    subscriber.challenge = 'no';
    expect((await act('Resume')).status).toBe(400);
    subscriber.challenge = undefined;
    expect((await act('Resume')).status).toBe(204);
    createOrder();
    await idle();
    expect(told().slice(4)).toEqual([['Orders.Created']]);
  });

  it('stops at once where the address is at fault, calling nobody', async () => {
    await subscribe({ WebhookURL: 'https://192.0.2.1/hook', Handshake: 'tNO' });
    createOrder();
    await idle();
    expect(await state()).toBe('Inactive');
    expect(world.sap.messenger.deliveries()).toMatchObject([{ status: 0, url: 'https://192.0.2.1/hook' }]);
  });

  it('stays paused when it is paused while a delivery is under way', async () => {
    await subscribe();
    let answer: () => void = () => undefined;
    subscriber.until = new Promise((resolve) => {
      answer = resolve;
    });
    createOrder();
    await expect.poll(() => posts().length).toBe(1);
    expect((await act('Pause')).status).toBe(204);
    answer();
    await idle();
    expect(await state()).toBe('Inactive');
  });

  it('sends what was missed when it is replayed, and does not try again after other refusals', async () => {
    await subscribe();
    subscriber.answers.push(400);
    createOrder();
    await idle();
    expect([posts().length, await state()]).toEqual([1, 'Active']);
    expect((await act('Replay')).status).toBe(400);
    expect((await act('Pause')).status).toBe(204);
    createOrder();
    createOrder();
    await idle();
    expect(posts()).toHaveLength(1);
    expect((await act('Replay')).status).toBe(204);
    await idle();
    expect(told().slice(1)).toEqual([['Orders.Created', 'Orders.Created']]);
    expect((await world.v2.call('GET', "EventSubscriptions('pd')")).body).toMatchObject({
      State: 'Active',
      WorkMode: 'Standard',
      LastSentDate: '2026-03-10T00:00:00Z',
    });
  });

  it('adds events with a PATCH, replaces them when told to, and forgets what is deleted', async () => {
    await subscribe();
    const path = "EventSubscriptions('pd')";
    const body = { EventCollection: events(['Invoices', 'Created']) };
    const count = async () => recordsOf((await world.v2.call('GET', path)).body, 'EventCollection').length;
    expect((await world.v2.call('PATCH', path, { body })).status).toBe(204);
    expect(await count()).toBe(5);
    await world.v2.call('PATCH', path, { body, headers: { 'B1S-ReplaceCollectionsOnPatch': 'true' } });
    expect(await count()).toBe(1);
    expect((await act('Handshake')).status).toBe(204);
    expect((await world.v2.call('DELETE', path)).status).toBe(204);
    world.office.postInvoice({ cardCode: usualPair(world).cardCode, total: 10 });
    await idle();
    expect(posts()).toEqual([]);
  });
});

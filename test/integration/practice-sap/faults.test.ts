import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { numberOf } from '../../practice/kernel/json.ts';
import type { World } from './sl-client.ts';
import { errorOf, openWorld, usualPair } from './sl-client.ts';

describe('practice SAP: misbehaving on command', () => {
  let world: World;
  let before: number;
  beforeEach(async () => {
    world = await openWorld();
    before = world.office.orders().length;
  });
  afterEach(() => world.sap.close());

  const post = (options: { headers?: Record<string, string>; signal?: AbortSignal } = {}) => {
    const { cardCode, itemCode } = usualPair(world);
    return world.v2.call('POST', 'Orders', {
      body: { CardCode: cardCode, DocDueDate: '2026-03-24', DocumentLines: [{ ItemCode: itemCode, Quantity: 1 }] },
      ...options,
    });
  };
  const made = () => world.office.orders().length - before;

  it('cuts the line after the order is in, or before', async () => {
    world.sap.faults.add({ kind: 'drop_after_commit', method: 'POST', path: /^Orders$/ });
    await expect(post()).rejects.toThrow();
    expect(made()).toBe(1);
    world.sap.faults.add({ kind: 'drop_before', method: 'POST', path: /^Orders$/ });
    await expect(post()).rejects.toThrow();
    expect(made()).toBe(1);
    expect((await post()).status).toBe(201);
    expect(world.sap.log.all().filter(({ status }) => status === 0)).toHaveLength(2);
  });

  it('commits late: only once the clock has come to it', async () => {
    world.sap.faults.add({ kind: 'late_commit', path: /^Orders$/, method: 'POST', delayMs: 90_000 });
    await expect(post()).rejects.toThrow();
    world.clock.advance(89_000);
    expect(made()).toBe(0);
    world.clock.advance(2_000);
    expect(made()).toBe(1);
  });

  it('answers with a proxy page or with nothing, before or after the order is in', async () => {
    world.sap.faults.add({ kind: 'html_502_after_commit', method: 'POST', path: /Orders/ });
    const page = await post();
    expect(page.status).toBe(502);
    expect(page.text).toContain('Proxy Error');
    expect(made()).toBe(1);
    world.sap.faults.add({ kind: 'html_502_before', method: 'POST', path: /Orders/ });
    expect((await post()).status).toBe(502);
    expect(made()).toBe(1);
    world.sap.faults.add({ kind: 'empty_500_after_commit', method: 'POST', path: /Orders/ });
    expect(await post()).toMatchObject({ status: 500, text: '' });
    expect(made()).toBe(2);
  });

  it('loses the session for good, and fails a company switch without doing anything', async () => {
    world.sap.faults.add({ kind: 'switch_company_305', path: /Orders/ });
    const switched = await post();
    expect(switched.status).toBe(500);
    expect(errorOf(switched)).toEqual({ code: '305', message: 'Switch company error: -1102' });
    world.sap.faults.add({ kind: 'session_lost', path: /Orders/ });
    expect((await post()).status).toBe(401);
    expect((await post()).status).toBe(401);
    await world.v2.login();
    expect((await post()).status).toBe(201);
    expect(made()).toBe(1);
  });

  it('holds an answer until it is released, the work being done already', async () => {
    const fault = world.sap.faults.add({ kind: 'slow', method: 'POST', path: /Orders/ });
    const answer = post();
    await expect.poll(() => fault.hits()).toBe(1);
    expect(made()).toBe(1);
    fault.release();
    expect((await answer).status).toBe(201);
  });

  it('hangs until the client gives up', async () => {
    const fault = world.sap.faults.add({ kind: 'hang', method: 'POST', path: /Orders/ });
    const giveUp = new AbortController();
    const answer = post({ signal: giveUp.signal });
    await expect.poll(() => fault.hits()).toBe(1);
    giveUp.abort();
    await expect(answer).rejects.toThrow();
    expect(made()).toBe(0);
  });

  it('strikes only where it is aimed, after those it lets pass, and as often as told', async () => {
    const fault = world.sap.faults.add({
      kind: 'reject',
      company: 'TEST',
      path: /^Items/,
      code: -1,
      message: 'no',
      skip: 1,
      times: 2,
    });
    expect((await world.v2.call('GET', 'Warehouses')).status).toBe(200);
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await world.v2.call('GET', 'Items')).status);
    expect(statuses).toEqual([200, 400, 400, 200]);
    expect(fault.hits()).toBe(2);
    world.sap.faults.add({ kind: 'reject', path: /^Login$/, status: 500, code: 299, message: 'busy' });
    expect(errorOf(await world.v2.login()).code).toBe('299');
  });

  it('makes a draft instead where an approval is needed, and says only that nothing was found', async () => {
    world.office.addUserField({ TableName: 'ORDR', Name: 'PD_Key', Description: 'key', EditSize: 64 });
    world.office.requireApproval(true);
    const loud = await post();
    expect(loud.status).toBe(404);
    expect(errorOf(loud)).toEqual({ code: '-2028', message: 'No matching records found (ODBC -2028)' });
    const quiet = await post({ headers: { Prefer: 'return-no-content' } });
    expect(quiet.status).toBe(204);
    expect(made()).toBe(0);
    const [first = {}, second = {}] = world.office.drafts();
    expect(first).toMatchObject({ AuthorizationStatus: 'dasPending', DocObjectCode: 'oOrders' });
    expect(
      errorOf(
        await world.v2.call('POST', 'DraftsService_SaveDraftToDocument', {
          body: { Document: { DocEntry: first['DocEntry'] } },
        }),
      ).code,
    ).toBe('-5002');
    world.office.approveDraft(numberOf(first, 'DocEntry'));
    world.office.rejectDraft(numberOf(second, 'DocEntry'));
    expect(made()).toBe(1);
    expect(world.office.drafts().map((row) => row['AuthorizationStatus'])).toEqual([
      'dasGeneratedbyAuthorizer',
      'dasRejected',
    ]);
    world.office.requireApproval(false);
    expect((await post()).status).toBe(201);
  });

  it("refuses by the customer's own rule with -1116 and rolls everything back", async () => {
    const { cardCode } = usualPair(world);
    const open = numberOf(world.office.partner(cardCode), 'OpenOrdersBalance');
    world.office.refuseOrders('Kostenstelle fehlt');
    expect(errorOf(await post())).toEqual({ code: '-1116', message: '(1) Kostenstelle fehlt' });
    expect(made()).toBe(0);
    expect(numberOf(world.office.partner(cardCode), 'OpenOrdersBalance')).toBe(open);
    world.office.refuseOrders(undefined);
    expect((await post()).status).toBe(201);
  });

  it('blocks a delivery that would take stock below zero, and undoes all of it', async () => {
    const { cardCode, itemCode } = usualPair(world);
    world.office.settings.blocksNegativeStock = true;
    const item = world.office.item(itemCode);
    const order = world.office.createOrder({
      CardCode: cardCode,
      DocumentLines: [
        { ItemCode: itemCode, Quantity: 1, WarehouseCode: '01' },
        { ItemCode: itemCode, Quantity: 99_999, WarehouseCode: '01' },
      ],
    });
    const entry = numberOf(order, 'DocEntry');
    const answer = await world.v2.call('POST', 'DeliveryNotes', {
      body: {
        CardCode: cardCode,
        DocumentLines: [
          { BaseType: 17, BaseEntry: entry, BaseLine: 0 },
          { BaseType: 17, BaseEntry: entry, BaseLine: 1 },
        ],
      },
    });
    expect(errorOf(answer)).toMatchObject({ code: '-10', message: expect.stringContaining('10001069') });
    expect(world.office.order(entry)).toMatchObject({ DocumentStatus: 'bost_Open', DataVersion: 1 });
    expect(world.office.item(itemCode)['QuantityOnStock']).toBe(item['QuantityOnStock']);
  });
});

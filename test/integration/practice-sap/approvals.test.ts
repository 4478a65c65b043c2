import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { numberOf, recordsOf, textOf } from '../../practice/kernel/json.ts';
import type { World } from './sl-client.ts';
import { errorOf, filterPath, openWorld, usualPair } from './sl-client.ts';

describe('practice SAP: approvals and pick lists', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
    world.office.addUserField({ TableName: 'ORDR', Name: 'PD_Key', Description: 'key', EditSize: 64 });
  });
  afterEach(() => world.sap.close());

  const order = (more: object = {}) => {
    const { cardCode, itemCode } = usualPair(world);
    return {
      CardCode: cardCode,
      DocDueDate: '2026-03-24',
      U_PD_Key: 'k',
      DocumentLines: [{ ItemCode: itemCode, Quantity: 4 }],
      ...more,
    };
  };
  const request = () => world.office.rows('ApprovalRequests').at(-1) ?? {};
  const convert = (entry: number) =>
    world.v2.call('POST', 'DraftsService_SaveDraftToDocument', { body: { Document: { DocEntry: String(entry) } } });

  async function waiting(): Promise<number> {
    world.office.requireApproval(true);
    const answer = await world.v2.call('POST', 'Orders', { body: order(), headers: { Prefer: 'return-no-content' } });
    expect(answer.status).toBe(204);
    return numberOf(world.office.drafts()[0] ?? {}, 'DocEntry');
  }

  it('writes a request beside the draft, which tells how it stands', async () => {
    const entry = await waiting();
    const rows = await world.v2.list(filterPath('ApprovalRequests', `DraftEntry eq ${entry} and ObjectType eq '17'`));
    expect(rows).toMatchObject([{ Status: 'arsPending', IsDraft: 'Y', ObjectEntry: entry, OriginatorID: 1 }]);
    expect(errorOf(await convert(entry)).code).toBe('-5002');
    world.office.rejectDraft(entry, 'Erst die alte Rechnung');
    expect(request()).toMatchObject({
      Status: 'arsNotApproved',
      ApprovalRequestLines: [{ Status: 'ardNotApproved', Remarks: 'Erst die alte Rechnung' }],
    });
    expect((await world.v2.call('GET', `Drafts(${entry})`)).body['AuthorizationStatus']).toBe('dasRejected');
    expect(errorOf(await convert(entry)).code).toBe('-5002');
  });

  it('turns an approved draft into one order with its own fields, once, by whoever asked', async () => {
    const entry = await waiting();
    world.office.approveDraft(entry, { generate: false });
    expect((await convert(entry)).status).toBe(204);
    const [made, ...others] = world.office.ordersWithKey();
    expect(others).toEqual([]);
    expect(made).toMatchObject({ U_PD_Key: 'k', AuthorizationStatus: 'dasGenerated', DocumentStatus: 'bost_Open' });
    expect(request()).toMatchObject({
      Status: 'arsGenerated',
      IsDraft: 'N',
      ObjectEntry: numberOf(made ?? {}, 'DocEntry'),
    });
    expect(errorOf(await convert(entry)).code).toBe('-5002');
    expect(world.office.ordersWithKey()).toHaveLength(1);
  });

  it('lets the authorizer generate it, and whoever asked take it back', async () => {
    const first = await waiting();
    world.office.approveDraft(first);
    expect(request()['Status']).toBe('arsGeneratedByAuthorizer');
    const second = world.office.drafts().length;
    await world.v2.call('POST', 'Orders', { body: order(), headers: { Prefer: 'return-no-content' } });
    expect(world.office.drafts()).toHaveLength(second + 1);
    const cancel = `ApprovalRequests(${numberOf(request(), 'Code')})/CancelApprovalRequest`;
    expect((await world.v2.call('POST', cancel)).status).toBe(204);
    expect(world.office.drafts().at(-1)?.['AuthorizationStatus']).toBe('dasCancelled');
    expect(errorOf(await world.v2.call('POST', cancel)).code).toBe('-5006');
  });

  it('asks for the approval when a plain draft is added, and answers as if nothing were there', async () => {
    const draft = await world.v2.call('POST', 'Drafts', { body: { ...order(), DocObjectCode: 'oOrders' } });
    world.office.requireApproval(true);
    const answer = await convert(numberOf(draft.body, 'DocEntry'));
    expect([answer.status, errorOf(answer).code]).toEqual([404, '-2028']);
    expect(world.office.drafts()[0]?.['AuthorizationStatus']).toBe('dasPending');
    expect(world.office.ordersWithKey()).toEqual([]);
  });

  it('deletes a draft with its request, and copies quotation to order to delivery to invoice', async () => {
    const entry = await waiting();
    expect((await world.v2.call('DELETE', `Drafts(${entry})`)).status).toBe(204);
    expect(request()['Status']).toBe('arsCancelled');
    world.office.requireApproval(false);
    let base = await world.v2.call('POST', 'Quotations', { body: order() });
    for (const [set, type] of [
      ['Orders', 23],
      ['DeliveryNotes', 17],
      ['Invoices', 15],
    ] as const) {
      const entry_ = numberOf(base.body, 'DocEntry');
      const copy = { CardCode: base.body['CardCode'], DocDueDate: '2026-03-24' };
      const without = await world.v2.call('POST', set, {
        body: { ...copy, DocumentLines: [{ BaseEntry: entry_, BaseLine: 0 }] },
      });
      expect(errorOf(without).code).toBe('-5002');
      const line = { BaseType: type, BaseEntry: entry_, BaseLine: 0 };
      base = await world.v2.call('POST', set, { body: { ...copy, DocumentLines: [line] } });
      expect(base.status).toBe(201);
      const again = await world.v2.call('POST', set, { body: { ...copy, DocumentLines: [line] } });
      expect(textOf({ text: String(errorOf(again).message) }, 'text')).toContain('already been closed');
    }
  });

  it('keeps purchase orders for suppliers, and closes, reopens and cancels them', async () => {
    const supplier = world.office.rows('BusinessPartners').find((row) => row['CardType'] === 'cSupplier');
    const item = world.office
      .rows('Items')
      .find((row) => row['PurchaseItem'] === 'tYES' && row['InventoryItem'] === 'tYES' && row['Valid'] === 'tYES');
    const lines = [{ ItemCode: item?.['ItemCode'], Quantity: 2, UnitPrice: 10 }];
    const refused = await world.v2.call('POST', 'PurchaseOrders', { body: order({ DocumentLines: lines }) });
    expect(errorOf(refused).code).toBe('-5002');
    const made = await world.v2.call('POST', 'PurchaseOrders', {
      body: { CardCode: supplier?.['CardCode'], DocDueDate: '2026-03-24', DocumentLines: lines },
    });
    expect(made.status).toBe(201);
    const path = `PurchaseOrders(${numberOf(made.body, 'DocEntry')})`;
    for (const [action, status, state] of [
      ['Close', 204, 'bost_Close'],
      ['Cancel', 400, 'bost_Close'],
      ['Reopen', 204, 'bost_Open'],
      ['Cancel', 204, 'bost_Close'],
      ['Reopen', 400, 'bost_Close'],
    ] as const) {
      expect((await world.v2.call('POST', `${path}/${action}`)).status, action).toBe(status);
      expect((await world.v2.call('GET', path)).body['DocumentStatus'], action).toBe(state);
    }
  });

  it('releases and picks an order, and closes the list when it is delivered', async () => {
    const made = await world.v2.call('POST', 'Orders', { body: order() });
    const entry = numberOf(made.body, 'DocEntry');
    const list = world.office.releaseForPicking(entry);
    const line = () => recordsOf(world.office.order(entry), 'DocumentLines')[0] ?? {};
    expect(line()).toMatchObject({ PickStatusEx: 'dlps_ReleasedForPicking', PickStatus: 'tYES', PickQuantity: 0 });
    const number = numberOf(list, 'Absoluteentry');
    world.office.pick(number, { 0: 1 });
    expect(line()).toMatchObject({ PickStatusEx: 'dlps_PartiallyPicked', PickQuantity: 1 });
    world.office.pick(number);
    expect((await world.v2.call('GET', `PickLists(${number})`)).body).toMatchObject({
      Status: 'ps_Picked',
      PickListsLines: [
        { OrderEntry: entry, OrderRowID: 0, ReleasedQuantity: 4, PickedQuantity: 4, BaseObjectType: 17 },
      ],
    });
    world.office.deliverOrder(entry, { 0: 3 });
    expect(world.office.rows('PickLists').at(-1)?.['Status']).toBe('ps_PartiallyDelivered');
    world.office.deliverOrder(entry);
    expect(world.office.rows('PickLists').at(-1)?.['Status']).toBe('ps_Closed');
  });
});

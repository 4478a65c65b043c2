import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpDocument, NewErpDocument } from '../../../server/app/ports/erp-documents.ts';
import { ConflictError, InvalidInputError, NotFoundError, OutcomeUnknownError } from '../../../server/kernel/errors.ts';
import { numberOf, recordsOf } from '../../practice/kernel/json.ts';
import { connectErp, type Sap, startSap, TODAY } from './sap-bench.ts';

let bench: Sap;
let client: ReturnType<typeof connectErp>;
let wanted: NewErpDocument;
let vendor: string;
let next = 0;
function newKey(): string {
  next += 1;
  return `PD9-${String(next).padStart(8, '0')}`;
}

beforeAll(async () => {
  bench = await startSap();
  client = connectErp(bench);
  const { erp, caller } = client;
  await erp.createKeyField(caller);
  const { rows: partners } = await erp.listPartnersByKey(caller, null, 100);
  const { rows: items } = await erp.listItemsByKey(caller, null, 100);
  const customer = partners.find(({ type, active }) => type === 'customer' && active);
  vendor = partners.find(({ type, active }) => type === 'supplier' && active)?.cardCode ?? '';
  const [first, second] = items.filter(({ active, sales }) => active && sales);
  const line = { quantity: '4', unitPrice: '10.5', discountPercent: '3', warehouse: '01' };
  wanted = {
    cardCode: customer?.cardCode ?? '',
    documentDate: TODAY,
    dueDate: '2026-03-20',
    currency: 'EUR',
    customerReference: 'PO 4711',
    comments: 'Deal 9',
    lines: [
      { ...line, itemCode: first?.itemCode ?? '' },
      { ...line, itemCode: second?.itemCode ?? '', unitPrice: null, discountPercent: null, warehouse: null },
    ],
  };
});
afterAll(() => bench.close());
beforeEach(() => bench.sap.faults.clear());

const posts = (path: RegExp) => bench.sap.log.all().filter((entry) => entry.method === 'POST' && path.test(entry.path));

function make(kind: ErpDocument['kind'], changes: Partial<NewErpDocument> = {}, key = newKey()) {
  const { erp, caller } = client;
  return erp.createDocument(caller, { kind, asDraft: false }, { ...wanted, ...changes }, key);
}

function copy(from: ErpDocument, to: ErpDocument['kind'], quantities: { lineNum: number; quantity: string }[] | null) {
  const { erp, caller } = client;
  return erp.copyDocument(caller, { from, to, documentDate: TODAY, dueDate: '2026-03-25', quantities }, newKey());
}

describe('documents', () => {
  it('a quotation is made as it stands, the key with it, and what was left open is left to SAP', async () => {
    const key = newKey();
    const made = await make('quotation', {}, key);
    expect(made).toMatchObject({
      kind: 'quotation',
      isDraft: false,
      status: 'open',
      approval: 'none',
      key,
      customerReference: 'PO 4711',
      date: TODAY,
      dueDate: '2026-03-20',
      currency: 'EUR',
      version: 1,
    });
    expect(made.lines.map(({ quantity, openQuantity, warehouse }) => [quantity, openQuantity, warehouse])).toEqual([
      ['4', '4', '01'],
      ['4', '4', expect.any(String)],
    ]);
    const sent = JSON.parse(posts(/\/Quotations$/).at(-1)?.body ?? '');
    expect(sent).toMatchObject({ NumAtCard: 'PO 4711', U_PD_Key: key });
    expect(sent.DocumentLines[1]).toEqual({ ItemCode: wanted.lines[1]?.itemCode, Quantity: 4 });
  });

  it('quotation, order, delivery note: each is copied from the one before, line by line, and closes it', async () => {
    const { erp, caller } = client;
    const quotation = await make('quotation');
    const order = await copy(quotation, 'order', null);
    expect(order.lines.map(({ base }) => base)).toEqual(
      quotation.lines.map(({ lineNum }) => ({ kind: 'quotation', docEntry: quotation.docEntry, lineNum })),
    );
    expect((await erp.getDocument(caller, quotation)).status).toBe('closed');
    const part = await copy(order, 'delivery_note', [{ lineNum: 0, quantity: '3' }]);
    expect(part.lines).toMatchObject([
      { quantity: '3', base: { kind: 'order', docEntry: order.docEntry, lineNum: 0 } },
    ]);
    const left = await erp.getDocument(caller, order);
    expect(left.status).toBe('open');
    expect(left.lines.map(({ openQuantity }) => openQuantity)).toEqual(['1', '4']);
    await copy(order, 'delivery_note', null);
    expect((await erp.getDocument(caller, order)).status).toBe('closed');
    const lines = JSON.parse(posts(/\/DeliveryNotes$/).at(-1)?.body ?? '').DocumentLines;
    expect(lines[0]).toEqual({ BaseType: 17, BaseEntry: order.docEntry, BaseLine: 0, Quantity: 1 });
  });

  it('nothing is copied that is closed, or more than is open, or that SAP does not copy; and nothing is sent', async () => {
    const { erp, caller } = client;
    const order = await make('order');
    const before = posts(/DeliveryNotes|Quotations/).length;
    await expect(copy(order, 'delivery_note', [{ lineNum: 0, quantity: '4.5' }])).rejects.toThrow(/only 4 of line 1/);
    await expect(copy(order, 'delivery_note', [{ lineNum: 7, quantity: '1' }])).rejects.toThrow(/line 8 is not open/);
    await expect(copy(order, 'quotation', null)).rejects.toBeInstanceOf(InvalidInputError);
    await erp.closeDocument(caller, order, null);
    await expect(copy(order, 'delivery_note', null)).rejects.toBeInstanceOf(ConflictError);
    expect(posts(/DeliveryNotes|Quotations/).length).toBe(before);
  });

  it('SAP refuses what another has taken in between, and no delivery is made', async () => {
    const order = await make('order');
    bench.sap.faults.add({
      method: 'POST',
      path: /DeliveryNotes$/,
      kind: 'meanwhile',
      meanwhile: () => bench.office.closeOrder(order.docEntry),
    });
    await expect(copy(order, 'delivery_note', null)).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('5.8.13 DocEntry and DocNum are never mixed up: neither in what is asked for nor in what a copy refers to', async () => {
    const { erp, caller } = client;
    const order = await make('order');
    expect(order.docEntry).not.toBe(order.docNum);
    expect((await erp.getDocument(caller, order)).docNum).toBe(order.docNum);
    await expect(erp.getDocument(caller, { ...order, docEntry: order.docNum })).rejects.toBeInstanceOf(NotFoundError);
  });

  it('lists a customer’s documents page by page, by internal number', async () => {
    const { erp, caller } = client;
    for (let made = 0; made < 3; made += 1) await make('quotation');
    const all: number[] = [];
    for (let after = 0, done = false; !done; ) {
      const page = await erp.listDocumentsOf(caller, 'quotation', wanted.cardCode, after, 2);
      all.push(...page.rows.map(({ docEntry }) => docEntry));
      after = all.at(-1) ?? 0;
      done = page.done;
    }
    expect(all).toEqual([...new Set(all)].sort((left, right) => left - right));
    const there = bench.office.rows('Quotations').filter((row) => row['CardCode'] === wanted.cardCode);
    expect(all).toEqual(there.map((row) => numberOf(row, 'DocEntry')));
  });

  it('a purchase order, and the draft of one for what a vendor delivers himself', async () => {
    const { erp, caller } = client;
    const lines = wanted.lines.map((line) => ({ ...line, unitPrice: '7', discountPercent: null }));
    const buying = { ...wanted, cardCode: vendor, customerReference: null, lines };
    await expect(make('purchase_order', buying)).resolves.toMatchObject({ kind: 'purchase_order', status: 'open' });
    const key = newKey();
    const draft = await erp.createDocument(caller, { kind: 'purchase_order', asDraft: true }, buying, key);
    expect(draft).toMatchObject({ kind: 'purchase_order', isDraft: true, key });
    expect(await erp.findDocumentsByKey(caller, 'purchase_order', key)).toHaveLength(1);
    expect(await erp.findDocumentsByKey(caller, 'order', key)).toEqual([]);
  });

  it('reads documents of a company that has no key field yet', async () => {
    const bare = await startSap();
    const other = connectErp(bare);
    const docEntry = numberOf(bare.office.orders()[0] ?? {}, 'DocEntry');
    const ref = { kind: 'order', isDraft: false, docEntry } as const;
    await expect(other.erp.getDocument(other.caller, ref)).resolves.toMatchObject({ docEntry, key: '' });
    await bare.close();
  });

  it('5.8.15 gives the document that was made, not one of the same key that was cancelled before', async () => {
    const { erp, caller } = client;
    const key = newKey();
    const first = await make('quotation', {}, key);
    await erp.cancelDocument(caller, first, null);
    const second = await make('quotation', {}, key);
    expect(second).toMatchObject({ status: 'open', key });
    expect(second.docEntry).not.toBe(first.docEntry);
  });

  it('takes a draft of another kind for none of its own', async () => {
    const { erp, caller } = client;
    const key = newKey();
    const { docEntry } = await erp.createDocument(caller, { kind: 'quotation', asDraft: true }, wanted, key);
    const asOrder = erp.getDocument(caller, { kind: 'order', isDraft: true, docEntry });
    await expect(asOrder).rejects.toBeInstanceOf(NotFoundError);
    expect(await erp.findDocumentsByKey(caller, 'order', key)).toEqual([]);
  });

  it('an answer that never came is not a document that was not made', async () => {
    const key = newKey();
    bench.sap.faults.add({ method: 'POST', path: /Quotations$/, kind: 'drop_after_commit' });
    await expect(make('quotation', {}, key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    const { erp, caller } = client;
    expect(await erp.findDocumentsByKey(caller, 'quotation', key)).toHaveLength(1);
  });
});

describe('closing and cancelling', () => {
  it('ends what is open, and is content with what has ended already', async () => {
    const { erp, caller } = client;
    const order = await make('order');
    await expect(erp.closeDocument(caller, order, null)).resolves.toMatchObject({ status: 'closed' });
    await expect(erp.closeDocument(caller, order, null)).resolves.toMatchObject({ status: 'closed' });
    const other = await make('order');
    await expect(erp.cancelDocument(caller, other, other.version)).resolves.toMatchObject({ status: 'cancelled' });
    await expect(erp.cancelDocument(caller, other, null)).resolves.toMatchObject({ status: 'cancelled' });
  });

  it('changes nothing when somebody has changed it since: the version is sent in the one form that SAP looks at', async () => {
    const { erp, caller } = client;
    const order = await make('order');
    const stale = order.version;
    bench.office.deliverOrder(order.docEntry, { 0: 1 });
    await expect(erp.cancelDocument(caller, order, stale)).rejects.toBeInstanceOf(ConflictError);
    await expect(erp.closeDocument(caller, order, stale)).rejects.toBeInstanceOf(ConflictError);
    expect(posts(/\/Cancel$/).at(-1)?.headers['if-match']).toMatch(/^W\/"[0-9A-F]{40}"$/);
    const now = await erp.getDocument(caller, order);
    expect(now.status).toBe('open');
    await expect(erp.closeDocument(caller, order, now.version)).resolves.toMatchObject({ status: 'closed' });
  });

  it('looks where it stands when no answer comes', async () => {
    const { erp, caller } = client;
    const done = await make('order');
    bench.sap.faults.add({ method: 'POST', path: /Cancel$/, kind: 'drop_after_commit' });
    await expect(erp.cancelDocument(caller, done, null)).resolves.toMatchObject({ status: 'cancelled' });
    const undone = await make('order');
    bench.sap.faults.add({ method: 'POST', path: /Close$/, kind: 'drop_before' });
    await expect(erp.closeDocument(caller, undone, null)).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(posts(/\/Close$/).filter(({ path }) => path.includes(`(${undone.docEntry})`))).toHaveLength(1);
  });

  it('leaves alone what SAP ends only by a further document', async () => {
    const { erp, caller } = client;
    const delivery = await copy(await make('order'), 'delivery_note', null);
    await expect(erp.cancelDocument(caller, delivery, null)).rejects.toBeInstanceOf(ConflictError);
    await expect(erp.closeDocument(caller, { ...delivery, isDraft: true }, null)).rejects.toBeInstanceOf(ConflictError);
  });
});

describe('drafts', () => {
  it('are removed when they are ours, and only then', async () => {
    const { erp, caller } = client;
    const key = newKey();
    const draft = await erp.createDocument(caller, { kind: 'order', asDraft: true }, wanted, key);
    expect(draft).toMatchObject({ isDraft: true, status: 'open', approval: 'none' });
    await expect(erp.removeDraft(caller, draft.docEntry, newKey())).rejects.toBeInstanceOf(ConflictError);
    await erp.removeDraft(caller, draft.docEntry, key);
    expect(bench.office.findByKey(key)).toEqual([]);
    await expect(erp.removeDraft(caller, draft.docEntry, key)).resolves.toBeUndefined();
  });

  it('are gone although the answer was lost', async () => {
    const { erp, caller } = client;
    const key = newKey();
    const draft = await erp.createDocument(caller, { kind: 'order', asDraft: true }, wanted, key);
    bench.sap.faults.add({ method: 'DELETE', kind: 'drop_after_commit' });
    await expect(erp.removeDraft(caller, draft.docEntry, key)).resolves.toBeUndefined();
  });
});

describe('what the warehouse and the bank do with it', () => {
  it('pick lists of an order, and how far each of its lines is', async () => {
    const { erp, caller } = client;
    const order = await make('order');
    expect(order.lines.map(({ picking }) => picking.state)).toEqual(['not_picked', 'not_picked']);
    const list = numberOf(bench.office.releaseForPicking(order.docEntry), 'Absoluteentry');
    bench.office.releaseForPicking((await make('order')).docEntry);
    bench.office.pick(list, { 0: 1, 1: 4 });
    const now = await erp.getDocument(caller, order);
    expect(now.lines.map(({ picking }) => picking)).toEqual([
      { state: 'partly_picked', pickedQuantity: '1' },
      { state: 'picked', pickedQuantity: '4' },
    ]);
    expect(await erp.listPickLists(caller, order)).toEqual([
      {
        number: list,
        state: 'partly_picked',
        pickDate: TODAY,
        lines: [
          { orderLineNum: 0, released: '4', picked: '1' },
          { orderLineNum: 1, released: '4', picked: '4' },
        ],
      },
    ]);
  });

  it('payments of an invoice, each as far as it pays that one', async () => {
    const { erp, caller } = client;
    const posted = bench.office.postInvoice({ cardCode: wanted.cardCode, total: 100 });
    const docEntry = numberOf(posted, 'DocEntry');
    bench.office.payInvoice(docEntry, 30);
    bench.office.payInvoice(docEntry, 20);
    bench.office.payInvoice(numberOf(bench.office.postInvoice({ cardCode: wanted.cardCode, total: 50 }), 'DocEntry'));
    const paid = await erp.listPaymentsOf(caller, { docEntry, cardCode: wanted.cardCode });
    expect(paid.map(({ applied, date }) => [applied, date])).toEqual([
      ['30', TODAY],
      ['20', TODAY],
    ]);
    expect(await erp.getDocument(caller, { kind: 'invoice', isDraft: false, docEntry })).toMatchObject({
      kind: 'invoice',
      status: 'open',
    });
  });
});

describe('user fields and tables', () => {
  it('are read as they are defined', async () => {
    const { erp, caller } = client;
    const fields = await erp.listUserFields(caller, 'ORDR');
    expect(fields).toContainEqual({
      tableName: 'ORDR',
      name: 'PD_Key',
      description: 'Pipedrive key',
      type: 'db_Alpha',
      size: 64,
      mandatory: false,
    });
    await erp.createLedger(caller);
    await expect(erp.createLedger(caller)).resolves.toBeUndefined();
    expect(await erp.listUserTables(caller)).toContainEqual({
      name: 'PD_LINK',
      description: 'Pipedrive documents',
      type: 'bott_NoObject',
    });
    expect(await erp.listUserKeys(caller, 'ORDR')).toEqual([]);
    expect(recordsOf({ rows: bench.office.rows('U_PD_LINK') }, 'rows')).toEqual([]);
  });
});

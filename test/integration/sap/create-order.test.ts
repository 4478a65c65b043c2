import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrderDraft } from '../../../server/domain/order-handoff.ts';
import { after } from '../../../server/kernel/clock.ts';
import {
  OutcomeUnknownError,
  RateLimitedError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import type { SapFault } from '../../practice/sap/faults.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { connectErp, connectTo, type Sap, startSap, TODAY } from './sap-bench.ts';
import { makeIdentity, sendJson, startTlsFake, welcome } from './tls-fake.ts';

let bench: Sap;
let draft: OrderDraft;
let next = 0;
function newKey(): string {
  next += 1;
  return `PD7-${String(next).padStart(8, '0')}`;
}

beforeAll(async () => {
  bench = await startSap();
  const { erp, caller } = connectErp(bench);
  await erp.createKeyField(caller);
  const { rows: partners } = await erp.listPartnersByKey(caller, null, 100);
  const { rows: items } = await erp.listItemsByKey(caller, null, 100);
  const customer = partners.find(({ type, active }) => type === 'customer' && active);
  const item = items.find(({ active, sales }) => active && sales);
  draft = {
    cardCode: customer?.cardCode ?? '',
    documentDate: TODAY,
    dueDate: '2026-03-20',
    currency: 'EUR',
    comments: 'Deal 7',
    lines: [{ lineId: 1, itemCode: item?.itemCode ?? '', quantity: '2', unitPrice: '10.5', discountPercent: '3' }],
  };
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.sap.faults.clear();
  bench.office.settings.needsApproval = () => false;
  bench.office.settings.approvalLocation = 'misleading';
  bench.office.settings.ownRule = () => undefined;
  bench.office.settings.rejectsCollectionSelect = false;
});

const NO_SUCH_SET = { error: { code: '-1000', message: 'Unrecognized resource path.' } };
const POST_ORDERS = { method: 'POST', path: /^\/?Orders$/ } as const;
const inSap = (key: string) => bench.office.findByKey(key).filter(({ set }) => set === 'Orders' || set === 'Drafts');
const posts = () => bench.sap.log.all().filter(({ method, path }) => method === 'POST' && /\/Orders$/.test(path));

async function create(key: string, changes: Partial<OrderDraft> = {}) {
  const { erp, caller } = connectErp(bench);
  return erp.createOrder(caller, { ...draft, ...changes }, key);
}

describe('createOrder', () => {
  it('posts the draft with its key, and reads it back', async () => {
    const key = newKey();
    const order = await create(key);
    expect(order).toMatchObject({ document: 'order', status: 'open', key, cardCode: draft.cardCode, date: TODAY });
    expect(order.lines).toMatchObject([{ itemCode: draft.lines[0]?.itemCode, quantity: '2', openQuantity: '2' }]);
    const sent = posts().at(-1);
    expect(sent?.headers['prefer']).toBe('return-no-content');
    expect(sent?.headers).not.toHaveProperty('expect');
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      CardCode: draft.cardCode,
      DocDate: TODAY,
      DocDueDate: '2026-03-20',
      DocCurrency: 'EUR',
      DiscountPercent: 0,
      Comments: 'Deal 7',
      U_PD_Key: key,
      DocumentLines: [{ ItemCode: draft.lines[0]?.itemCode, Quantity: 2, UnitPrice: 10.5, DiscountPercent: 3 }],
    });
  });

  const unknown: readonly SapFault[] = [
    { ...POST_ORDERS, kind: 'drop_after_commit' },
    { ...POST_ORDERS, kind: 'drop_before' },
    { ...POST_ORDERS, kind: 'html_502_after_commit' },
    { ...POST_ORDERS, kind: 'html_502_before' },
    { ...POST_ORDERS, kind: 'empty_500_after_commit' },
    { ...POST_ORDERS, kind: 'late_commit', delayMs: 1000 },
  ];
  it.each(unknown)('does not know after $kind, and does not post again by itself', async (fault) => {
    const key = newKey();
    const before = posts().length;
    bench.sap.faults.add(fault);
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(posts().length - before).toBe(1);
    bench.clock.advance(2000);
    const { erp, caller } = connectErp(bench);
    const found = await erp.findOrdersByKey(caller, key, draft.cardCode);
    expect(found).toHaveLength(inSap(key).length);
  });

  it('does not know when the caller gives up while SAP is at it', async () => {
    const key = newKey();
    bench.sap.faults.add({ ...POST_ORDERS, kind: 'slow' });
    const { erp, caller } = connectErp(bench);
    const leaving = new AbortController();
    const running = erp.createOrder({ ...caller, signal: leaving.signal }, draft, key);
    await expect.poll(() => inSap(key)).toHaveLength(1);
    leaving.abort();
    await expect(running).rejects.toBeInstanceOf(OutcomeUnknownError);
  });

  it('sends nothing when the caller has given up before', async () => {
    const key = newKey();
    const { erp, caller } = connectErp(bench);
    await expect(erp.createOrder({ ...caller, signal: AbortSignal.abort() }, draft, key)).rejects.toBeInstanceOf(
      UnavailableError,
    );
    expect(inSap(key)).toEqual([]);
  });

  it('lets no write leave after the time it is given, though that passed while a socket was being opened', async () => {
    const identity = await makeIdentity();
    const server = await startTlsFake(identity, ({ path }, response) => {
      response.setHeader('connection', 'close');
      if (path.endsWith('/Login')) return welcome(response);
      if (path.includes('U_PD_LINK')) return sendJson(response, 404, NO_SUCH_SET);
      response.writeHead(204, { location: '/b1s/v2/Orders(5)' }).end();
    });
    const clock = movableClock();
    let opened = 0;
    const resolve = async () => {
      opened += 1;
      // For the sign-in, to ask for the ledger, and for the write.
      if (opened === 3) clock.advance(10_000);
      return ['127.0.0.1'];
    };
    const address = `https://sap.example.com:${server.port}/b1s/v2`;
    const { erp, caller } = connectTo(
      { url: server.url, certificatePem: identity.cert },
      { address },
      { clock, resolve },
    );
    const writeBefore = after(clock.now(), 5_000);
    await expect(erp.createOrder({ ...caller, writeBefore }, draft, newKey())).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('Too much time'),
    });
    expect(server.heard.map(({ path }) => path.replace(/\?.*/, ''))).toEqual(['/b1s/v2/Login', '/b1s/v2/U_PD_LINK']);
    expect(opened).toBe(3);
    await server.close();
  });

  it.each([
    ['session_lost', 1],
    // Comes before SAP begins, so it is tried once more at once.
    ['switch_company_305', 2],
  ] as const)('is proven not done after %s', async (kind, sent) => {
    const key = newKey();
    const { erp, caller } = connectErp(bench);
    await erp.findOrdersByKey(caller, key, draft.cardCode);
    const before = posts().length;
    bench.sap.faults.add({ ...POST_ORDERS, kind, times: sent });
    await expect(erp.createOrder(caller, draft, key)).rejects.toBeInstanceOf(UnavailableError);
    expect(inSap(key)).toEqual([]);
    expect(posts().length - before).toBe(sent);
    await expect(erp.createOrder(caller, draft, key)).resolves.toMatchObject({ key });
    expect(inSap(key)).toHaveLength(1);
  });

  it('is proven not done when nobody listens', async () => {
    const { erp, caller } = connectErp(bench, { address: 'https://127.0.0.1:1024/b1s/v2' });
    await expect(erp.createOrder(caller, draft, newKey())).rejects.toBeInstanceOf(UnavailableError);
  });

  it.each([
    [{ code: -5002, message: '(5002) Enter a discount percentage of less than 100' }],
    [{ code: -1116, message: '(1) Kunde hat Liefersperre' }],
    [{ code: -10, message: '10001071 - Customer is inactive' }],
  ])('passes on the refusal %o in SAP’s words', async (refusal) => {
    bench.sap.faults.add({ ...POST_ORDERS, kind: 'reject', ...refusal });
    const error = await create(newKey()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ code: String(refusal.code), words: refusal.message });
  });

  it('says what SAP’s own checks say', async () => {
    await expect(create(newKey(), { cardCode: 'NOBODY' })).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('takes 429 as an appointment', async () => {
    bench.sap.faults.add({ ...POST_ORDERS, kind: 'reject', status: 429, code: -1, message: 'busy' });
    await expect(create(newKey())).rejects.toBeInstanceOf(RateLimitedError);
  });

  it.each(['misleading', 'none'] as const)(
    'finds the draft that waits for an approval (Location %s)',
    async (location) => {
      bench.office.settings.needsApproval = () => true;
      bench.office.settings.approvalLocation = location;
      const key = newKey();
      await expect(create(key)).resolves.toMatchObject({ document: 'draft', status: 'waiting_for_approval', key });
    },
  );

  it('looks in the drafts when SAP says -2028, and believes it when there is nothing', async () => {
    const key = newKey();
    bench.sap.faults.add({
      ...POST_ORDERS,
      kind: 'reject',
      status: 404,
      code: -2028,
      message: 'No matching records found',
    });
    await expect(create(key)).rejects.toMatchObject({ kind: 'rejected', code: '-2028' });
  });

  it('reads back by number when the look-up by key fails', async () => {
    const key = newKey();
    bench.sap.faults.add({ method: 'GET', path: /Drafts/, kind: 'reject', code: -1, message: 'no' });
    await expect(create(key)).resolves.toMatchObject({ key });
  });

  it('does not know when nothing can be read back', async () => {
    const key = newKey();
    bench.sap.faults.add({ method: 'GET', path: /Orders|Drafts/, kind: 'reject', code: -1, message: 'no', times: 9 });
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(inSap(key)).toHaveLength(1);
  });

  it('takes no other order for its own, wherever Location leads', async () => {
    const identity = await makeIdentity();
    const foreign = { DocEntry: 5, DocNum: 5, CardCode: draft.cardCode, DocDate: TODAY, U_PD_Key: 'another' };
    const server = await startTlsFake(identity, ({ method, path }, response) => {
      if (path.endsWith('/Login')) return welcome(response);
      if (method === 'POST') return void response.writeHead(204, { location: '/b1s/v2/Orders(5)' }).end();
      if (path.includes('Orders(5)')) return sendJson(response, 200, foreign);
      sendJson(response, 400, { error: { code: '-1', message: 'no' } });
    });
    const { erp, caller } = connectTo({ url: server.url, certificatePem: identity.cert });
    await expect(erp.createOrder(caller, draft, newKey())).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(server.heard.map(({ path }) => path).at(-1)).toContain('Orders(5)');
    await server.close();
  });

  it('reads back from a server that takes no collections in $select', async () => {
    bench.office.settings.rejectsCollectionSelect = true;
    const key = newKey();
    const order = await create(key);
    expect(order.lines).toHaveLength(1);
  });
});

describe('findOrdersByKey', () => {
  it('finds an order under another customer, since the key alone is asked for', async () => {
    const key = newKey();
    await create(key);
    const { erp, caller } = connectErp(bench);
    expect(await erp.findOrdersByKey(caller, key, 'SOMEBODY ELSE')).toMatchObject([{ cardCode: draft.cardCode }]);
  });

  it('gives a draft that became an order once, as the order', async () => {
    bench.office.settings.needsApproval = () => true;
    const key = newKey();
    const waiting = await create(key);
    const { erp, caller } = connectErp(bench);
    bench.office.settings.needsApproval = () => false;
    bench.office.approveDraft(waiting.docEntry);
    const found = await erp.findOrdersByKey(caller, key, draft.cardCode);
    expect(found).toMatchObject([{ document: 'order', key }]);
  });

  it('5.8.14 gives all that carry the key, the first one first, and 5.8.15 also what was cancelled or closed', async () => {
    const key = newKey();
    await create(key);
    await create(key);
    const [first = 0, second = 0] = inSap(key).map(({ row }) => Number(row['DocEntry']));
    bench.office.cancelOrder(first);
    bench.office.closeOrder(second);
    const { erp, caller } = connectErp(bench);
    expect(await erp.findOrdersByKey(caller, key, draft.cardCode)).toMatchObject([
      { docEntry: first, status: 'cancelled' },
      { docEntry: second, status: 'closed' },
    ]);
  });

  it('leaves out a draft that somebody made the order from without an approval', async () => {
    const key = newKey();
    const { erp, caller } = connectErp(bench);
    const { comments, cardCode, currency, documentDate, dueDate, lines } = draft;
    const made = await erp.createDocument(
      caller,
      { kind: 'order', asDraft: true },
      {
        ...{ comments, cardCode, currency, documentDate, dueDate },
        customerReference: null,
        lines: lines.map((line) => ({ ...line, warehouse: null })),
      },
      key,
    );
    const order = await erp.turnDraftIntoOrder(caller, made.docEntry, key);
    expect(order).toMatchObject({ document: 'order', key });
    expect(await erp.findOrdersByKey(caller, key, draft.cardCode)).toMatchObject([{ docEntry: order.docEntry }]);
    // Asked again, nothing is made anew.
    await expect(erp.turnDraftIntoOrder(caller, made.docEntry, key)).resolves.toMatchObject({
      docEntry: order.docEntry,
    });
    expect(inSap(key).filter(({ set }) => set === 'Orders')).toHaveLength(1);
  });

  it('5.8.15 takes no order that was cancelled for the one that a draft became', async () => {
    const key = newKey();
    const { erp, caller } = connectErp(bench);
    const cancelled = await create(key);
    bench.office.cancelOrder(cancelled.docEntry);
    bench.office.settings.needsApproval = () => true;
    await expect(create(key)).resolves.toMatchObject({ document: 'draft', status: 'waiting_for_approval' });
    bench.office.settings.needsApproval = () => false;
    const waiting = Number(inSap(key).find(({ set }) => set === 'Drafts')?.row['DocEntry']);
    // Not approved yet, so SAP refuses; the cancelled order does not make that a success.
    await expect(erp.turnDraftIntoOrder(caller, waiting, key)).rejects.toBeInstanceOf(RejectedError);
    bench.office.approveDraft(waiting, { generate: false });
    const order = await erp.turnDraftIntoOrder(caller, waiting, key);
    expect(order).toMatchObject({ document: 'order', status: 'open', key });
    expect(order.docEntry).not.toBe(cancelled.docEntry);
  });

  it('finds a draft on a server that knows kinds of drafts by their numbers', async () => {
    bench.office.settings.needsApproval = () => true;
    const key = newKey();
    const waiting = await create(key);
    bench.office.overwrite('Drafts', String(waiting.docEntry), { DocObjectCode: '17' });
    const { erp, caller } = connectErp(bench);
    expect(await erp.findOrdersByKey(caller, key, draft.cardCode)).toMatchObject([{ document: 'draft', key }]);
    // What was copied from an order carries its key too.
    bench.office.overwrite('Drafts', String(waiting.docEntry), { DocObjectCode: 'oDeliveryNotes' });
    expect(await erp.findOrdersByKey(caller, key, draft.cardCode)).toEqual([]);
  });

  it('escapes what stands in a key', async () => {
    const { erp, caller } = connectErp(bench);
    expect(await erp.findOrdersByKey(caller, "x' or DocEntry gt '0", draft.cardCode)).toEqual([]);
  });
});

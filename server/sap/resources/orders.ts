import type { ErpOrder } from '../../app/ports/erp.ts';
import type { OrderDraft } from '../../domain/order-handoff.ts';
import { AppError } from '../../kernel/errors.ts';
import type { SapCompany } from '../company.ts';
import { isDraftOf } from '../document-kinds.ts';
import { readOne, readPage, selectFor, withSelectableCollections } from '../lists.ts';
import { isPast, ORDER_FIELDS, OrderRow, toOrder } from '../mappers/document.ts';
import { orderBody } from '../mappers/order-body.ts';
import { anyOf, type Condition, compare, integer, one, text } from '../odata.ts';
import { createOnce } from './keyed-write.ts';
import { writeGuarded } from './ledger.ts';

/** The user field on document headers that carries our key. */
const KEY = 'U_PD_Key';
/** Documents with one key: one is right, and more than a handful would be a fault of another making. */
const MOST_WITH_ONE_KEY = 20;

/**
 * Orders, then drafts, that carry the key, whoever the customer is: an order under another customer must be seen too.
 * Drafts are asked for first: a draft that becomes an order between the two questions is then seen at least once.
 */
export async function findOrdersByKey(company: SapCompany, key: string): Promise<readonly ErpOrder[]> {
  const drafts = await readDrafts(company, key);
  const orders = await readOrders(company, key);
  const waiting = orders.length === 0 ? drafts : drafts.filter((row) => !isPast(row));
  const { localCurrency } = company.access;
  return [
    ...orders.map((row) => toOrder(row, 'order', localCurrency)),
    ...waiting.map((row) => toOrder(row, 'draft', localCurrency)),
  ];
}

async function readOrders(company: SapCompany, key: string): Promise<readonly OrderRow[]> {
  const query = {
    select: ORDER_FIELDS,
    filter: ordersWithKey([key]),
    orderBy: ['DocEntry'],
    top: MOST_WITH_ONE_KEY,
  } as const;
  return (await readPage(company, 'Orders', query, OrderRow, 'lookup')).rows;
}

async function readDrafts(company: SapCompany, key: string): Promise<readonly OrderRow[]> {
  const query = {
    select: ORDER_FIELDS,
    filter: draftsWithKey([key]),
    orderBy: ['DocEntry'],
    top: MOST_WITH_ONE_KEY,
  } as const;
  return (await readPage(company, 'Drafts', query, OrderRow, 'lookup')).rows.filter(isDraftOrder);
}

export function ordersWithKey(keys: readonly string[]): Condition<'Orders'> {
  return anyOf<'Orders'>(...keys.map((key) => compare<'Orders'>(KEY, 'eq', text(key))));
}

/** Of any kind: what is copied from an order takes its key along, so that rows still go through `isDraftOrder`. */
export function draftsWithKey(keys: readonly string[]): Condition<'Drafts'> {
  return anyOf<'Drafts'>(...keys.map((key) => compare<'Drafts'>(KEY, 'eq', text(key))));
}

export function isDraftOrder({ DocObjectCode }: OrderRow): boolean {
  return isDraftOf('order', DocObjectCode);
}

/**
 * Posts the order and reads it back; where the company has our ledger, together with the key's row in it. What SAP
 * answers after it has begun to book is never taken as "not done" unless it is SAP's own refusal.
 * @throws {OutcomeUnknownError} look it up later
 */
export async function createOrder(company: SapCompany, draft: OrderDraft, key: string): Promise<ErpOrder> {
  const body = JSON.stringify({ ...orderBody(draft), [KEY]: key });
  const find = async () => {
    const found = await findOrdersByKey(company, key);
    return found.find(({ status }) => status !== 'cancelled') ?? found[0];
  };
  const readBack = (docEntry: number) => readOrder(company, docEntry, key);
  const guarded = await writeGuarded(company, { target: 'Orders', body, key, find });
  if (guarded !== 'send_alone' && 'found' in guarded) return guarded.found;
  const request = { method: 'POST', target: 'Orders', headers: { prefer: 'return-no-content' }, body } as const;
  return createOnce({
    send: async () => (guarded === 'send_alone' ? company.write(request) : guarded.answer),
    find,
    readBack,
  });
}

/** Location may lead to a document that is not ours when SAP kept a draft: only one with our key counts. */
async function readOrder(company: SapCompany, docEntry: number, key: string): Promise<ErpOrder | undefined> {
  try {
    const row = await withSelectableCollections(company, () =>
      company.read(
        () => ({ method: 'GET', target: one('Orders', integer(docEntry), selectFor(company, ORDER_FIELDS)) }),
        (answer) => readOne(answer, OrderRow),
        'lookup',
      ),
    );
    return row[KEY] === key ? toOrder(row, 'order', company.access.localCurrency) : undefined;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/**
 * Turns an approved draft into its order; it carries the draft's key and is found by it, since SAP does not say which one
 * it has made (reference 8.5).
 * @throws {OutcomeUnknownError} look it up later
 * @throws {RejectedError} SAP does not make it, and there is none
 */
export async function turnDraftIntoOrder(company: SapCompany, draftEntry: number, key: string): Promise<ErpOrder> {
  // An order of this key that was cancelled before is not the one that is being made.
  const find = async () =>
    (await findOrdersByKey(company, key)).find(
      ({ document, status }) => document === 'order' && status !== 'cancelled',
    );
  return createOnce({
    send: () =>
      company.write({
        method: 'POST',
        target: 'DraftsService_SaveDraftToDocument',
        body: JSON.stringify({ Document: { DocEntry: draftEntry } }),
      }),
    find,
    refusedMayExist: true,
  });
}

import { z } from 'zod';
import type { ErpOrder } from '../../app/ports/erp.ts';
import type { OrderDraft } from '../../domain/order-handoff.ts';
import { AppError, OutcomeUnknownError, RejectedError } from '../../kernel/errors.ts';
import type { SapCompany } from '../company.ts';
import { parseJson } from '../errors.ts';
import type { HttpAnswer } from '../exchange.ts';
import { readOne, readPage, selectFor, withSelectableCollections } from '../lists.ts';
import { isGenerated, ORDER_FIELDS, OrderRow, toOrder } from '../mappers/document.ts';
import { orderBody } from '../mappers/order-body.ts';
import { allOf, anyOf, type Condition, compare, integer, one, text } from '../odata.ts';

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
  const waiting = orders.length === 0 ? drafts : drafts.filter((row) => !isGenerated(row));
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
  return (await readPage(company, 'Drafts', query, OrderRow, 'lookup')).rows;
}

export function ordersWithKey(keys: readonly string[]): Condition<'Orders'> {
  return anyOf<'Orders'>(...keys.map((key) => compare<'Orders'>(KEY, 'eq', text(key))));
}

export function draftsWithKey(keys: readonly string[]): Condition<'Drafts'> {
  const withKey = anyOf<'Drafts'>(...keys.map((key) => compare<'Drafts'>(KEY, 'eq', text(key))));
  return allOf<'Drafts'>(compare('DocObjectCode', 'eq', text('oOrders')), withKey);
}

/**
 * Posts the order once and reads it back. What SAP answers after it has begun to book is never taken as "not done"
 * unless it is SAP's own refusal.
 * @throws {OutcomeUnknownError} look it up later
 */
export async function createOrder(company: SapCompany, draft: OrderDraft, key: string): Promise<ErpOrder> {
  const answer = await post(company, draft, key);
  if ('refused' in answer) {
    // With an approval procedure SAP keeps a draft and then fails to read back an order: "no matching records".
    const found = await lookUp(company, key);
    if (found) return found;
    throw answer.refused;
  }
  const found = await lookUp(company, key).catch((error: unknown) => {
    if (answer.docEntry === undefined) throw error;
    return undefined;
  });
  const order = found ?? (answer.docEntry === undefined ? undefined : await readBack(company, answer.docEntry, key));
  if (order) return order;
  throw new OutcomeUnknownError('SAP took the order but does not show it yet. It is looked up before anything else.');
}

type Posted = { readonly docEntry: number | undefined } | { readonly refused: RejectedError };

async function post(company: SapCompany, draft: OrderDraft, key: string): Promise<Posted> {
  try {
    const answer = await company.write({
      method: 'POST',
      target: 'Orders',
      headers: { prefer: 'return-no-content' },
      body: JSON.stringify({ ...orderBody(draft), [KEY]: key }),
    });
    return { docEntry: docEntryOf(answer) };
  } catch (error) {
    if (error instanceof RejectedError && MAY_EXIST.has(error.code)) return { refused: error };
    throw error;
  }
}

/** -2028: kept as a draft for approval. -2035: a unique key on the user field says that it is there already. */
const MAY_EXIST: ReadonlySet<string> = new Set(['-2028', '-2035']);

async function lookUp(company: SapCompany, key: string): Promise<ErpOrder | undefined> {
  try {
    return (await findOrdersByKey(company, key))[0];
  } catch (error) {
    throw new OutcomeUnknownError('The order was sent to SAP, but could not be read back yet.', { cause: error });
  }
}

/** Location may lead to a document that is not ours when SAP kept a draft: only one with our key counts. */
async function readBack(company: SapCompany, docEntry: number, key: string): Promise<ErpOrder | undefined> {
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

const Created = z.object({ DocEntry: z.number().int().safe() });

/** From `Location: /b1s/v2/Orders(1234)`, or from the body of a server that passes over the preference. */
function docEntryOf(answer: HttpAnswer): number | undefined {
  const located = /Orders\((\d{1,10})\)\s*$/.exec(answer.header('location') ?? '')?.[1];
  if (located !== undefined) return Number(located);
  return Created.safeParse(parseJson(answer.body)).data?.DocEntry;
}

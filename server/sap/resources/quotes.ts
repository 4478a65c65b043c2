import { z } from 'zod';
import type { ErpItemQuote, ErpPrice, ErpQuotes, ErpStock } from '../../app/ports/erp.ts';
import type { OrderDraft } from '../../domain/order-handoff.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { compare as compareAmounts, type Decimal, percentOf, subtract, toJsonNumber } from '../../kernel/money.ts';
import type { BatchPart } from '../batch.ts';
import { type BatchOutcome, readTogether } from '../batch-read.ts';
import type { SapCompany } from '../company.ts';
import type { HttpAnswer } from '../exchange.ts';
import { listPart, PAGE_SIZE, readOne, readRows, withSelectableCollections } from '../lists.ts';
import { STOCK_FIELDS, StockRow, toStock } from '../mappers/item.ts';
import { orderBody } from '../mappers/order-body.ts';
import { amount, filled } from '../mappers/values.ts';
import { anyOf, compare, type FieldOfType, text } from '../odata.ts';
import { todayAt } from './partners.ts';

export interface AskedItem {
  readonly itemCode: string;
  readonly quantity: Decimal;
  readonly currency: string;
}

type Asked = { readonly asked: AskedItem; readonly price: ErpPrice | null; readonly problem: string | null };

const WarehouseRow = z.object({ WarehouseCode: z.string(), WarehouseName: z.string().nullish() });

/**
 * Price and stock of a few items for one customer, and what SAP would make of the order. All in one batch; a batch stops
 * at the first price SAP refuses, so that each refusal costs one more request for those behind it. Stock comes first: no
 * price can take it away. The preview comes last: it takes nothing away.
 */
export function quoteItems(
  company: SapCompany,
  cardCode: string,
  items: readonly AskedItem[],
  date: LocalDate,
  order: OrderDraft | null,
): Promise<ErpQuotes> {
  if (items.length === 0) return Promise.resolve({ items: [], gross: null });
  return withSelectableCollections(company, async () => {
    const stockParts = stockAndNames(company, items);
    const questions = [...items.map((item) => pricePart(cardCode, item, date)), ...(order ? [previewPart(order)] : [])];
    const first = await readTogether(company, [...stockParts, ...questions]);
    if (first.answers.length < stockParts.length) throw first.stopped ?? new RangeError('a batch without its answers');
    const stock = readStock(company, first.answers.slice(0, stockParts.length));

    const asked: Asked[] = [];
    let gross: Decimal | null = null;
    let outcome: BatchOutcome = { answers: first.answers.slice(stockParts.length), stopped: first.stopped };
    for (;;) {
      for (const answer of outcome.answers) {
        const item = items[asked.length];
        if (item) asked.push(priced(item, answer));
        else gross = readGross(answer);
      }
      const refused = items[asked.length];
      // Nothing stopped it, or the preview did: an old server has none, and an order may be refused. Both are no answer.
      if (!outcome.stopped || !refused) break;
      asked.push({ asked: refused, price: null, problem: wordsOf(outcome.stopped) });
      const rest = questions.slice(asked.length);
      if (rest.length === 0) break;
      outcome = await readTogether(company, rest);
    }
    return { items: asked.map(({ asked: item, price, problem }) => toQuote(item, price, problem, stock)), gross };
  });
}

/** Computes an order without saving it (reference: `OrdersService_Preview`; hidden from some servers' metadata). */
function previewPart(order: OrderDraft): BatchPart {
  return { method: 'POST', target: 'OrdersService_Preview', body: JSON.stringify({ Document: orderBody(order) }) };
}

const Preview = z.object({ DocTotal: z.number() } satisfies Partial<Record<FieldOfType<'Document'>, z.ZodType>>);

/** `DocTotal` is in local currency and with tax. */
function readGross(answer: HttpAnswer): Decimal {
  return amount(readOne(answer, Preview).DocTotal);
}

/** Stock of all items, and the warehouses' names while they are not remembered. */
function stockAndNames(company: SapCompany, items: readonly AskedItem[]): readonly BatchPart[] {
  const filter = anyOf<'Items'>(...items.map(({ itemCode }) => compare<'Items'>('ItemCode', 'eq', text(itemCode))));
  const stock = listPart(company, 'Items', { select: STOCK_FIELDS, filter, orderBy: ['ItemCode'], top: PAGE_SIZE });
  if (company.memory.get('warehouses')) return [stock];
  const names = listPart(company, 'Warehouses', {
    select: ['WarehouseCode', 'WarehouseName'],
    orderBy: ['WarehouseCode'],
    top: PAGE_SIZE,
  });
  return [stock, names];
}

function readStock(company: SapCompany, [stock, warehouses]: readonly HttpAnswer[]): ReadonlyMap<string, ErpStock> {
  if (warehouses) {
    const { rows } = readRows(warehouses, WarehouseRow, PAGE_SIZE);
    company.memory.set(
      'warehouses',
      new Map(rows.map((row) => [row.WarehouseCode, row.WarehouseName ?? row.WarehouseCode])),
    );
  }
  const names = company.memory.get('warehouses') ?? new Map<string, string>();
  const today = todayAt(company);
  const rows = stock ? readRows(stock, StockRow, PAGE_SIZE).rows : [];
  return new Map(rows.map((row) => [row.ItemCode, toStock(row, today, names)]));
}

type Params = Partial<Record<FieldOfType<'ItemPriceParams'>, unknown>>;

function pricePart(cardCode: string, item: AskedItem, date: LocalDate): BatchPart {
  const params: Params = {
    CardCode: cardCode,
    ItemCode: item.itemCode,
    Date: date,
    UoMQuantity: toJsonNumber(item.quantity),
    Currency: item.currency,
  };
  return { method: 'POST', target: 'CompanyService_GetItemPrice', body: JSON.stringify({ ItemPriceParams: params }) };
}

const PriceAnswer = z.object({
  Price: z.number(),
  Currency: z.string().nullish(),
  Discount: z.number().nullish(),
} satisfies Record<FieldOfType<'ItemPriceReturnParams'>, z.ZodType>);

/**
 * Whether `Price` is before or after `Discount` is settled in no public document. It is read as before: the pair then
 * means what UnitPrice and DiscountPercent mean on a document line, and the price shown is never higher than SAP's.
 */
function priced(asked: AskedItem, answer: HttpAnswer): Asked {
  const { Price, Currency, Discount } = readOne(answer, PriceAnswer);
  const price = amount(Price);
  const net = Discount ? subtract(price, percentOf(price, amount(Discount))) : price;
  // SAP answers 0 where no price list has the item: that is no price, not a gift.
  if (compareAmounts(net, '0') <= 0) return { asked, price: null, problem: null };
  return { asked, price: { price: net, currency: filled(Currency) ?? asked.currency }, problem: null };
}

function toQuote(
  { itemCode }: AskedItem,
  price: ErpPrice | null,
  problem: string | null,
  stock: ReadonlyMap<string, ErpStock>,
): ErpItemQuote {
  const own = stock.get(itemCode) ?? null;
  return { itemCode, price, stock: own, problem: own === null ? 'SAP has no item with this code.' : problem };
}

/** An item's own refusal becomes its problem; anything else concerns the whole question. */
function wordsOf(error: Error): string {
  if (error instanceof RejectedError || error instanceof NotFoundError) return error.message;
  throw error;
}

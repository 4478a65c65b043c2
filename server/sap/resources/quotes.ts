import { z } from 'zod';
import type { ErpItemQuote, ErpPrice, ErpQuotes, ErpStock } from '../../app/ports/erp.ts';
import type { OrderDraft } from '../../domain/order-handoff.ts';
import type { AgreementFacts } from '../../domain/price-facts.ts';
import type { AnsweredPrice } from '../../domain/price-rule.ts';
import { AppError } from '../../kernel/errors.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { type Decimal, isZero } from '../../kernel/money.ts';
import type { BatchPart } from '../batch.ts';
import { type PartOutcome, readEach } from '../batch-read.ts';
import type { SapCompany } from '../company.ts';
import type { HttpAnswer } from '../exchange.ts';
import { listPart, PAGE_SIZE, readOne, readRows, withSelectableCollections } from '../lists.ts';
import { isSalesKit, STOCK_FIELDS, StockRow, toStock } from '../mappers/item.ts';
import { itemPricePart, PricingPreview, pricingPreviewPart } from '../mappers/item-price.ts';
import { orderBody } from '../mappers/order-body.ts';
import { amount } from '../mappers/values.ts';
import { anyOf, compare, type FieldOfType, text } from '../odata.ts';
import { agreedPrice, agreementParts, keepAgreements } from './agreed-prices.ts';
import { kitStock } from './kit-stock.ts';
import { WAREHOUSE_NAMES } from './name-lists.ts';
import { todayAt } from './partners.ts';
import { isAssumed, learnReading, pricesBy, readItemPrice } from './price-reading.ts';
import { orWords } from './readable.ts';

export interface AskedItem {
  readonly itemCode: string;
  readonly quantity: Decimal;
  readonly currency: string;
}

interface Asked {
  readonly item: AskedItem;
  /** Null: SAP has no price. */
  readonly answer: AnsweredPrice | null;
  readonly problem: string | null;
}

/** What is known of the items' stock, each by its code: the stock, or why it cannot be told. */
type Stocks = ReadonlyMap<string, ErpStock | { readonly words: string }>;

/**
 * Price and stock of a few items for one customer, and what SAP would make of the order. All in one batch, each part with
 * its own fate but for the stock itself. The previews come last: they take nothing away.
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
    const names = WAREHOUSE_NAMES.part(company);
    const agreements = agreementParts(company, cardCode, date);
    const prices = items.map((item) => ({ ...item, cardCode, unit: null, date }));
    const wanted = order !== null && company.memory.itemPriceReading === 'wanted';
    const parts: readonly BatchPart[] = [
      stockPart(company, items),
      ...(names ? [names] : []),
      ...agreements,
      ...prices.map(itemPricePart),
      ...(order ? [previewPart(order)] : []),
      ...(wanted ? [pricingPreviewPart(prices)] : []),
    ];
    const outcomes = [...(await readEach(company, parts, 1))];
    const [stockAnswer] = outcomes.splice(0, 1);
    await WAREHOUSE_NAMES.keep(company, names && outcomes.splice(0, 1)[0]);
    const agreed = await keepAgreements(company, cardCode, outcomes.splice(0, agreements.length)[0], date);
    const asked = outcomes.splice(0, items.length).flatMap((outcome, index) => answered(items[index], outcome));
    const [ofOrder, ofPrices] = outcomes;
    learn(company, asked, wanted ? answerIn(ofPrices) : undefined);
    const stock = await readStock(company, answerIn(stockAnswer));
    return {
      items: asked.map((one) => toQuote(company, one, stock, agreed(one.item.itemCode))),
      gross: readGross(answerIn(ofOrder)),
    };
  });
}

const answerIn = (outcome: PartOutcome | undefined): HttpAnswer | undefined =>
  outcome instanceof Error ? undefined : outcome;

/** Computes an order without saving it (reference: `OrdersService_Preview`; hidden from some servers' metadata). */
function previewPart(order: OrderDraft): BatchPart {
  return { method: 'POST', target: 'OrdersService_Preview', body: JSON.stringify({ Document: orderBody(order) }) };
}

const Preview = z.object({ DocTotal: z.number() } satisfies Partial<Record<FieldOfType<'Document'>, z.ZodType>>);

/** `DocTotal` is in local currency and with tax. An old server has no preview, and SAP may refuse the order. */
function readGross(answer: HttpAnswer | undefined): Decimal | null {
  const total = answer && orWords(() => amount(readOne(answer, Preview).DocTotal));
  return typeof total === 'string' ? total : null;
}

function stockPart(company: SapCompany, items: readonly AskedItem[]): BatchPart {
  const filter = anyOf<'Items'>(...items.map(({ itemCode }) => compare<'Items'>('ItemCode', 'eq', text(itemCode))));
  return listPart(company, 'Items', { select: STOCK_FIELDS, filter, orderBy: ['ItemCode'], top: PAGE_SIZE });
}

/** Without the warehouses that nothing is sold from. */
async function readStock(company: SapCompany, answer: HttpAnswer | undefined): Promise<Stocks> {
  const names = company.memory.get('warehouses') ?? new Map<string, string>();
  const closed = company.memory.get('closedWarehouses') ?? new Set<string>();
  const today = todayAt(company);
  const read = (row: StockRow) => orWords(() => toStock(row, today, names, closed));
  const rows = answer ? readRows(answer, StockRow, PAGE_SIZE).rows : [];
  const kits = rows.filter(isSalesKit).flatMap((row) => {
    const stock = read(row);
    return 'words' in stock ? [] : [stock];
  });
  const made = kits.length === 0 ? new Map<string, ErpStock>() : await kitStock(company, kits, names, closed);
  const unknownKit = { words: 'SAP does not tell what this set is made of.' };
  return new Map(
    rows.map((row) => [row.ItemCode, isSalesKit(row) ? (made.get(row.ItemCode) ?? unknownKit) : read(row)]),
  );
}

/** An item's own refusal is its problem. SAP answers 0 where no price list has the item: that is no price, not a gift. */
function answered(item: AskedItem | undefined, outcome: PartOutcome): Asked[] {
  if (item === undefined) return [];
  if (outcome instanceof AppError) return [{ item, answer: null, problem: outcome.message }];
  if (outcome instanceof Error) throw outcome;
  const read = orWords(() => ({ price: readItemPrice(outcome, item.currency) }));
  if ('words' in read) return [{ item, answer: null, problem: read.words }];
  return [{ item, answer: read.price, problem: null }];
}

/** Whether prices are before or after their discounts: shown by SAP's own order lines, asked for once it matters. */
function learn(company: SapCompany, asked: readonly Asked[], preview: HttpAnswer | undefined): void {
  const { memory } = company;
  const lines = preview ? (readOne(preview, PricingPreview).DocumentLines ?? []) : [];
  for (const { item, answer } of asked) {
    const line = lines.find(({ ItemCode }) => ItemCode === item.itemCode);
    if (answer && line) learnReading(company, answer, line);
  }
  const matters = asked.some(({ answer }) => answer && !isZero(answer.discountPercent));
  if (matters && memory.itemPriceReading === undefined) memory.itemPriceReading = 'wanted';
}

function toQuote(
  company: SapCompany,
  { item, answer, problem }: Asked,
  stock: Stocks,
  agreed: readonly AgreementFacts[],
): ErpItemQuote {
  const { itemCode } = item;
  const found = stock.get(itemCode);
  const own = found && !('words' in found) ? found : null;
  const { localCurrency } = company.access;
  const price =
    agreedPrice(agreed, own, item.currency, localCurrency) ?? (answer && asAnswered(company, answer, agreed));
  if (found === undefined) return { itemCode, price, stock: null, problem: 'SAP has no item with this code.' };
  return { itemCode, price, stock: own, problem: problem ?? ('words' in found ? found.words : null) };
}

/** With an agreement that could not be read as a price, SAP's answer may not be what the customer pays. */
function asAnswered(company: SapCompany, answer: AnsweredPrice, agreed: readonly AgreementFacts[]): ErpPrice {
  const { price } = pricesBy(company.memory.itemPriceReading, answer);
  return { price, currency: answer.currency, assumed: isAssumed(company, answer) || agreed.length > 0 };
}

import type { ErpPartnerPricing } from '../../app/ports/erp-master-data.ts';
import type { ErpEffectivePrice, ErpPriceList } from '../../app/ports/erp-prices.ts';
import { type AnsweredPrice, isNear, type PriceRule } from '../../domain/price-rule.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import { add, multiply } from '../../kernel/money.ts';
import type { BatchPart } from '../batch.ts';
import { readTogether } from '../batch-read.ts';
import type { SapCompany } from '../company.ts';
import { readOne } from '../lists.ts';
import {
  itemPricePart,
  type PreviewLine,
  type PriceAsked,
  PricingPreview,
  pricingPreviewPart,
  ruleOf,
} from '../mappers/item-price.ts';
import { PricingRow, toPricing } from '../mappers/partner-details.ts';
import { amount } from '../mappers/values.ts';
import { one, text } from '../odata.ts';
import { type AskAgain, workOutRule } from './price-evidence.ts';
import { listPriceListDetails, unlessRefused } from './price-lists.ts';
import { isAssumed, learnReading, pricesBy, pricesOf, readItemPrice } from './price-reading.ts';

/**
 * Partner, price and an order computed without being saved in one request, the price lists beside it. Where SAP computes
 * no order (an old server, a customer it would refuse), the rule is worked out from master data.
 */
export async function getEffectivePrice(company: SapCompany, asked: PriceAsked): Promise<ErpEffectivePrice | null> {
  const [answers, lists] = await Promise.all([ask(company, asked), unlessRefused(listPriceListDetails(company))]);
  const { partner, answer, preview } = answers;
  if (answer === null) return null;
  const stated = preview ? ruleOf(preview.PriceSource) : null;
  const seen = preview ? pricesOf(preview, answer.currency) : null;
  if (preview) learnReading(company, answer, preview);
  const shared = {
    currency: answer.currency,
    documentDiscountPercent: partner.pricing.documentDiscountPercent,
  };
  if (stated) {
    const tax = taxOf(stated, partner.pricing, lists, preview);
    return {
      ...shared,
      ...(seen ?? readAs(company, answer)),
      tax,
      rule: stated,
      ruleIs: 'stated',
      assumed: seen === null && isAssumed(company, answer),
    };
  }
  const again: AskAgain = (change) => askItemPrice(company, { ...asked, ...change });
  const worked = await workOutRule(company, asked, partner, answer, again);
  const { found } = worked;
  if (found && found.answered !== 'either') company.memory.itemPriceReading = found.answered;
  const rule = found && ruleWith(found.candidate.rule, lists, partner.pricing);
  return {
    ...shared,
    ...readAs(company, worked.answer),
    tax: taxOf(rule, partner.pricing, lists, undefined),
    rule,
    ruleIs: 'worked_out',
    assumed: isAssumed(company, worked.answer),
  };
}

const readAs = (company: SapCompany, answer: AnsweredPrice) => pricesBy(company.memory.itemPriceReading, answer);

interface Answers {
  readonly partner: { readonly groupCode: number | null; readonly pricing: ErpPartnerPricing };
  /** Null: SAP has no price. */
  readonly answer: AnsweredPrice | null;
  readonly preview: PreviewLine | undefined;
}

async function ask(company: SapCompany, asked: PriceAsked): Promise<Answers> {
  const partnerPart: BatchPart = {
    method: 'GET',
    target: one('BusinessPartners', text(asked.cardCode), PricingRow.keyof().options),
  };
  const parts = [partnerPart, itemPricePart(asked), pricingPreviewPart([asked])];
  const { answers, stopped } = await readTogether(company, parts);
  const [partner, price, preview] = answers;
  if (!partner) throw missing(stopped, `SAP has no business partner ${asked.cardCode}.`);
  if (!price) throw missing(stopped, `SAP has no item ${asked.itemCode}.`);
  const row = readOne(partner, PricingRow);
  return {
    partner: { groupCode: row.GroupCode ?? null, pricing: toPricing(row) },
    answer: readItemPrice(price, asked.currency ?? company.access.localCurrency),
    // Nothing is lost with it: an order that SAP would refuse has no preview, and neither has an old server.
    preview: preview && readOne(preview, PricingPreview).DocumentLines?.[0],
  };
}

function missing(stopped: Error | undefined, message: string): Error {
  if (stopped instanceof RejectedError && stopped.code === '-2028')
    return new NotFoundError(message, { cause: stopped });
  return stopped ?? new RangeError('a batch without its answers');
}

async function askItemPrice(company: SapCompany, asked: PriceAsked): Promise<AnsweredPrice | null> {
  const { target, body } = itemPricePart(asked);
  return company.read(
    () => ({ method: 'POST', target, ...(body === undefined ? {} : { body }) }),
    (answer) => readItemPrice(answer, asked.currency ?? company.access.localCurrency),
  );
}

function ruleWith(
  rule: Pick<PriceRule, 'kind' | 'discountGroup'>,
  lists: readonly ErpPriceList[] | null,
  { priceList }: ErpPartnerPricing,
): PriceRule {
  const own = rule.kind === 'price_list' ? lists?.find(({ number }) => number === priceList) : undefined;
  return { ...rule, listActive: own?.active ?? null };
}

/** A price may hold tax where a list with tax can be behind it; then SAP's own line has to show whether it does. */
function taxOf(
  rule: PriceRule | null,
  { priceList }: ErpPartnerPricing,
  lists: readonly ErpPriceList[] | null,
  line: PreviewLine | undefined,
): ErpEffectivePrice['tax'] {
  const fromOwnList = rule?.kind === 'price_list' || rule?.kind === 'period_and_volume';
  const behind = lists?.filter(({ number }) => !fromOwnList || number === priceList);
  if (behind && behind.length > 0 && !behind.some(({ gross }) => gross)) return 'excluded';
  return line ? taxInLine(line) : 'unknown';
}

/** `LineTotal` is without tax (SDK help), in local currency; `RowTotalFC` the same in the document's. */
function taxInLine({ Price, Quantity, LineTotal, RowTotalFC, TaxTotal }: PreviewLine): ErpEffectivePrice['tax'] {
  const asked = multiply(amount(Price), amount(Quantity));
  const nets = [LineTotal, RowTotalFC].flatMap((total) => (total ? [amount(total)] : []));
  if (nets.some((net) => isNear(asked, net, 1))) return 'excluded';
  const withTax = nets.map((net) => add(net, amount(TaxTotal)));
  return withTax.some((total) => isNear(asked, total, 1)) ? 'included' : 'unknown';
}

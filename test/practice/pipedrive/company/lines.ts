import { badRequest, notFound, validationFailed } from '../failures.ts';
import type { Json, JsonObject } from '../json.ts';
import type { DealRecord, LineRecord, ProductRecord } from '../records.ts';
import { v2Time } from '../times.ts';
import { announce, textOr, touch } from './common-rules.ts';
import { dealHookView, lineHookView } from './hook-views.ts';
import { linesOf } from './line-money.ts';
import { checkBilling } from './products.ts';
import type { Actor, CompanyState } from './state.ts';

const MOST_RECURRING = 20;

/** @throws ApiFailure 400 for an unknown product, an endless weekly billing and the like. */
export function addLine(company: CompanyState, actor: Actor, deal: DealRecord, body: JsonObject): LineRecord {
  const product = productOf(company, body['product_id']);
  checkBilling(company, body);
  checkCycles(textOr(body, 'billing_frequency', 'one-time'), body['billing_frequency_cycles'] ?? null);
  checkVariation(company, product.id, body['product_variation_id']);
  const siblings = linesOf(company, deal.id);
  if (recurs(body) && siblings.filter((row) => row.billing_frequency !== 'one-time').length >= MOST_RECURRING) {
    throw badRequest(`No more than ${MOST_RECURRING} recurring products are allowed`);
  }
  const now = v2Time(company.clock.now());
  const line: LineRecord = {
    id: company.nextId('line'),
    deal_id: deal.id,
    product_id: product.id,
    product_variation_id: null,
    name: product.name,
    item_price: 0,
    quantity: 1,
    discount: 0,
    discount_type: 'percentage',
    tax: 0,
    tax_method: siblings[0]?.tax_method ?? company.switches.taxMethod,
    comments: '',
    is_enabled: true,
    billing_frequency: 'one-time',
    billing_frequency_cycles: null,
    billing_start_date: null,
    order_nr: siblings.length,
    add_time: now,
    update_time: now,
  };
  inDeal(company, actor, deal, () => {
    Object.assign(line, body);
    company.lines.set(line.id, line);
    shareTaxMethod(company, line);
  });
  const after = lineHookView(company, line);
  announce(company, actor, deal, { action: 'create', object: 'deal_product', id: line.id, before: null, after });
  return line;
}

export function changeLine(
  company: CompanyState,
  actor: Actor,
  deal: DealRecord,
  line: LineRecord,
  body: JsonObject,
): void {
  const product = body['product_id'] === undefined ? undefined : productOf(company, body['product_id']);
  checkVariation(company, product?.id ?? line.product_id, body['product_variation_id']);
  checkBilling(company, body);
  const cycles = body['billing_frequency_cycles'];
  checkCycles(
    textOr(body, 'billing_frequency', line.billing_frequency),
    cycles === undefined ? line.billing_frequency_cycles : cycles,
  );
  const before = lineHookView(company, line);
  inDeal(company, actor, deal, () => {
    Object.assign(line, body);
    if (product) line.name = product.name;
    line.update_time = v2Time(company.clock.now());
    shareTaxMethod(company, line);
  });
  const after = lineHookView(company, line);
  announce(company, actor, deal, { action: 'change', object: 'deal_product', id: line.id, before, after });
}

export function removeLine(company: CompanyState, actor: Actor, deal: DealRecord, line: LineRecord): void {
  const before = lineHookView(company, line);
  inDeal(company, actor, deal, () => company.lines.delete(line.id));
  announce(company, actor, deal, { action: 'delete', object: 'deal_product', id: line.id, before, after: null });
}

/** @throws ApiFailure 404 */
export function lineOfDeal(company: CompanyState, deal: DealRecord, lineId: number): LineRecord {
  const line = company.lines.get(lineId);
  if (!line || line.deal_id !== deal.id) throw notFound('Deal product');
  return line;
}

/** Runs an edit of lines and lets the deal change with it: its value is computed from them. */
function inDeal(company: CompanyState, actor: Actor, deal: DealRecord, edit: () => void): void {
  const before = dealHookView(company, deal);
  edit();
  touch(company, deal);
  if (!company.switches.lineEditsChangeDeal) return;
  const after = dealHookView(company, deal);
  announce(company, actor, deal, { action: 'change', object: 'deal', id: deal.id, before, after });
}

/** Changing the tax method of one line changes it on all lines of the deal. */
function shareTaxMethod(company: CompanyState, line: LineRecord): void {
  for (const sibling of linesOf(company, line.deal_id)) sibling.tax_method = line.tax_method;
}

/** @throws ApiFailure 400 for a product that is not there */
export function checkProduct(company: CompanyState, body: JsonObject): void {
  productOf(company, body['product_id']);
}

function recurs(body: JsonObject): boolean {
  return textOr(body, 'billing_frequency', 'one-time') !== 'one-time';
}

function checkVariation(company: CompanyState, productId: number, id: Json | undefined): void {
  if (typeof id === 'number' && company.variations.get(id)?.product_id !== productId) {
    throw badRequest('Product variation not found');
  }
}

function productOf(company: CompanyState, id: Json | undefined): ProductRecord {
  const product = typeof id === 'number' ? company.products.get(id) : undefined;
  if (!product || product.is_deleted) throw badRequest('Product not found');
  return product;
}

function checkCycles(frequency: string, cycles: Json): void {
  if (frequency === 'one-time' && cycles !== null) {
    throw validationFailed('billing_frequency_cycles: must be null for one-time');
  }
  if (frequency === 'weekly' && cycles === null) {
    throw validationFailed('billing_frequency_cycles: must not be null for weekly');
  }
  if (typeof cycles === 'number' && (cycles < 1 || cycles > 208)) {
    throw validationFailed('billing_frequency_cycles: must be between 1 and 208');
  }
}

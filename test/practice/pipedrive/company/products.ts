import { forbidden, validationFailed } from '../failures.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { ProductPrice, ProductRecord } from '../records.ts';
import { announce, applyCustomFields, checkCommon, newBase, numberOr, textOr, touch } from './common-rules.ts';
import { productHookView } from './hook-views.ts';
import type { Actor, CompanyState } from './state.ts';

/** Without prices a product gets one of 0 in the user's currency. */
export function createProduct(company: CompanyState, actor: Actor, body: JsonObject): ProductRecord {
  const base = newBase(company, actor, 'product', body);
  const { custom_fields: _fields, prices, category, ...rest } = body;
  checkBilling(company, body);
  const record: ProductRecord = {
    ...base,
    name: '',
    code: '',
    description: '',
    unit: '',
    tax: 0,
    category: category === undefined ? null : String(category),
    is_linkable: true,
    prices: pricesOf(company, base.id, prices ?? [{ currency: actor.user.default_currency, price: 0 }]),
    billing_frequency: 'one-time',
    billing_frequency_cycles: null,
  };
  Object.assign(record, rest);
  company.products.set(record.id, record);
  const after = productHookView(company, record);
  announce(company, actor, record, { action: 'create', object: 'product', id: record.id, before: null, after });
  return record;
}

/** A PATCH with prices replaces all of them; without, they stay (unless the company's switch says otherwise). Lines keep the name they show in step. */
export function changeProduct(company: CompanyState, actor: Actor, record: ProductRecord, body: JsonObject): void {
  checkCommon(company, body);
  checkBilling(company, body);
  const before = productHookView(company, record);
  const { custom_fields: _fields, prices, category, ...rest } = body;
  const untold = company.switches.patchResetsPrices ? [{ currency: company.currency, price: 0 }] : undefined;
  const sent = prices ?? untold;
  const newPrices = sent === undefined ? record.prices : pricesOf(company, record.id, sent);
  applyCustomFields(company, 'product', record, body);
  Object.assign(record, rest);
  record.prices = newPrices;
  if (category !== undefined) record.category = String(category);
  touch(company, record);
  for (const line of company.lines.values()) if (line.product_id === record.id) line.name = record.name;
  const after = productHookView(company, record);
  announce(company, actor, record, { action: 'change', object: 'product', id: record.id, before, after });
}

export function deleteProduct(company: CompanyState, actor: Actor, record: ProductRecord): void {
  const before = productHookView(company, record);
  record.is_deleted = true;
  touch(company, record);
  announce(company, actor, record, { action: 'delete', object: 'product', id: record.id, before, after: null });
}

/** Recurring products exist from the Growth plan on. @throws ApiFailure 403 */
export function checkBilling(company: CompanyState, body: JsonObject): void {
  const frequency = body['billing_frequency'];
  if (frequency === undefined || frequency === 'one-time' || company.plan !== 'lite') return;
  throw forbidden('Your plan does not include recurring products', 'feature_capping_billing_frequency');
}

/** At most one price per currency, each currency known. @throws ApiFailure 400 */
export function pricesOf(company: CompanyState, productId: number, value: Json): ProductPrice[] {
  const seen = new Set<string>();
  return (Array.isArray(value) ? value : []).filter(isJsonObject).map((entry) => {
    const currency = textOr(entry, 'currency', '');
    if (!company.currencies.some(({ code, active_flag }) => active_flag && code === currency)) {
      throw validationFailed(`prices: currency ${currency} is not known`);
    }
    if (seen.has(currency)) throw validationFailed(`prices: more than one price in ${currency}`);
    seen.add(currency);
    return {
      product_id: productId,
      price: numberOr(entry, 'price', 0),
      currency,
      cost: numberOr(entry, 'cost', 0),
      direct_cost: numberOr(entry, 'direct_cost', 0),
      notes: textOr(entry, 'notes', ''),
    };
  });
}

import { badRequest, forbidden, validationFailed } from '../failures.ts';
import type { JsonObject } from '../json.ts';
import type { DealRecord } from '../records.ts';
import type { DiscountRecord, InstallmentRecord } from '../side-records.ts';
import { v2Time } from '../times.ts';
import { announce, numberOr, textOr, touch } from './common-rules.ts';
import { dealHookView } from './hook-views.ts';
import { linesOf } from './line-money.ts';
import type { Actor, CompanyState } from './state.ts';

/** A discount on the whole deal: its value falls. @throws ApiFailure 400 */
export function addDiscount(company: CompanyState, actor: Actor, deal: DealRecord, body: JsonObject): DiscountRecord {
  checkAmount(body);
  const now = v2Time(company.clock.now());
  const record: DiscountRecord = {
    id: company.ids.uuid(),
    type: body['type'] === 'amount' ? 'amount' : 'percentage',
    amount: numberOr(body, 'amount', 0),
    description: textOr(body, 'description', ''),
    deal_id: deal.id,
    created_at: now,
    created_by: actor.user.id,
    updated_at: now,
    updated_by: actor.user.id,
  };
  inDeal(company, actor, deal, () => company.discounts.set(record.id, record));
  return record;
}

export function changeDiscount(
  company: CompanyState,
  actor: Actor,
  deal: DealRecord,
  record: DiscountRecord,
  body: JsonObject,
): void {
  checkAmount(body);
  inDeal(company, actor, deal, () => {
    Object.assign(record, body, { updated_at: v2Time(company.clock.now()), updated_by: actor.user.id });
  });
}

/**
 * From the Growth plan on, with at least one one-time line and none that recurs.
 * @throws ApiFailure 403 by the plan, 400 by the lines or the amount
 */
export function addInstallment(company: CompanyState, deal: DealRecord, body: JsonObject): InstallmentRecord {
  if (company.plan === 'lite') {
    throw forbidden('Your plan does not include installments', 'feature_capping_installments');
  }
  const lines = linesOf(company, deal.id);
  if (!lines.some((line) => line.billing_frequency === 'one-time')) throw badRequest('A one-time product is required');
  if (lines.some((line) => line.billing_frequency !== 'one-time')) {
    throw badRequest('Installments are not possible with recurring products');
  }
  checkAmount(body);
  const record: InstallmentRecord = {
    id: company.nextId('installment'),
    amount: numberOr(body, 'amount', 0),
    billing_date: textOr(body, 'billing_date', ''),
    description: textOr(body, 'description', ''),
    deal_id: deal.id,
  };
  company.installments.set(record.id, record);
  return record;
}

export function changeInstallment(record: InstallmentRecord, body: JsonObject): void {
  checkAmount(body);
  Object.assign(record, body);
}

function checkAmount(body: JsonObject): void {
  const amount = body['amount'];
  if (typeof amount === 'number' && amount <= 0) throw validationFailed('amount: must be a positive number');
}

function inDeal(company: CompanyState, actor: Actor, deal: DealRecord, edit: () => void): void {
  const before = dealHookView(company, deal);
  edit();
  touch(company, deal);
  const after = dealHookView(company, deal);
  announce(company, actor, deal, { action: 'change', object: 'deal', id: deal.id, before, after });
}

import Big from 'big.js';
import type { DealRecord, LineRecord } from '../records.ts';
import type { CompanyState } from './state.ts';

/** Quantity × price less discount; tax is added where prices are exclusive of it. Rounded to cents. */
export function lineSum(line: LineRecord): number {
  const gross = new Big(line.item_price).times(line.quantity);
  const discount = line.discount_type === 'percentage' ? gross.times(line.discount).div(100) : new Big(line.discount);
  const net = gross.minus(discount);
  const sum = line.tax_method === 'exclusive' ? net.times(new Big(100).plus(line.tax)).div(100) : net;
  return sum.round(2).toNumber();
}

export function linesOf(company: CompanyState, dealId: number): LineRecord[] {
  return [...company.lines.values()].filter((line) => line.deal_id === dealId);
}

/** Once a deal has lines its value is the sum of those that are enabled, less the deal's own discounts. */
export function dealValue(company: CompanyState, deal: DealRecord): number {
  const lines = linesOf(company, deal.id);
  if (lines.length === 0) return deal.value;
  const sum = lines.filter((line) => line.is_enabled).reduce((total, line) => total.plus(lineSum(line)), new Big(0));
  const discounts = [...company.discounts.values()].filter((row) => row.deal_id === deal.id);
  return discounts
    .reduce((left, { type, amount }) => left.minus(type === 'amount' ? amount : sum.times(amount).div(100)), sum)
    .round(2)
    .toNumber();
}

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

/** Once a deal has lines its value is the sum of those that are enabled. */
export function dealValue(company: CompanyState, deal: DealRecord): number {
  const lines = linesOf(company, deal.id);
  if (lines.length === 0) return deal.value;
  return lines
    .filter((line) => line.is_enabled)
    .reduce((sum, line) => sum.plus(lineSum(line)), new Big(0))
    .toNumber();
}

import { daysBetween, type LocalDate } from '../kernel/local-date.ts';
import { add, type Decimal, subtract } from '../kernel/money.ts';

/** Open amounts by how long they are overdue. The four and `otherEntries` add up to the balance. */
export interface Ageing {
  readonly notDue: Decimal;
  readonly days1To30: Decimal;
  readonly days31To60: Decimal;
  readonly daysOver60: Decimal;
  readonly openSum: Decimal;
  /** Balance less open invoices: payments on account, journal entries. */
  readonly otherEntries: Decimal;
}

type Bucket = 'notDue' | 'days1To30' | 'days31To60' | 'daysOver60';

export function ageingOf(
  balance: Decimal,
  open: readonly { readonly dueDate: LocalDate; readonly open: Decimal }[],
  today: LocalDate,
): Ageing {
  const buckets: Record<Bucket, Decimal> = { notDue: '0', days1To30: '0', days31To60: '0', daysOver60: '0' };
  for (const invoice of open) {
    const bucket = bucketOf(daysBetween(invoice.dueDate, today));
    buckets[bucket] = add(buckets[bucket], invoice.open);
  }
  const openSum = add(...open.map((invoice) => invoice.open));
  return { ...buckets, openSum, otherEntries: subtract(balance, openSum) };
}

function bucketOf(daysOverdue: number): Bucket {
  if (daysOverdue <= 0) return 'notDue';
  if (daysOverdue <= 30) return 'days1To30';
  return daysOverdue <= 60 ? 'days31To60' : 'daysOver60';
}

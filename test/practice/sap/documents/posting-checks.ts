import type { Fields } from '../../kernel/json.ts';
import { numberOf, textOf } from '../../kernel/json.ts';
import { sum } from '../company/amounts.ts';
import type { Company } from '../company/model.ts';
import { business } from '../errors.ts';
import type { DocumentKind } from './kinds.ts';

/** @throws SapError -10 with 10001090 where the posting date lies in no open period. */
export function checkPeriod(company: Company, kind: DocumentKind, document: Fields): void {
  const { from, to } = company.settings.openPeriod;
  const date = textOf(document, 'DocDate');
  if ((from !== '' && date < from) || (to !== '' && date > to))
    throw business(`10001090 - Date deviates from permissible range of posting periods  [${kind.table}.DocDate]`);
}

const WATCHED = ['Orders', 'DeliveryNotes', 'Invoices'];

/**
 * The client asks its user here; the Service Layer has nobody to ask. Seen both ways: taken in silence, and refused.
 * @throws SapError -10 with 10000005 (credit limit) or 10000006 (commitment).
 */
export function checkCredit(company: Company, kind: DocumentKind, document: Fields): void {
  const { settings } = company;
  if (settings.creditDeviation !== 'reject' || !WATCHED.includes(kind.set)) return;
  const partner = company.table('BusinessPartners').get(textOf(document, 'CardCode')) ?? {};
  const fromBase = kind.set !== 'Orders' && textOf(document, 'CardCode') !== '' && isCopied(document);
  const owed = sum([
    numberOf(partner, 'CurrentAccountBalance'),
    numberOf(partner, 'OpenDeliveryNotesBalance'),
    numberOf(partner, 'OpenOrdersBalance'),
    fromBase ? 0 : numberOf(document, 'DocTotal'),
  ]);
  const at = `[${kind.table}.CardCode] , '${textOf(partner, 'CardCode')}'`;
  const over = (limit: number, switchedOn: boolean, more = 0) => switchedOn && limit > 0 && owed + more > limit;
  if (over(numberOf(partner, 'CreditLimit'), settings.creditRestriction))
    throw business(`10000005 - Customer exceeds credit limit  ${at}`);
  const checks = numberOf(partner, 'OpenChecksBalance');
  if (over(numberOf(partner, 'MaxCommitment'), settings.commitmentRestriction, checks))
    throw business(`10000006 - Customer exceeds commitment limit  ${at}`);
}

/** What is copied from an order or a delivery is counted there already. */
function isCopied(document: Fields): boolean {
  const lines = document['DocumentLines'];
  return Array.isArray(lines) && lines.some((line: Fields) => [15, 17].includes(numberOf(line, 'BaseType')));
}

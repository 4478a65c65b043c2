import type { ErpPrice, ErpStock } from '../../app/ports/erp.ts';
import type { AgreementFacts } from '../../domain/price-facts.ts';
import { RejectedError } from '../../kernel/errors.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { isZero } from '../../kernel/money.ts';
import type { BatchPart } from '../batch.ts';
import type { PartOutcome } from '../batch-read.ts';
import type { SapCompany } from '../company.ts';
import { listPart, PAGE_SIZE, type Rows, readAll, readPage, readRows, refusesCollection } from '../lists.ts';
import { AgreementRow, toAgreements } from '../mappers/price-rows.ts';
import { allOf, compare, date, integer, text } from '../odata.ts';
import { pricesBy } from './price-reading.ts';

/** The newest first. @param last what stands before */
function agreementQuery(cardCode: string, on: LocalDate, last?: AgreementRow) {
  return {
    select: AgreementRow.keyof().options,
    filter: allOf<'BlanketAgreements'>(
      compare('BPCode', 'eq', text(cardCode)),
      compare('StartDate', 'le', date(on)),
      ...(last ? [compare<'BlanketAgreements'>('AgreementNo', 'lt', integer(last.AgreementNo))] : []),
    ),
    orderBy: ['AgreementNo desc'],
    top: PAGE_SIZE,
  } as const;
}

/** All of a customer's agreements that have begun, those that are over too. @param first the page that is there already */
export function readAgreements(
  company: SapCompany,
  cardCode: string,
  on: LocalDate,
  first?: Rows<AgreementRow>,
): Promise<readonly AgreementRow[]> {
  return readAll<AgreementRow>((last) =>
    first && !last
      ? Promise.resolve(first)
      : readPage(company, 'BlanketAgreements', agreementQuery(cardCode, on, last), AgreementRow),
  );
}

/**
 * A customer's agreements bind, and not every server looks at them when it is asked for an item's price: they are read
 * beside the prices. None where this user may not read them, which is then not tried again for a while.
 */
export function agreementParts(company: SapCompany, cardCode: string, on: LocalDate): readonly BatchPart[] {
  if (company.memory.get('agreementsRefused')) return [];
  return [listPart(company, 'BlanketAgreements', agreementQuery(cardCode, on))];
}

/** The lines that count for an item on that day. */
export type AgreedLines = (itemCode: string) => readonly AgreementFacts[];

/**
 * @param outcome undefined: not asked
 * @throws {RejectedError} where the list could be asked for in another way
 */
export async function keepAgreements(
  company: SapCompany,
  cardCode: string,
  outcome: PartOutcome | undefined,
  on: LocalDate,
): Promise<AgreedLines> {
  const none: AgreedLines = () => [];
  if (outcome === undefined) return none;
  if (outcome instanceof Error) {
    if (company.memory.collectionsSelectable && refusesCollection(outcome)) throw outcome;
    // An older server may describe them in another way: to this one they are as good as not there.
    if (outcome instanceof RejectedError) company.memory.set('agreementsRefused', true);
    return none;
  }
  const rows = await readAgreements(company, cardCode, on, readRows(outcome, AgreementRow, PAGE_SIZE));
  return (itemCode) => rows.flatMap((row) => toAgreements(row, itemCode, on));
}

/**
 * What the agreement says, where it can be said: in the currency asked for, and for an item that is sold as it is
 * stocked, since a line without a unit does not tell which one it means. Undefined: the agreement does not settle it; a
 * line without a price leaves it to the other rules.
 */
export function agreedPrice(
  [line]: readonly AgreementFacts[],
  stock: ErpStock | null,
  currency: string,
  localCurrency: string,
): ErpPrice | undefined {
  if (!line || isZero(line.price) || stock?.stockUnitsPerSalesUnit !== '1') return undefined;
  if ((line.currency ?? localCurrency) !== currency) return undefined;
  return { price: pricesBy('before_discount', line).price, currency, assumed: false };
}

import type { DoctorStep } from '../../app/ports/erp-doctor.ts';
import { AppError, RejectedError } from '../../kernel/errors.ts';
import type { SapCompany } from '../company.ts';
import { inPieces, list } from '../odata.ts';
import { fine, note, wordsOf, wrong } from './steps.ts';

/** Everything the product reads, in the words of SAP's own menus, with the smallest question about it. */
const READ: readonly (readonly [words: string, target: string])[] = [
  ['Business partners', list('BusinessPartners', { select: ['CardCode'], orderBy: ['CardCode'], top: 1 })],
  ['Customer groups', list('BusinessPartnerGroups', { select: ['Code'], orderBy: ['Code'], top: 1 })],
  ['Items', list('Items', { select: ['ItemCode'], orderBy: ['ItemCode'], top: 1 })],
  ['Price lists', list('PriceLists', { select: ['PriceListNo'], orderBy: ['PriceListNo'], top: 1 })],
  ['Warehouses', list('Warehouses', { select: ['WarehouseCode'], orderBy: ['WarehouseCode'], top: 1 })],
  ['Payment terms', list('PaymentTermsTypes', { select: ['GroupNumber'], orderBy: ['GroupNumber'], top: 1 })],
  ['Sales orders', list('Orders', { select: ['DocEntry'], orderBy: ['DocEntry'], top: 1 })],
  ['Document drafts', list('Drafts', { select: ['DocEntry'], orderBy: ['DocEntry'], top: 1 })],
  ['Deliveries', list('DeliveryNotes', { select: ['DocEntry'], orderBy: ['DocEntry'], top: 1 })],
  ['A/R invoices', list('Invoices', { select: ['DocEntry'], orderBy: ['DocEntry'], top: 1 })],
  ['A/R credit memos', list('CreditNotes', { select: ['DocEntry'], orderBy: ['DocEntry'], top: 1 })],
  ['Incoming payments', list('IncomingPayments', { select: ['DocEntry'], orderBy: ['DocEntry'], top: 1 })],
  ['Journal entries', list('JournalEntries', { select: ['JdtNum'], orderBy: ['JdtNum'], top: 1 })],
];

/** As many as may be asked of one SAP side by side, less one for the people at work. */
const AT_ONCE = 3;

interface Asked {
  readonly words: string;
  readonly error: AppError | null;
}

/** Each kind of record is asked for by itself: one right that is missing hides no other. */
export async function readRightsStep(company: SapCompany): Promise<DoctorStep> {
  const asked: Asked[] = [];
  for (const few of inPieces(READ, AT_ONCE)) {
    asked.push(...(await Promise.all(few.map(([words, target]) => mayRead(company, words, target)))));
  }
  const refused = asked.filter(({ error }) => error instanceof RejectedError || error?.kind === 'forbidden');
  const silent = asked.filter((one) => one.error !== null && !refused.includes(one));
  const details = asked.map(lineOf);
  if (refused.length > 0) {
    return wrong(
      'read_rights',
      {
        sentence: `The user may not read: ${namesOf(refused)}.`,
        why: 'Its authorizations in SAP do not include them.',
        who: 'sap_admin',
        action: 'Give the user the right to read them (Administration, System Initialization, Authorizations).',
      },
      details,
    );
  }
  if (silent.length > 0) {
    return note(
      'read_rights',
      {
        sentence: `SAP did not answer about: ${namesOf(silent)}.`,
        who: 'nobody',
        action: 'Run the check again in a few minutes.',
      },
      details,
    );
  }
  return fine('read_rights', `The user may read all ${READ.length} kinds of records this app uses.`, details);
}

async function mayRead(company: SapCompany, words: string, target: string): Promise<Asked> {
  try {
    await company.read(
      () => ({ method: 'GET', target }),
      () => undefined,
    );
    return { words, error: null };
  } catch (error) {
    if (error instanceof AppError) return { words, error };
    throw error;
  }
}

const namesOf = (asked: readonly Asked[]) => asked.map(({ words }) => words).join(', ');

function lineOf({ words, error }: Asked): string {
  if (error === null) return `${words}: may be read`;
  return `${words}: ${error instanceof RejectedError ? wordsOf(error) : error.message}`;
}

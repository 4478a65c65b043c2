import { z } from 'zod';
import type { HandoffGuard } from '../../domain/key-sheet.ts';
import { LEDGER_TABLE } from '../../domain/key-sheet.ts';
import { OutcomeUnknownError, RejectedError, UnavailableError } from '../../kernel/errors.ts';
import { takesBatches } from '../batch-read.ts';
import { changeSet } from '../change-set.ts';
import type { SapCompany } from '../company.ts';
import type { HttpAnswer } from '../exchange.ts';
import { preferPage, readPage } from '../lists.ts';
import { type FieldOfType, list } from '../odata.ts';
import { lookUp } from './keyed-write.ts';
import { isUnknownResource } from './unknown-resource.ts';

const SET = 'U_PD_LINK';

/** Asked of SAP itself and remembered for a while: the table may be made, or taken away, at any time. */
export async function handoffGuard(company: SapCompany): Promise<HandoffGuard> {
  return (await isInUse(company)) ? 'ledger' : 'settle';
}

async function isInUse(company: SapCompany): Promise<boolean> {
  const { capabilities } = company.access;
  // A proxy that lets no batch through answers with a page: what became of a change set could never be told.
  if (capabilities?.batch === 'no' || capabilities?.batch === 'forbidden' || !company.memory.batches) return false;
  const known = company.memory.get('ledger');
  const there = known ?? (await isThere(company));
  const usable = there && !(company.memory.get('batchesDoubted') && (await isKeptOut(company)));
  if (usable !== known) company.memory.set('ledger', usable);
  return usable;
}

/**
 * Whether batches alone do not come through, found out by a harmless one and, if that fails, a plain question: otherwise
 * every order would wait for an answer about its change set that never comes.
 * @throws {UnavailableError} nothing comes through, which says nothing about batches
 */
async function isKeptOut(company: SapCompany): Promise<boolean> {
  const target = list(SET, { select: ['Code'], orderBy: ['Code'], top: 1 });
  const through = await takesBatches(company, { method: 'GET', target, prefer: preferPage(1) }).catch(
    (error: unknown) => {
      if (error instanceof UnavailableError || error instanceof RejectedError) return false;
      throw error;
    },
  );
  const keptOut = !through && (await isThere(company));
  company.memory.set('batchesDoubted', keptOut);
  return keptOut;
}

async function isThere(company: SapCompany): Promise<boolean> {
  try {
    const row = z.object({ Code: z.string() });
    await readPage(company, SET, { select: ['Code'], orderBy: ['Code'], top: 1 }, row, 'lookup');
    return true;
  } catch (error) {
    // No such set, or no right to it: it cannot be relied on either way.
    if (error instanceof RejectedError) return false;
    throw error;
  }
}

/** Makes the table. SAP may need a restart of its Service Layer before the table can be used. */
export async function createLedger(company: SapCompany): Promise<void> {
  const table: Record<FieldOfType<'UserTablesMD'>, string> = {
    TableName: LEDGER_TABLE.name,
    TableDescription: LEDGER_TABLE.description,
    TableType: LEDGER_TABLE.type,
  };
  try {
    await company.write({ method: 'POST', target: 'UserTablesMD', body: JSON.stringify(table) });
  } catch (error) {
    const there = error instanceof RejectedError && error.code === '-2035';
    if (!there && !(error instanceof OutcomeUnknownError && (await isThere(company)))) throw error;
  }
  company.memory.set('ledger', await isThere(company));
}

interface Guarded<T> {
  /** Entity set and body of the document. */
  readonly target: string;
  readonly body: string;
  readonly key: string;
  readonly find: () => Promise<T | undefined>;
}

/** What a guarded write ended with: SAP's answer for the document, or the document that was there already. */
export type GuardedOutcome<T> = { readonly answer: HttpAnswer } | { readonly found: T } | 'send_alone';

/**
 * Writes the key's row into the ledger and the document, both or neither. A second document of the same key cannot get
 * through, however late the first one is booked.
 *
 * `send_alone`: nothing was done, nothing carries the key, and the ledger cannot help with this one. That is so where
 * there is no ledger; where the row is there without a document (somebody tried, and its document was removed since);
 * where an approval procedure refuses the set as a whole; and where the user may not write to the table.
 * @throws {RejectedError} SAP refuses the document, and nothing carries the key
 * @throws {OutcomeUnknownError}
 */
export async function writeGuarded<T>(company: SapCompany, write: Guarded<T>): Promise<GuardedOutcome<T>> {
  if (!(await isInUse(company))) return 'send_alone';
  const row: Record<FieldOfType<'UserTableRow'>, string> = { Code: write.key, Name: write.key };
  try {
    const answers = await changeSet(company, [
      { method: 'POST', target: SET, prefer: 'return-no-content', body: JSON.stringify(row) },
      { method: 'POST', target: write.target, prefer: 'return-no-content', body: write.body },
    ]);
    const answer = answers.at(-1);
    if (!answer) throw new OutcomeUnknownError('SAP did not say what became of it.');
    return { answer };
  } catch (error) {
    if (error instanceof OutcomeUnknownError) company.memory.set('batchesDoubted', true);
    if (!(error instanceof RejectedError)) throw error;
    const found = await lookUp(write);
    if (found) return { found };
    if (CONCERNS_THE_ROW.has(error.code) || saysThatItExists(error)) return 'send_alone';
    // A table that was taken away or may not be written to, or a server without `$batch`. All else is about the document.
    if (!CONCERNS_THE_TABLE.has(error.code) && !namesTheTable(error)) throw error;
    company.memory.set('ledger', false);
    return 'send_alone';
  }
}

/** -2035: the row is there. -2028: an approval procedure has kept nothing that could be read back. */
const CONCERNS_THE_ROW: ReadonlySet<string> = new Set(['-2035', '-2028']);
/**
 * No right, unknown set or property, malformed batch, a proxy's own refusal of `$batch`: then the document goes alone, and
 * SAP says what it thinks of that.
 */
const CONCERNS_THE_TABLE: ReadonlySet<string> = new Set([
  '-6006',
  '804',
  '806',
  '-3000',
  '-1000',
  '201',
  '403',
  '404',
  '405',
]);

/** Which code a user table's refusal has is settled in no public document: "no permission" of DI API is -5006, too. */
function namesTheTable(error: RejectedError): boolean {
  return isUnknownResource(error) || /\bPD_LINK\b|permission|not authori[sz]ed|authori[sz]ation/i.test(error.words);
}

/** Some systems wrap a duplicate of a user table's row in their general code. */
function saysThatItExists({ code, words }: RejectedError): boolean {
  return code === '-10' && /-2035|already exists/i.test(words);
}

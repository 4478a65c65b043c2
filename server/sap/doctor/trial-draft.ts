import { z } from 'zod';
import type { DoctorStep } from '../../app/ports/erp-doctor.ts';
import { offsetFromLooks } from '../../domain/server-clock.ts';
import { AppError, OutcomeUnknownError, RejectedError } from '../../kernel/errors.ts';
import { addDays } from '../../kernel/local-date.ts';
import type { SapCompany } from '../company.ts';
import { preferPage, readRows } from '../lists.ts';
import { Key, OptionalText, stamp } from '../mappers/values.ts';
import { allOf, compare, type FieldOfType, integer, keyed, list, text } from '../odata.ts';
import { collectionsAndItem, etagAndCustomer } from '../probe/questions.ts';
import { todayAt } from '../resources/partners.ts';
import { fine, note, skipped, wordsOf, wrong } from './steps.ts';

export interface Trial {
  readonly step: DoctorStep;
  /** Number of a draft that could not be removed. */
  readonly left: string | null;
  /** How far SAP's own time lies ahead of UTC: the draft was stamped between two moments that are known. */
  readonly offsetMinutes: number | null;
}

const DraftRow = z.object({
  DocEntry: Key,
  DocNum: z.number().nullish(),
  UpdateDate: OptionalText,
  UpdateTime: OptionalText,
} satisfies Partial<Record<FieldOfType<'Document'>, z.ZodType>>);
type DraftRow = z.infer<typeof DraftRow>;

/** Runs work that is finished also when the person who asked for the check has left, or its time is over. */
export type Tidy = <T>(work: (company: SapCompany, signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Proves the right to create by one order draft, which is removed again: it moves no stock and no money. It carries a mark
 * of its own, by which it is found whatever became of the answer.
 * @param hasKeyField whether documents have the hand-off's key field; the mark then proves that it can be written, too
 */
export async function tryDraft(company: SapCompany, hasKeyField: boolean, tidy: Tidy): Promise<Trial> {
  const [{ cardCode }, { itemCode }] = [await etagAndCustomer(company), await collectionsAndItem(company)];
  if (cardCode === undefined || itemCode === undefined) {
    return {
      step: skipped('create_rights', 'There is no customer or no item in SAP to try it with.'),
      left: null,
      offsetMinutes: null,
    };
  }
  const mark = markFrom(company);
  const before = company.world.clock.now();
  const refusal = await create(company, { cardCode, itemCode, mark, hasKeyField });
  try {
    return await tidy(async (tidying, signal) => {
      const looks = isUnknown(refusal) ? LOOKS_AFTER_MS : [0];
      const rows = await findUnlessSilent(tidying, { mark, hasKeyField, looks, signal });
      const offsetMinutes = offsetOf(rows ?? [], before, company.world.clock.now());
      return trialOf({ refusal, rows, left: await removeAll(tidying, rows ?? []), mark }, offsetMinutes);
    });
  } catch (error) {
    // Disconnected in the middle: nobody can look any more.
    if (error instanceof AppError) return trialOf({ refusal, rows: undefined, left: null, mark }, null);
    throw error;
  }
}

function trialOf(outcome: Outcome, offsetMinutes: number | null): Trial {
  return { step: stepFor(outcome), left: outcome.left ?? leftUnseen(outcome), offsetMinutes };
}

/** A server too slow to answer may still be making it. */
const LOOKS_AFTER_MS = [0, 2_000, 4_000, 6_000];

/** What may lie in SAP unseen: made, or perhaps made, and not found. */
function leftUnseen({ refusal, rows, mark }: Outcome): string | null {
  const found = rows !== undefined && rows.length > 0;
  return found || isProvenNot(refusal) ? null : mark;
}

const isUnknown = (refusal: AppError | undefined) => refusal instanceof OutcomeUnknownError;
const isProvenNot = (refusal: AppError | undefined) => refusal !== undefined && !isUnknown(refusal);

interface Wanted {
  readonly cardCode: string;
  readonly itemCode: string;
  readonly mark: string;
  readonly hasKeyField: boolean;
}

/** @returns why it was not made, or may not have been; undefined: it was */
async function create(
  company: SapCompany,
  { cardCode, itemCode, mark, hasKeyField }: Wanted,
): Promise<AppError | undefined> {
  const today = todayAt(company);
  const document: Partial<Record<FieldOfType<'Document'>, unknown>> = {
    DocObjectCode: 'oOrders',
    CardCode: cardCode,
    DocDate: today,
    DocDueDate: addDays(today, 7),
    Comments: hasKeyField ? 'Trial of the connection to Pipedrive. May be deleted.' : mark,
    ...(hasKeyField ? { U_PD_Key: mark } : {}),
    DocumentLines: [
      { ItemCode: itemCode, Quantity: 1 } satisfies Partial<Record<FieldOfType<'DocumentLine'>, unknown>>,
    ],
  };
  try {
    await company.write({
      method: 'POST',
      target: 'Drafts',
      body: JSON.stringify(document),
      headers: { prefer: 'return-no-content' },
    });
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

interface Wait {
  readonly mark: string;
  readonly hasKeyField: boolean;
  /** When to look, each after the one before, in milliseconds. */
  readonly looks: readonly number[];
  readonly signal: AbortSignal;
}

/** Undefined: SAP could not be asked, at the last look. */
async function findUnlessSilent(
  company: SapCompany,
  { mark, hasKeyField, looks, signal }: Wait,
): Promise<readonly DraftRow[] | undefined> {
  let rows: readonly DraftRow[] | undefined;
  for (const pause of looks) {
    try {
      if (pause > 0) await company.world.sleep(pause, signal);
      rows = await find(company, mark, hasKeyField);
    } catch (error) {
      if (!(error instanceof AppError) && !signal.aborted) throw error;
      rows = undefined;
    }
    if (signal.aborted || (rows && rows.length > 0)) break;
  }
  return rows;
}

function find(company: SapCompany, mark: string, hasKeyField: boolean): Promise<readonly DraftRow[]> {
  const marked = compare<'Drafts'>(hasKeyField ? 'U_PD_Key' : 'Comments', 'eq', text(mark));
  const target = list('Drafts', {
    select: ['DocEntry', 'DocNum', 'UpdateDate', 'UpdateTime'],
    filter: allOf(marked, compare<'Drafts'>('DocObjectCode', 'eq', text('oOrders'))),
    orderBy: ['DocEntry'],
    top: 5,
  });
  return company.read(
    () => ({ method: 'GET', target, headers: { prefer: preferPage(5) } }),
    (answer) => readRows(answer, DraftRow, 5).rows,
  );
}

async function removeAll(company: SapCompany, rows: readonly DraftRow[]): Promise<string | null> {
  let left: string | null = null;
  for (const { DocEntry, DocNum } of rows) {
    try {
      await company.write({ method: 'DELETE', target: keyed('Drafts', integer(DocEntry)) });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      left = `${DocNum ?? DocEntry} (internal number ${DocEntry})`;
    }
  }
  return left;
}

interface Outcome {
  readonly refusal: AppError | undefined;
  readonly rows: readonly DraftRow[] | undefined;
  readonly left: string | null;
  readonly mark: string;
}

function stepFor({ refusal, rows, left, mark }: Outcome): DoctorStep {
  if (left !== null) {
    return wrong('create_rights', {
      sentence: `The user may create order drafts. The trial draft ${left} could not be removed again.`,
      why: 'The user may not delete drafts, or SAP did not answer.',
      who: 'sap_admin',
      action: 'Delete this draft in SAP (Document Drafts Report). It moves neither stock nor money.',
    });
  }
  if (rows && rows.length > 0) {
    return fine('create_rights', 'The user may create orders: a draft was made and removed again.');
  }
  if (refusal && isProvenNot(refusal)) return notMade(refusal);
  return wrong('create_rights', {
    sentence: 'SAP did not say what became of the trial draft, and it cannot be found.',
    why: 'It may still appear: SAP may have been too slow to answer.',
    who: 'sap_admin',
    action: `Look for a draft marked “${mark}” in SAP (Document Drafts Report) and delete it.`,
  });
}

function notMade(refusal: AppError): DoctorStep {
  if (!(refusal instanceof RejectedError)) {
    return note('create_rights', {
      sentence: 'The trial draft could not be made. Nothing was left behind.',
      why: refusal.message,
      who: 'nobody',
      action: 'Run the check again in a few minutes.',
    });
  }
  const trouble = {
    sentence: 'SAP refused the trial draft. Nothing was made.',
    why: refusal.message,
    who: 'sap_admin',
    action: 'Show SAP’s words to your SAP administrator; the user needs the right to create sales orders and drafts.',
  } as const;
  return wrong('create_rights', trouble, [wordsOf(refusal)]);
}

function offsetOf(rows: readonly DraftRow[], before: Date, after: Date): number | null {
  const [row] = rows;
  const stamped = row && stamp(row.UpdateDate, row.UpdateTime);
  if (!stamped) return null;
  return offsetFromLooks({ newest: null, at: before }, { newest: stamped, at: after }) ?? null;
}

function markFrom({ world }: SapCompany): string {
  const digits = Math.floor(world.random() * 36 ** 8).toString(36);
  return `pd-check-${world.clock.now().getTime().toString(36)}-${digits.padStart(8, '0')}`;
}

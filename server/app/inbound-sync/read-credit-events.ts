import { type DocumentMark, isNew, moveOn, readAbove, startAt } from '../../domain/document-mark.ts';
import { addDays, type LocalDate, localDateIn } from '../../kernel/local-date.ts';
import { givenUpSubject } from '../given-up.ts';
import type { TouchingSet } from '../ports/erp.ts';
import type { Cursor } from '../ports/sync-store.ts';
import { writeInRun } from './read-stream.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/** Documents that move a balance or an open-order sum. SAP does not stamp the partner when they do. */
const TOUCHING: readonly TouchingSet[] = [
  'Orders',
  'DeliveryNotes',
  'Invoices',
  'CreditNotes',
  'IncomingPayments',
  'JournalEntries',
];
const PAGE = 200;

/** Finds partners whose credit may have changed since the last look, by new documents and by days that went by. */
export async function readCreditEvents(deps: SyncDeps, context: SyncContext): Promise<void> {
  const { installationId } = context.crmCaller;
  const { connection } = context.workplace;
  const today = localDateIn(connection.timeZone, deps.clock.now());
  const stored = await deps.unitOfWork.within(installationId, (tx) => deps.cursors.find(tx, connection.id, 'credit'));
  // What was booked before the first load is in what it reads; only what comes after has to be found.
  const cursor = stored?.phase === 'delta' ? stored : await startingPoint(deps, context, today, stored?.restarts ?? 0);
  const touched = new Set<string>();
  const documents = { ...cursor.documents };
  for (const set of TOUCHING) {
    documents[set] = await walkSet(deps, context, set, documents[set] ?? startAt(0), touched);
  }
  for (const cardCode of await newlyOverdue(deps, context, cursor.dueDatesCheckedOn ?? today, today))
    touched.add(cardCode);
  await store(deps, context, { ...cursor, documents, dueDatesCheckedOn: today }, [...touched]);
}

async function startingPoint(
  deps: SyncDeps,
  context: SyncContext,
  today: LocalDate,
  restarts: number,
): Promise<Cursor> {
  const documents: Record<string, DocumentMark> = {};
  for (const set of TOUCHING) documents[set] = startAt(await deps.erp.lastDocEntry(context.erpCaller, set));
  return { phase: 'delta', stampDate: null, stampTime: null, key: null, documents, dueDatesCheckedOn: today, restarts };
}

async function walkSet(
  deps: SyncDeps,
  context: SyncContext,
  set: TouchingSet,
  from: DocumentMark,
  touched: Set<string>,
): Promise<DocumentMark> {
  const seen = new Set<number>();
  let after = readAbove(from);
  for (;;) {
    const page = await deps.erp.listTouchedPartners(context.erpCaller, set, after, PAGE);
    for (const { docEntry, cardCode } of page.rows) {
      after = Math.max(after, docEntry);
      seen.add(docEntry);
      if (cardCode && isNew(from, docEntry)) touched.add(cardCode);
    }
    if (page.done || page.rows.length === 0) return moveOn(from, seen);
  }
}

/** Partners with an invoice that passed the hold limit, or its due date, on a day that went by since. */
async function newlyOverdue(
  deps: SyncDeps,
  context: SyncContext,
  checked: LocalDate,
  today: LocalDate,
): Promise<readonly string[]> {
  if (checked >= today) return [];
  const { holdAfterDaysOverdue } = context.workplace.settings.credit;
  const from = addDays(checked, -holdAfterDaysOverdue - 1);
  const to = addDays(today, -holdAfterDaysOverdue - 1);
  return deps.erp.listPartnersDueBetween(context.erpCaller, from, to);
}

async function store(
  deps: SyncDeps,
  context: SyncContext,
  cursor: Cursor,
  cardCodes: readonly string[],
): Promise<void> {
  const { installationId } = context.crmCaller;
  const { connection } = context.workplace;
  await deps.unitOfWork.within(installationId, async (tx) => {
    // Those that are about to be made too: the job that makes them may have read SAP before this happened. All others
    // are met by their own stream, or wait for a person.
    const links = await deps.links.findBySapKeys(tx, connection.id, 'partner', cardCodes);
    const keys = links.filter(({ state }) => state !== 'ambiguous' && state !== 'gone').map(({ sapKey }) => sapKey);
    if (keys.length > 0) await writeInRun(deps, tx, context, { stream: 'credit', task: 'crm.write-partners', keys });
    await deps.cursors.save(tx, connection.id, 'credit', cursor);
    await deps.findings.resolve(tx, 'job_exhausted', givenUpSubject('sync.inbound', 'credit'), deps.clock.now());
  });
}

import { randomUUID } from 'node:crypto';
import { addDays, type LocalDate, localDateIn } from '../../kernel/local-date.ts';
import { givenUpSubject } from '../given-up.ts';
import type { TouchingSet } from '../ports/erp.ts';
import type { Cursor } from '../ports/sync-store.ts';
import { enqueueWrites } from './read-stream.ts';
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
  const cursor = stored ?? (await startingPoint(deps, context, today));
  const touched = new Set<string>();
  const documents = { ...cursor.documents };
  for (const set of TOUCHING) documents[set] = await walkSet(deps, context, set, documents[set] ?? 0, touched);
  for (const cardCode of await newlyOverdue(deps, context, cursor.dueDatesCheckedOn ?? today, today))
    touched.add(cardCode);
  await store(deps, context, { ...cursor, documents, dueDatesCheckedOn: today }, [...touched]);
}

async function startingPoint(deps: SyncDeps, context: SyncContext, today: LocalDate): Promise<Cursor> {
  const documents: Record<string, number> = {};
  for (const set of TOUCHING) documents[set] = await deps.erp.lastDocEntry(context.erpCaller, set);
  return { phase: 'delta', stampDate: null, stampTime: null, key: null, documents, dueDatesCheckedOn: today };
}

async function walkSet(
  deps: SyncDeps,
  context: SyncContext,
  set: TouchingSet,
  from: number,
  touched: Set<string>,
): Promise<number> {
  let last = from;
  for (;;) {
    const page = await deps.erp.listTouchedPartners(context.erpCaller, set, last, PAGE);
    for (const row of page.rows) {
      last = Math.max(last, row.docEntry);
      if (row.cardCode) touched.add(row.cardCode);
    }
    if (page.done || page.rows.length === 0) return last;
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
    // Only partners that are linked: all others are met by their own stream.
    const links = await deps.links.findBySapKeys(tx, connection.id, 'partner', cardCodes);
    const keys = links.filter((link) => link.state === 'linked').map((link) => link.sapKey);
    if (keys.length > 0) {
      const now = deps.clock.now();
      const runId = randomUUID();
      await deps.runs.start(tx, {
        id: runId,
        connectionId: connection.id,
        stream: 'credit',
        kind: 'delta',
        startedAt: now,
        expected: null,
      });
      await deps.runs.add(tx, runId, { read: cardCodes.length, changed: keys.length });
      await enqueueWrites(deps, tx, context, 'crm.write-partners', keys, runId);
      await deps.runs.finishReading(tx, runId, now);
    }
    await deps.cursors.save(tx, connection.id, 'credit', cursor);
    await deps.findings.resolve(tx, 'job_exhausted', givenUpSubject('sync.inbound', 'credit'), deps.clock.now());
  });
}

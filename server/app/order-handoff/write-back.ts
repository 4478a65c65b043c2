import { after, type Clock } from '../../kernel/clock.ts';
import { ForbiddenError, NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { HandoffId, InstallationId } from '../../kernel/ids.ts';
import { writeBackJob } from '../handoff-jobs.ts';
import { makeLeavingOut } from '../leave-out-fields.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { CrmFieldPurpose, CrmFieldStore } from '../ports/crm-field-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Handoff, HandoffStore } from '../ports/handoff-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { recheckFieldsJob } from '../sync-jobs.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';
import { type Receipt, receiptNote, receiptOf } from './receipt.ts';

export interface WriteBackDeps extends TenantDeps {
  readonly clock: Clock;
  readonly handoffs: HandoffStore;
  readonly crmFields: CrmFieldStore;
  readonly findings: Pick<FindingStore, 'raise'>;
  readonly audit: AuditLog;
  readonly jobs: JobQueue;
  readonly crm: Crm;
}

/** So long one process has the note for itself, of which a request may take the part that is kept at the end. */
const NOTE_LEASE_MS = 90_000;
const NOTE_NEEDS_MS = 40_000;

/** Number, status and link go into the deal's fields, and, once there is a document, one note. Safe to run again. */
export function makeWriteBack(deps: WriteBackDeps) {
  return async function writeBack(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void> {
    const handoff = await deps.unitOfWork.within(id, (tx) => deps.handoffs.find(tx, handoffId));
    const workplace = handoff && (await findWorkplace(deps, id, handoff.connectionId));
    if (!handoff || !workplace) return;
    // An order's first receipt is a part of it; what changes later, or is written once more, can wait for another day.
    const purpose = handoff.state === 'posted' && handoff.noteId === null ? 'order' : 'status';
    const caller: CrmCaller = { installationId: id, as: 'service', purpose, signal };
    const receiptFor = (row: Handoff): Receipt =>
      receiptOf(row, `${workplace.installation.apiDomain}/deal/${row.dealId}`, workplace.settings.webClientUrl);
    const receipt = receiptFor(handoff);
    let written = true;
    try {
      const refusal = await unlessRefused(() => writeFields(caller, handoff, workplace, receipt));
      if (handoff.docEntry !== null) written = await writeNote(caller, handoff, receipt);
      if (refusal instanceof RejectedError) await lookAtFields(id, workplace);
      if (refusal instanceof Error) throw refusal;
      // What was left out is written by the sweep, once the field was made anew.
      written &&= refusal;
    } catch (error) {
      // The deal is gone or out of our sight: there is nowhere left to write to, and the order stands.
      if (!(error instanceof NotFoundError)) throw error;
    }
    await deps.unitOfWork.within(id, async (tx) => {
      if (written) await finish(tx, handoff, workplace);
      // Whoever stood still in between may have written what is no longer so.
      const current = await deps.handoffs.find(tx, handoffId);
      if (current && !sameReceipt(receiptFor(current), receipt))
        await deps.jobs.enqueueWithin(tx, writeBackJob(tx, current));
    });
  };

  /** A field may have become another than the app takes it for; the sweep writes again. */
  async function lookAtFields(id: InstallationId, { connection }: Workplace): Promise<void> {
    await deps.unitOfWork.within(id, (tx) => deps.jobs.enqueueWithin(tx, recheckFieldsJob(connection.id, 'status')));
  }

  /** @returns false where a field had to be left out, since Pipedrive does not take it */
  async function writeFields(
    caller: CrmCaller,
    { dealId }: Handoff,
    { connection }: Workplace,
    receipt: Receipt,
  ): Promise<boolean> {
    const { installationId } = caller;
    const fields = await deps.unitOfWork.within(installationId, (tx) => deps.crmFields.list(tx));
    const customFields: Record<string, string | null> = {};
    const put = (purpose: CrmFieldPurpose, value: string | null) => {
      const field = fields.find((one) => one.purpose === purpose);
      // Nothing is emptied in a field that the company made itself.
      if (field && (value !== null || field.own)) customFields[field.code] = value;
    };
    put('deal.sap_document', receipt.document);
    put('deal.sap_status', receipt.status);
    put('deal.sap_link', receipt.link);
    const leavingOut = makeLeavingOut(deps, {
      installationId,
      connectionId: connection.id,
      priority: 'status',
      consequence: 'deals come without what it says',
    });
    await leavingOut.write({ customFields }, async (given) => {
      if (Object.keys(given.customFields).length > 0)
        await deps.crm.updateDealFields(caller, dealId, given.customFields);
    });
    return !leavingOut.concerns({ customFields });
  }

  /** False when another process is at it; then a job comes back to see how that ended. */
  async function writeNote(caller: CrmCaller, handoff: Handoff, receipt: Receipt): Promise<boolean> {
    const { installationId } = caller;
    const until = after(deps.clock.now(), NOTE_LEASE_MS);
    const turn = await deps.unitOfWork.within(installationId, (tx) => takeTurn(tx, handoff.id, until));
    if (turn !== 'post' && turn !== 'look_first') return turn === 'done';
    const known = turn === 'look_first' ? await findNote(caller, handoff) : undefined;
    const sendBefore = after(until, -NOTE_NEEDS_MS);
    const noteId =
      known ??
      (await deps.crm.createDealNote({ ...caller, sendBefore }, handoff.dealId, receiptNote(handoff, receipt)));
    await deps.unitOfWork.within(installationId, (tx) => deps.handoffs.setNote(tx, handoff.id, noteId));
    return true;
  }

  async function takeTurn(tx: Tx, id: HandoffId, until: Date): Promise<'done' | 'taken' | 'post' | 'look_first'> {
    const handoff = await deps.handoffs.find(tx, id);
    if (!handoff || handoff.noteId !== null) return 'done';
    const now = deps.clock.now();
    if (await deps.handoffs.markNotePosting(tx, handoff, now, until))
      return handoff.notePosting ? 'look_first' : 'post';
    await deps.jobs.enqueueWithin(tx, writeBackJob(tx, handoff, handoff.leaseUntil ?? until));
    return 'taken';
  }

  /** A note may have been made although its answer never came. */
  async function findNote(caller: CrmCaller, handoff: Handoff): Promise<number | undefined> {
    const notes = await deps.crm.listDealNotes(caller, handoff.dealId);
    return notes.find((note) => note.content.includes(handoff.key))?.id;
  }

  async function finish(tx: Tx, handoff: Handoff, { connection }: Workplace): Promise<void> {
    const now = deps.clock.now();
    if (handoff.state !== 'posted' || !(await deps.handoffs.markWrittenBack(tx, handoff.id, now))) return;
    await deps.audit.append(tx, {
      verb: 'handoff_written_back',
      source: { system: 'sap', key: `${connection.companyDb}:${handoff.document}:${handoff.docEntry}`, version: null },
      target: `deal:${handoff.dealId}`,
      before: null,
      after: { docNum: handoff.docNum },
      runId: null,
      requestId: null,
      userId: null,
      at: now,
    });
  }
}

/** The note says the same, and needs none of the fields: what is wrong with them is thrown after it was written. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | RejectedError | ForbiddenError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RejectedError || error instanceof ForbiddenError) return error;
    throw error;
  }
}

function sameReceipt(left: Receipt, right: Receipt): boolean {
  return left.document === right.document && left.status === right.status && left.link === right.link;
}

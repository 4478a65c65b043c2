import { after, type Clock } from '../../kernel/clock.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { HandoffId, InstallationId } from '../../kernel/ids.ts';
import { writeBackJob } from '../handoff-jobs.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { CrmFieldStore } from '../ports/crm-field-store.ts';
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
    const caller: CrmCaller = { installationId: id, as: 'service', purpose: 'status', signal };
    const receiptFor = (row: Handoff): Receipt =>
      receiptOf(row, `${workplace.installation.apiDomain}/deal/${row.dealId}`, workplace.settings.webClientUrl);
    const receipt = receiptFor(handoff);
    let written = true;
    try {
      await writeFields(caller, handoff, receipt);
      if (handoff.docEntry !== null) written = await writeNote(caller, handoff, receipt);
    } catch (error) {
      if (error instanceof RejectedError) await lookAtFields(id, workplace);
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

  /** Pipedrive refuses a whole change for one field that somebody deleted: the field is made anew, the sweep writes again. */
  async function lookAtFields(id: InstallationId, { connection }: Workplace): Promise<void> {
    await deps.unitOfWork.within(id, (tx) => deps.jobs.enqueueWithin(tx, recheckFieldsJob(connection.id, 'status')));
  }

  async function writeFields(caller: CrmCaller, handoff: Handoff, receipt: Receipt): Promise<void> {
    const fields = await deps.unitOfWork.within(caller.installationId, (tx) => deps.crmFields.get(tx));
    const values: Record<string, string | null> = {};
    const put = (code: string | undefined, value: string | null) => {
      if (code) values[code] = value;
    };
    put(fields['deal.sap_document'], receipt.document);
    put(fields['deal.sap_status'], receipt.status);
    put(fields['deal.sap_link'], receipt.link);
    if (Object.keys(values).length > 0) await deps.crm.updateDealFields(caller, handoff.dealId, values);
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

function sameReceipt(left: Receipt, right: Receipt): boolean {
  return left.document === right.document && left.status === right.status && left.link === right.link;
}

import type { Clock } from '../../kernel/clock.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { HandoffId, InstallationId } from '../../kernel/ids.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { CrmFieldStore } from '../ports/crm-field-store.ts';
import type { Handoff, HandoffStore } from '../ports/handoff-store.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';
import { type Receipt, receiptNote, receiptOf } from './receipt.ts';

export interface WriteBackDeps extends TenantDeps {
  readonly clock: Clock;
  readonly handoffs: HandoffStore;
  readonly crmFields: CrmFieldStore;
  readonly audit: AuditLog;
  readonly crm: Crm;
}

/** Number, status and link go into the deal's fields, and, once there is a document, one note. Safe to run again. */
export function makeWriteBack(deps: WriteBackDeps) {
  return async function writeBack(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void> {
    const handoff = await deps.unitOfWork.within(id, (tx) => deps.handoffs.find(tx, handoffId));
    const workplace = handoff && (await findWorkplace(deps, id, handoff.connectionId));
    if (!handoff || !workplace) return;
    const caller: CrmCaller = { installationId: id, as: 'service', purpose: 'status', signal };
    const dealUrl = `${workplace.installation.apiDomain}/deal/${handoff.dealId}`;
    const receipt = receiptOf(handoff, dealUrl, workplace.settings.webClientUrl);
    try {
      await writeFields(caller, handoff, receipt);
      if (handoff.docEntry !== null) await writeNote(caller, handoff, receipt);
    } catch (error) {
      // The deal is gone or out of our sight: there is nowhere left to write to, and the order stands.
      if (!(error instanceof NotFoundError)) throw error;
    }
    await finish(id, handoff, workplace);
  };

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

  async function writeNote(caller: CrmCaller, handoff: Handoff, receipt: Receipt): Promise<void> {
    if (handoff.noteId !== null) return;
    const known = handoff.notePosting ? await findNote(caller, handoff) : undefined;
    await deps.unitOfWork.within(caller.installationId, (tx) => deps.handoffs.markNotePosting(tx, handoff.id));
    const noteId = known ?? (await deps.crm.createDealNote(caller, handoff.dealId, receiptNote(handoff, receipt)));
    await deps.unitOfWork.within(caller.installationId, (tx) => deps.handoffs.setNote(tx, handoff.id, noteId));
  }

  /** A note may have been made although its answer never came. */
  async function findNote(caller: CrmCaller, handoff: Handoff): Promise<number | undefined> {
    const notes = await deps.crm.listDealNotes(caller, handoff.dealId);
    return notes.find((note) => note.content.includes(handoff.key))?.id;
  }

  async function finish(id: InstallationId, handoff: Handoff, workplace: Workplace): Promise<void> {
    if (handoff.state !== 'posted') return;
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      await deps.handoffs.markWrittenBack(tx, handoff.id, now);
      await deps.audit.append(tx, {
        verb: 'handoff_written_back',
        source: {
          system: 'sap',
          key: `${workplace.connection.companyDb}:${handoff.document}:${handoff.docEntry}`,
          version: null,
        },
        target: `deal:${handoff.dealId}`,
        before: null,
        after: { docNum: handoff.docNum },
        runId: null,
        requestId: null,
        userId: null,
        at: now,
      });
    });
  }
}

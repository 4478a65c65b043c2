import { KEY_FIELD } from '../../domain/key-sheet.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import { AppError, type Problem, RejectedError } from '../../kernel/errors.ts';
import type { HandoffId, InstallationId } from '../../kernel/ids.ts';
import { writeBackJob } from '../handoff-jobs.ts';
import type { AuditLog, AuditVerb } from '../ports/audit-log.ts';
import type { Crm } from '../ports/crm.ts';
import type { Erp, ErpCaller, ErpOrder } from '../ports/erp.ts';
import type { ErpDocuments } from '../ports/erp-documents.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Handoff, HandoffStore } from '../ports/handoff-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LineDetailStore } from '../ports/link-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { findWorkplace, type TenantReads, type Workplace } from '../tenant.ts';
import { dealNotVisible } from './deal-not-visible.ts';
import { findDealAnywhere } from './find-deal.ts';
import { cancelledFinding, chooseDocument, duplicateFinding, foreignOrderMessage } from './found-documents.ts';
import { SETTLE_MS } from './hand-off-order.ts';
import { pairLines } from './posted-lines.ts';

export interface FollowDraftDeps extends TenantReads {
  readonly clock: Clock;
  readonly handoffs: Pick<HandoffStore, 'takeDraft' | 'draftBecameOrder' | 'leaveDraft' | 'find'>;
  readonly lineDetails: Pick<LineDetailStore, 'save'>;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly crm: Pick<Crm, 'getDeal' | 'findArchivedDeal'>;
  readonly erp: Pick<Erp, 'findOrdersByKey'> & Pick<ErpDocuments, 'findApproval' | 'turnDraftIntoOrder'>;
}

/** Longer than a look and a write may take together, so that a living look is never overtaken. */
const LOOK_MS = 120_000;
/** What must be left of it before the write goes out. */
const WRITE_NEEDS_MS = 70_000;
/** What only a person can change is asked for less often. */
const STUCK_MS = 60 * 60_000;

/**
 * Looks what has become of a draft that waited for an approval. Approved: it is turned into its order, once, unless that
 * is left to the approver; whoever did it, the deal gets the order. Turned down: the deal says so in the approver's words.
 */
export function makeFollowDraft(deps: FollowDraftDeps) {
  return async function followDraft(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void> {
    const takenAt = deps.clock.now();
    const taken = await deps.unitOfWork.within(id, (tx) =>
      // Where the outcome of the write stays unknown, the next look comes when SAP can no longer be working on it.
      deps.handoffs.takeDraft(tx, handoffId, takenAt, after(takenAt, LOOK_MS + SETTLE_MS)),
    );
    if (!taken) return;
    const workplace = await findWorkplace(deps, id, taken.connectionId);
    if (workplace?.connection.status !== 'active') return leave(id, taken, taken.problems, 0);
    const caller: ErpCaller = { installationId: id, connectionId: taken.connectionId, priority: 'background', signal };
    const writeBefore = after(takenAt, LOOK_MS - WRITE_NEEDS_MS);
    try {
      await look({ ...caller, writeBefore }, taken, workplace);
    } catch (error) {
      await giveBack(id, taken, error);
    }
  };

  async function look(caller: ErpCaller, taken: Handoff, { settings }: Workplace): Promise<void> {
    const { installationId: id } = caller;
    const cardCode = taken.draft?.cardCode ?? '';
    const found = chooseDocument(await deps.erp.findOrdersByKey(caller, taken.key, cardCode));
    if (!found) return hold(id, taken, gone(taken));
    if (found.tooMany.length > 0) {
      await deps.unitOfWork.within(id, (tx) =>
        deps.findings.raise(tx, duplicateFinding(taken, found.tooMany), deps.clock.now()),
      );
      // An order that is there is shown, whatever waits beside it; a draft of several is turned by nobody.
      if (found.order.document === 'draft') return leave(id, taken, taken.problems, STUCK_MS);
    }
    const { order } = found;
    if (cardCode !== '' && order.cardCode !== cardCode) {
      return hold(id, taken, { code: 'other_customer', message: foreignOrderMessage(order) });
    }
    if (order.document === 'order') return becameOrder(id, taken, order);
    switch (order.status) {
      case 'rejected':
        return hold(id, taken, await turnedDown(caller, order));
      case 'cancelled':
        return hold(id, taken, takenBack(order));
      case 'closed':
        return hold(id, taken, closed(taken, order));
      case 'approved':
        // Whoever takes the consent to the key field back has nothing made in SAP any more.
        return settings.erpFieldAgreed && settings.approvedDrafts === 'turned_by_us'
          ? turnIfStillWon(caller, taken, order)
          : leave(id, taken, [leftToApprover(order)], 0);
      default:
        return leave(id, taken, [], 0);
    }
  }

  /** An approval may take days: a deal that started by itself must still be won; what a person sent stays sent. */
  async function turnIfStillWon(caller: ErpCaller, taken: Handoff, draft: ErpOrder): Promise<void> {
    const problem = taken.trigger === 'person' ? undefined : await notWon(caller, taken, draft);
    await (problem ? hold(caller.installationId, taken, problem) : turn(caller, taken, draft));
  }

  async function notWon(
    { installationId, signal }: ErpCaller,
    { dealId }: Handoff,
    { docNum }: ErpOrder,
  ): Promise<Problem | undefined> {
    const caller = { installationId, as: 'service', purpose: 'order', signal } as const;
    const deal = await findDealAnywhere(deps.crm, caller, dealId);
    if (!deal) return dealNotVisible(dealId);
    return deal.status === 'won' ? undefined : noLongerWon(docNum);
  }

  async function turn(caller: ErpCaller, taken: Handoff, draft: ErpOrder): Promise<void> {
    const { installationId: id } = caller;
    await deps.unitOfWork.within(id, (tx) => append(tx, taken, 'handoff_draft_turning', { docEntry: draft.docEntry }));
    try {
      await becameOrder(id, taken, await deps.erp.turnDraftIntoOrder(caller, draft.docEntry, taken.key));
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      const message = `Draft ${draft.docNum} is approved, but SAP does not make the order from it. ${error.message}`;
      await hold(id, taken, { code: `sap_${error.code}`, message });
    }
  }

  /** The approver's words are a nicety: a user who may not read the requests still learns that it was turned down. */
  async function turnedDown(caller: ErpCaller, draft: ErpOrder): Promise<Problem> {
    const said = await deps.erp.findApproval(caller, draft.docEntry).catch((error: unknown) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
    const words = said?.words ? ` They say: ${said.words}` : '';
    return { code: 'approval_refused', message: `SAP’s approver turned draft ${draft.docNum} down.${words}` };
  }

  async function becameOrder(id: InstallationId, taken: Handoff, order: ErpOrder): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      if (!(await deps.handoffs.draftBecameOrder(tx, taken, order, now))) return;
      await deps.lineDetails.save(tx, taken.connectionId, pairLines(taken, order));
      await deps.findings.resolve(tx, 'order_refused', `deal:${taken.dealId}`, now);
      if (order.status === 'cancelled') await deps.findings.raise(tx, cancelledFinding(taken, order), now);
      await deps.jobs.enqueueWithin(tx, writeBackJob(tx, taken));
      const facts = { docEntry: order.docEntry, docNum: order.docNum, draft: taken.docEntry };
      await append(tx, taken, 'handoff_became_order', facts);
    });
  }

  /** Only a person can bring it further: told once, on the deal and as a finding. */
  async function hold(id: InstallationId, taken: Handoff, problem: Problem): Promise<void> {
    const known = taken.problems.some(({ message }) => message === problem.message);
    if (!known) {
      await deps.unitOfWork.within(id, async (tx) => {
        const finding = {
          kind: 'order_refused',
          subject: `deal:${taken.dealId}`,
          message: `Deal ${taken.dealId}: ${problem.message}`,
          action: 'Ask your back office to correct the draft in SAP. The deal follows by itself.',
          link: { resource: 'deal', id: taken.dealId },
        } as const;
        await deps.findings.raise(tx, finding, deps.clock.now());
        await append(tx, taken, 'handoff_draft_held', { problem: problem.code });
      });
    }
    await leave(id, taken, [problem], STUCK_MS);
  }

  /** @param restMs not looked at before so long; 0: with the next sweep */
  async function leave(
    id: InstallationId,
    taken: Handoff,
    problems: readonly Problem[],
    restMs: number,
  ): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      await deps.handoffs.leaveDraft(tx, taken, problems, after(now, restMs), now);
      const waitsForSap = problems.every(({ code }) => code === LEFT_TO_APPROVER);
      if (waitsForSap && taken.problems.some(({ code }) => code !== LEFT_TO_APPROVER)) {
        await deps.findings.resolve(tx, 'order_refused', `deal:${taken.dealId}`, now);
      }
      const current = await deps.handoffs.find(tx, taken.id);
      if (current?.state === 'posted') await deps.jobs.enqueueWithin(tx, writeBackJob(tx, current));
    });
  }

  async function giveBack(id: InstallationId, taken: Handoff, error: unknown): Promise<void> {
    const kind = error instanceof AppError ? error.kind : 'defect';
    // The row keeps its time: nobody looks again before SAP has settled.
    if (kind === 'outcome_unknown') return;
    if (kind !== 'defect') await leave(id, taken, taken.problems, 0);
    throw error;
  }

  async function append(
    tx: Tx,
    handoff: Handoff,
    verb: AuditVerb,
    facts: Record<string, string | number | null>,
  ): Promise<void> {
    await deps.audit.append(tx, {
      verb,
      source: { system: 'sap', key: `deal:${handoff.dealId}`, version: handoff.draftHash },
      target: `handoff:${handoff.key}`,
      before: null,
      after: facts,
      runId: null,
      requestId: null,
      userId: null,
      at: deps.clock.now(),
    });
  }
}

function gone({ docNum }: Handoff): Problem {
  return { code: 'draft_gone', message: `Draft ${docNum} is not in SAP any more, and there is no order from it.` };
}

function takenBack({ docNum }: ErpOrder): Problem {
  return { code: 'draft_cancelled', message: `Draft ${docNum} was cancelled in SAP before it became an order.` };
}

function noLongerWon(docNum: number): Problem {
  const message = `SAP has approved draft ${docNum}, but the deal is no longer won, so no order was made from it. Win the deal again, or have the draft removed in SAP.`;
  return { code: 'deal_not_won', message };
}

/** It was added in SAP, yet no order carries the key: whoever did it took the key out, or SAP did not carry it over. */
function closed({ key }: Handoff, { docNum }: ErpOrder): Problem {
  const message = `Draft ${docNum} was closed in SAP, but no order from it carries this deal’s key. Enter ${key} in that order’s field “${KEY_FIELD.description}”.`;
  return { code: 'draft_closed', message };
}

const LEFT_TO_APPROVER = 'left_to_approver';

function leftToApprover({ docNum }: ErpOrder): Problem {
  const message = `Approved in SAP as draft ${docNum}. The approver makes the order from it.`;
  return { code: LEFT_TO_APPROVER, message };
}

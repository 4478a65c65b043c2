import { after, type Clock } from '../../kernel/clock.ts';
import { AppError, ConflictError, type Problem, RejectedError } from '../../kernel/errors.ts';
import type { HandoffId, InstallationId } from '../../kernel/ids.ts';
import { handOffJob, writeBackJob } from '../handoff-jobs.ts';
import type { AuditLog, AuditVerb } from '../ports/audit-log.ts';
import type { Crm } from '../ports/crm.ts';
import type { Erp, ErpCaller, ErpOrder } from '../ports/erp.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Handoff, HandoffStore } from '../ports/handoff-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LineDetailStore } from '../ports/link-store.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { DEAL_NOT_VISIBLE, dealNotVisible } from './deal-not-visible.ts';
import { findDealAnywhere } from './find-deal.ts';
import { cancelledFinding, chooseDocument, duplicateFinding, foreignOrderMessage } from './found-documents.ts';
import { pairLines } from './posted-lines.ts';

export interface HandOffOrderDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly handoffs: HandoffStore;
  readonly lineDetails: LineDetailStore;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly crm: Crm;
  readonly erp: Erp;
}

/** Longer than a look-up and a write may take together (30 s + 60 s), so that a living attempt is never overtaken. */
const LEASE_MS = 120_000;
/** What must be left of the lease before a write goes out: the write's own limit and a margin. */
const WRITE_NEEDS_MS = 70_000;
/** SAP may still be booking a document long after the answer was given up; only then is "not found" an answer. */
export const SETTLE_MS = 150_000;
const PATIENT_ATTEMPTS = 5;
const LONG_SETTLE_MS = 15 * 60_000;

/**
 * Puts one deal into SAP as exactly one sales order. Safe to run again at any point: it looks by key first, writes only
 * when nothing is there, and accepts a result only from the newest attempt.
 */
export function makeHandOffOrder(deps: HandOffOrderDeps) {
  return async function handOffOrder(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void> {
    const handoff = await claim(id, handoffId);
    if (!handoff) return comeBackLater(id, handoffId);
    const caller: ErpCaller = { installationId: id, connectionId: handoff.connectionId, priority: 'person', signal };
    let attempt = handoff;
    try {
      const found = await findOrder(caller, attempt);
      // A row is claimed only when earlier writes have settled: what is not found now was never made.
      if (!found) attempt = { ...attempt, sent: false };
      const order = found ?? (await createIfStillWon(caller, attempt));
      if (!order) return;
      // From here on the order is there, whatever becomes of writing that down.
      attempt = { ...attempt, sent: true };
      await settle(id, attempt, order);
    } catch (error) {
      await giveBack(id, attempt, error);
    }
  };

  async function claim(id: InstallationId, handoffId: HandoffId): Promise<Handoff | undefined> {
    const now = deps.clock.now();
    return deps.unitOfWork.within(id, (tx) => deps.handoffs.claim(tx, handoffId, now, after(now, LEASE_MS), SETTLE_MS));
  }

  /** Nothing to take now: another attempt is at it, or SAP must settle first. Whoever waits has a job waiting. */
  async function comeBackLater(id: InstallationId, handoffId: HandoffId): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const handoff = await deps.handoffs.find(tx, handoffId);
      const dueAt =
        handoff?.state === 'unconfirmed' ? handoff.settleAt : handoff?.state === 'posting' ? handoff.leaseUntil : null;
      if (handoff && dueAt) await deps.jobs.enqueueWithin(tx, handOffJob(tx, handoff, dueAt));
    });
  }

  async function findOrder(caller: ErpCaller, handoff: Handoff): Promise<ErpOrder | undefined> {
    const cardCode = handoff.draft?.cardCode ?? '';
    const found = chooseDocument(await deps.erp.findOrdersByKey(caller, handoff.key, cardCode));
    if (found && found.tooMany.length > 0) {
      await deps.unitOfWork.within(caller.installationId, (tx) =>
        deps.findings.raise(tx, duplicateFinding(handoff, found.tooMany), deps.clock.now()),
      );
    }
    return found?.order;
  }

  /** A deal that started by itself must still be won; what a person sent stays sent. */
  async function createIfStillWon(caller: ErpCaller, handoff: Handoff): Promise<ErpOrder | undefined> {
    if (handoff.trigger === 'person' || (await isWon(caller, handoff.dealId))) return create(caller, handoff);
    await deps.unitOfWork.within(caller.installationId, async (tx) => {
      const now = deps.clock.now();
      await deps.handoffs.release(tx, handoff, now);
      await deps.handoffs.cancel(tx, handoff.id, now);
      await deps.jobs.enqueueWithin(tx, writeBackJob(tx, handoff));
      await append(tx, handoff, 'handoff_cancelled', { attempt: handoff.attempt });
    });
    return undefined;
  }

  /** @throws {DealNotVisibleError} gone, or out of our sight: neither says that it is no longer won */
  async function isWon({ installationId, signal }: ErpCaller, dealId: number): Promise<boolean> {
    const caller = { installationId, as: 'service', purpose: 'order', signal } as const;
    const deal = await findDealAnywhere(deps.crm, caller, dealId);
    if (!deal) throw new DealNotVisibleError(dealNotVisible(dealId).message);
    return deal.status === 'won';
  }

  /** Undefined when a later attempt has taken over meanwhile. */
  async function create(caller: ErpCaller, handoff: Handoff): Promise<ErpOrder | undefined> {
    const { draft, leaseUntil } = handoff;
    if (!draft || !leaseUntil)
      throw new InterruptedHandoffError(
        'This deal’s order was interrupted when the app was removed. Press Check again to send it.',
      );
    const writeBefore = after(leaseUntil, -WRITE_NEEDS_MS);
    if (deps.clock.now() >= writeBefore)
      throw new LeaseTooShortError('The look-up in SAP took too long to write safely.');
    const ours = await deps.unitOfWork.within(caller.installationId, async (tx) => {
      const marked = await deps.handoffs.markSent(tx, handoff, leaseUntil);
      if (marked) await append(tx, handoff, 'handoff_sent', { attempt: handoff.attempt, draftHash: handoff.draftHash });
      return marked;
    });
    return ours ? deps.erp.createOrder({ ...caller, writeBefore }, draft, handoff.key) : undefined;
  }

  async function settle(id: InstallationId, handoff: Handoff, order: ErpOrder): Promise<void> {
    const { draft } = handoff;
    if (draft && order.cardCode !== draft.cardCode) return parkForeign(id, handoff, order);
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      await deps.handoffs.settle(
        tx,
        handoff,
        { docEntry: order.docEntry, docNum: order.docNum, document: order.document },
        now,
      );
      await deps.lineDetails.save(tx, handoff.connectionId, pairLines(handoff, order));
      await resolveFindings(tx, handoff, now);
      if (order.status === 'cancelled') await deps.findings.raise(tx, cancelledFinding(handoff, order), now);
      await deps.jobs.enqueueWithin(tx, writeBackJob(tx, handoff));
      await append(tx, handoff, 'handoff_posted', {
        docEntry: order.docEntry,
        docNum: order.docNum,
        document: order.document,
      });
    });
  }

  /** Turns what went wrong into the row's next state. What is worth another run is thrown on to the queue. */
  async function giveBack(id: InstallationId, handoff: Handoff, error: unknown): Promise<void> {
    if (error instanceof ConflictError) return;
    const kind = error instanceof AppError ? error.kind : 'defect';
    switch (kind) {
      case 'outcome_unknown':
        return unconfirmed(id, handoff);
      case 'rejected':
      case 'invalid_input':
      case 'not_found':
      case 'forbidden':
        return park(id, handoff, [problemOf(error)]);
      case 'defect':
        // Nobody knows how far it came: look before anything else, and let the defect be seen.
        await unconfirmed(id, handoff);
        throw error;
      case 'unavailable':
      case 'rate_limited':
      case 'reauth_required':
      case 'conflict':
        await deps.unitOfWork.within(id, (tx) => deps.handoffs.release(tx, handoff, deps.clock.now()));
        throw error;
      default:
        throw kind satisfies never;
    }
  }

  async function unconfirmed(id: InstallationId, handoff: Handoff): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      // A server that answers no order at all is asked less and less often; the sweep tells a person.
      const settleAt = after(now, handoff.attempt > PATIENT_ATTEMPTS ? LONG_SETTLE_MS : SETTLE_MS);
      await deps.handoffs.markUnconfirmed(tx, handoff, settleAt, now);
      await deps.jobs.enqueueWithin(tx, handOffJob(tx, handoff, settleAt));
      await append(tx, handoff, 'handoff_unconfirmed', { attempt: handoff.attempt });
    });
  }

  async function park(id: InstallationId, handoff: Handoff, problems: readonly Problem[]): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      await deps.handoffs.park(tx, handoff, problems, now);
      await deps.findings.raise(
        tx,
        {
          kind: 'order_refused',
          subject: `deal:${handoff.dealId}`,
          message: problems.map((problem) => problem.message).join(' '),
          action: 'Correct it in SAP or on the deal, then press Check again in the deal’s SAP panel.',
          link: { resource: 'deal', id: handoff.dealId },
        },
        now,
      );
      await deps.jobs.enqueueWithin(tx, writeBackJob(tx, handoff));
      await append(tx, handoff, 'handoff_refused', { problems: problems.map(({ code }) => code) });
    });
  }

  function parkForeign(id: InstallationId, handoff: Handoff, order: ErpOrder): Promise<void> {
    return park(id, handoff, [{ code: 'other_customer', message: foreignOrderMessage(order) }]);
  }

  async function resolveFindings(tx: Tx, handoff: Handoff, now: Date): Promise<void> {
    for (const kind of ['deal_not_ready', 'order_refused', 'order_waiting'] as const) {
      await deps.findings.resolve(tx, kind, `deal:${handoff.dealId}`, now);
    }
  }

  async function append(
    tx: Tx,
    handoff: Handoff,
    verb: AuditVerb,
    facts: Record<string, string | number | null | readonly string[]>,
  ): Promise<void> {
    await deps.audit.append(tx, {
      verb,
      source: { system: 'pipedrive', key: `deal:${handoff.dealId}`, version: handoff.draftHash },
      target: `handoff:${handoff.key}`,
      before: null,
      after: facts,
      runId: null,
      requestId: null,
      userId: handoff.byUserId,
      at: deps.clock.now(),
    });
  }
}

class DealNotVisibleError extends AppError {
  readonly kind = 'invalid_input';
}
class InterruptedHandoffError extends AppError {
  readonly kind = 'invalid_input';
}
class LeaseTooShortError extends AppError {
  readonly kind = 'unavailable';
}

function problemOf(error: unknown): Problem {
  if (error instanceof DealNotVisibleError) return { code: DEAL_NOT_VISIBLE, message: error.message };
  if (error instanceof RejectedError) return { code: `sap_${error.code}`, message: error.message };
  return {
    code: error instanceof AppError ? error.kind : 'unknown',
    message: error instanceof AppError ? error.message : 'It did not work.',
  };
}

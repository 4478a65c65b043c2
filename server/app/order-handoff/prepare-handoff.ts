import { randomUUID } from 'node:crypto';
import { handoffKey } from '../../domain/handoff-key.ts';
import { draftOrder } from '../../domain/order-draft.ts';
import type { OrderDraft } from '../../domain/order-handoff.ts';
import { contentHash, type Json } from '../../kernel/canonical-json.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Problem } from '../../kernel/errors.ts';
import { handoffId } from '../../kernel/ids.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import { handOffJob, writeBackJob } from '../handoff-jobs.ts';
import type { AuditLog, AuditVerb } from '../ports/audit-log.ts';
import type { CrmCaller, CrmDeal } from '../ports/crm.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Handoff, HandoffStore } from '../ports/handoff-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Workplace } from '../tenant.ts';
import { type ReadDealDeps, readDealForOrder } from './read-deal.ts';

export interface PrepareHandoffDeps extends ReadDealDeps {
  readonly clock: Clock;
  readonly handoffs: HandoffStore;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
}

export interface PrepareRequest {
  readonly workplace: Workplace;
  readonly deal: CrmDeal;
  readonly trigger: Handoff['trigger'];
  readonly byUserId: number | null;
  readonly caller: CrmCaller;
}

/**
 * Puts one deal on its way: one row, one key, and the draft frozen before anything is sent; or all the reasons why it
 * cannot become an order. Whoever calls, and however often, the row stays one; a row on its way is left alone.
 */
export function makePrepareHandoff(deps: PrepareHandoffDeps) {
  return async function prepareHandoff(request: PrepareRequest): Promise<void> {
    const { workplace, deal, caller } = request;
    // A won deal is on record before SAP is asked: if SAP cannot be, the sweep comes back to it. A person is told at once.
    if (request.trigger !== 'person')
      await deps.unitOfWork.within(caller.installationId, (tx) => ensureRow(tx, request));
    const read = await readDealForOrder(deps, workplace, deal, caller);
    const now = deps.clock.now();
    const result = draftOrder(read.deal, read.customer, localDateIn(workplace.connection.timeZone, now));
    await deps.unitOfWork.within(caller.installationId, async (tx) => {
      const handoff = await ensureRow(tx, request);
      if (!mayChange(handoff)) return;
      if (result.ok) await freeze(tx, handoff, result.draft, request);
      else await refuse(tx, handoff, result.problems, request);
    });
  };

  async function ensureRow(tx: Tx, { workplace, deal, trigger, byUserId }: PrepareRequest): Promise<Handoff> {
    const { connection, installation } = workplace;
    const last = await deps.handoffs.findByDeal(tx, connection.id, deal.id);
    // A cancelled generation was never sent; the next one starts afresh.
    const generation = last?.state === 'cancelled' ? last.generation + 1 : (last?.generation ?? 1);
    const step = 'order';
    const key = handoffKey({
      companyId: installation.companyId,
      sapCompany: connection.companyDb,
      dealId: deal.id,
      step,
      generation,
    });
    const row = {
      id: handoffId(randomUUID()),
      connectionId: connection.id,
      dealId: deal.id,
      step,
      generation,
      key,
      trigger,
      byUserId,
    } as const;
    const { handoff } = await deps.handoffs.ensure(tx, { ...row, now: deps.clock.now() });
    return handoff;
  }

  async function freeze(tx: Tx, handoff: Handoff, draft: OrderDraft, request: PrepareRequest): Promise<void> {
    const now = deps.clock.now();
    const draftHash = contentHash({ ...draft, lines: draft.lines.map((line) => ({ ...line })) });
    if (!(await deps.handoffs.freeze(tx, handoff.id, draft, draftHash, now))) return;
    await deps.findings.resolve(tx, 'deal_not_ready', `deal:${handoff.dealId}`, now);
    await deps.findings.resolve(tx, 'order_refused', `deal:${handoff.dealId}`, now);
    await deps.jobs.enqueueWithin(tx, handOffJob(tx, handoff));
    await append(tx, handoff, 'handoff_created', { draftHash, trigger: request.trigger }, request);
  }

  async function refuse(
    tx: Tx,
    handoff: Handoff,
    problems: readonly Problem[],
    request: PrepareRequest,
  ): Promise<void> {
    const now = deps.clock.now();
    // The same as before: the deal says so already, and saying it again would change the deal again.
    if (handoff.state === 'needs_attention' && sameProblems(handoff.problems, problems)) return;
    if (!(await deps.handoffs.refuse(tx, handoff.id, problems, now))) return;
    await deps.findings.raise(
      tx,
      {
        kind: 'deal_not_ready',
        subject: `deal:${handoff.dealId}`,
        message: `Deal “${request.deal.title}” cannot go to SAP yet: ${problems.map((problem) => problem.message).join(' ')}`,
        action: 'Correct the deal, then press Check again in its SAP panel.',
        link: { resource: 'deal', id: handoff.dealId },
      },
      now,
    );
    await deps.jobs.enqueueWithin(tx, writeBackJob(tx, handoff));
    await append(tx, handoff, 'handoff_refused', { problems: problems.map(({ code }) => code) }, request);
  }

  async function append(
    tx: Tx,
    handoff: Handoff,
    verb: AuditVerb,
    after: Json,
    request: PrepareRequest,
  ): Promise<void> {
    await deps.audit.append(tx, {
      verb,
      source: { system: 'pipedrive', key: `deal:${handoff.dealId}`, version: request.deal.updateTime },
      target: `handoff:${handoff.key}`,
      before: null,
      after,
      runId: null,
      requestId: null,
      userId: request.byUserId,
      at: deps.clock.now(),
    });
  }
}

/** A fresh row, or one that waits for a person. A row that was sent, or is about to be, keeps its draft. */
function mayChange(handoff: Handoff): boolean {
  return handoff.state === 'needs_attention' || (handoff.state === 'pending' && handoff.draft === null);
}

function sameProblems(left: readonly Problem[], right: readonly Problem[]): boolean {
  const texts = (problems: readonly Problem[]) => problems.map((problem) => problem.message).join('\n');
  return texts(left) === texts(right);
}

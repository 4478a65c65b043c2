import { handoffKey } from '../../domain/handoff-key.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { considerJob, followDraftJob, handOffJob, writeBackJob } from '../handoff-jobs.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Handoff, HandoffStore } from '../ports/handoff-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';

export interface SweepDealsDeps extends TenantDeps {
  readonly clock: Clock;
  readonly handoffs: HandoffStore;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
}

const WAITS_LONG_MS = 15 * 60_000;

/** Puts hand-offs that lost their job back on their way, and tells who waits for SAP. */
export function makeSweepDeals(deps: SweepDealsDeps) {
  return async function sweepDeals(id: InstallationId): Promise<void> {
    const workplace = await findWorkplace(deps, id);
    if (!workplace) return;
    // While the connection waits for a person, so do the deals; reconnecting sweeps at once.
    if (workplace.connection.status === 'active') await carryOn(id, workplace);
  };

  async function carryOn(id: InstallationId, workplace: Workplace): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      for (const handoff of await deps.handoffs.listUnfinished(tx)) {
        const ours = await asOurs(tx, handoff, workplace);
        if (!ours) continue;
        if (isOnItsWay(ours)) await tellWhoWaits(tx, ours, now);
        if (!isUnbegun(ours)) await carryOnOne(tx, ours, now);
        else if (workplace.settings.handoff.enabled) await deps.jobs.enqueueWithin(tx, considerJob(tx, ours.dealId));
      }
      for (const draft of await deps.handoffs.listDraftsToFollow(tx, now)) {
        const ours = await asOurs(tx, draft, workplace);
        if (ours) await deps.jobs.enqueueWithin(tx, followDraftJob(tx, ours));
      }
    });
  }

  /**
   * What is left over from before a re-install is taken over: the same SAP company, reached by the connection of now.
   * Another company's stays.
   */
  async function asOurs(
    tx: Tx,
    handoff: Handoff,
    { installation, connection }: Workplace,
  ): Promise<Handoff | undefined> {
    if (handoff.connectionId === connection.id) return handoff;
    const { dealId, step, generation, trigger, byUserId } = handoff;
    const key = handoffKey({
      companyId: installation.companyId,
      sapCompany: connection.companyDb,
      dealId,
      step,
      generation,
    });
    if (key !== handoff.key) return undefined;
    const row = { id: handoff.id, connectionId: connection.id, dealId, step, generation, key, trigger, byUserId };
    return (await deps.handoffs.ensure(tx, { ...row, now: deps.clock.now() })).handoff;
  }

  /** Nothing is lost while SAP is away, but somebody should know that a deal waits. */
  async function tellWhoWaits(tx: Tx, handoff: Handoff, now: Date): Promise<void> {
    if (now.getTime() - handoff.createdAt.getTime() < WAITS_LONG_MS) return;
    await deps.findings.raise(
      tx,
      {
        kind: 'order_waiting',
        subject: `deal:${handoff.dealId}`,
        message: `Deal ${handoff.dealId} has been waiting for SAP for ${minutesBetween(handoff.createdAt, now)} minutes. It goes on by itself as soon as SAP answers.`,
        action: 'Check that the SAP server can be reached. Nothing is lost, and nothing is sent twice.',
        link: { resource: 'deal', id: handoff.dealId },
      },
      now,
    );
  }

  async function carryOnOne(tx: Tx, handoff: Handoff, now: Date): Promise<void> {
    switch (handoff.state) {
      case 'posted':
        return deps.jobs.enqueueWithin(tx, writeBackJob(tx, handoff));
      case 'pending':
        return deps.jobs.enqueueWithin(tx, handOffJob(tx, handoff));
      case 'unconfirmed':
      case 'posting': {
        const dueAt = handoff.settleAt ?? handoff.leaseUntil ?? now;
        return deps.jobs.enqueueWithin(tx, handOffJob(tx, handoff, dueAt > now ? dueAt : undefined));
      }
      case 'needs_attention':
      case 'written_back':
      case 'cancelled':
        return;
      default:
        return handoff.state satisfies never;
    }
  }
}

/** Called off, or never got as far as a draft: a deal that is won starts from here. */
function isUnbegun(handoff: Handoff): boolean {
  return handoff.state === 'cancelled' || (handoff.state === 'pending' && handoff.draft === null);
}

function minutesBetween(from: Date, to: Date): number {
  return Math.floor((to.getTime() - from.getTime()) / 60_000);
}

function isOnItsWay({ state }: Handoff): boolean {
  return state === 'pending' || state === 'posting' || state === 'unconfirmed';
}

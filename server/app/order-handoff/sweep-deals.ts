import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { handOffJob, writeBackJob } from '../handoff-jobs.ts';
import type { Crm, CrmCaller, CrmDeal } from '../ports/crm.ts';
import type { HandoffStore } from '../ports/handoff-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Cursor, CursorStore } from '../ports/sync-store.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';

export interface SweepDealsDeps extends TenantDeps {
  readonly clock: Clock;
  readonly handoffs: HandoffStore;
  readonly cursors: CursorStore;
  readonly jobs: JobQueue;
  readonly crm: Crm;
}

/** Pipedrive's stamps may appear a little late; what is read twice changes nothing. */
const OVERLAP_MS = 5 * 60_000;

/**
 * Finds won deals whose webhook never came, and puts hand-offs that lost their job back on their way. A webhook is lost
 * for good after three minutes of silence, so this is how an outage heals.
 */
export function makeSweepDeals(deps: SweepDealsDeps) {
  return async function sweepDeals(id: InstallationId, signal: AbortSignal): Promise<void> {
    const workplace = await findWorkplace(deps, id);
    if (!workplace) return;
    await carryOn(id);
    const { enabled, startsAt } = workplace.settings.handoff;
    if (enabled && startsAt) await findWonDeals(id, workplace, new Date(startsAt), signal);
  };

  async function carryOn(id: InstallationId): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      for (const handoff of await deps.handoffs.listUnfinished(tx)) {
        if (handoff.state === 'posted') await deps.jobs.enqueueWithin(tx, writeBackJob(tx, handoff));
        else if (handoff.state === 'pending' && handoff.draft !== null)
          await deps.jobs.enqueueWithin(tx, handOffJob(tx, handoff));
        else if (handoff.state === 'unconfirmed' || handoff.state === 'posting') {
          const dueAt = handoff.settleAt ?? handoff.leaseUntil ?? now;
          await deps.jobs.enqueueWithin(tx, handOffJob(tx, handoff, dueAt > now ? dueAt : undefined));
        }
      }
    });
  }

  async function findWonDeals(
    id: InstallationId,
    { connection }: Workplace,
    startsAt: Date,
    signal: AbortSignal,
  ): Promise<void> {
    const caller: CrmCaller = { installationId: id, as: 'service', purpose: 'order', signal };
    const cursor = await deps.unitOfWork.within(id, (tx) => deps.cursors.find(tx, connection.id, 'deals'));
    const from = cursor ? after(readStamp(cursor) ?? startsAt, -OVERLAP_MS) : startsAt;
    for await (const page of deps.crm.listWonDeals(caller, from)) {
      await deps.unitOfWork.within(id, async (tx) => {
        for (const deal of page) {
          if (deal.wonAt === null || deal.wonAt < startsAt) continue;
          if (await deps.handoffs.findByDeal(tx, connection.id, deal.id)) continue;
          await deps.jobs.enqueueWithin(tx, {
            task: 'deal.consider',
            payload: { dealId: deal.id },
            serialKey: `deal:${id}:${deal.id}`,
            foldKey: `consider:${id}:${deal.id}`,
            priority: 'order',
          });
        }
        const newest = newestStamp(page);
        if (newest) await deps.cursors.save(tx, connection.id, 'deals', cursorAt(newest));
      });
    }
  }
}

function newestStamp(deals: readonly CrmDeal[]): Date | undefined {
  const stamps = deals.map((deal) => Date.parse(deal.updateTime)).filter((stamp) => !Number.isNaN(stamp));
  return stamps.length > 0 ? new Date(Math.max(...stamps)) : undefined;
}

function cursorAt(stamp: Date): Cursor {
  const text = stamp.toISOString();
  return {
    phase: 'delta',
    stampDate: text.slice(0, 10),
    stampTime: text.slice(11, 19),
    key: null,
    documents: {},
    dueDatesCheckedOn: null,
  };
}

function readStamp(cursor: Cursor): Date | undefined {
  return cursor.stampDate && cursor.stampTime ? new Date(`${cursor.stampDate}T${cursor.stampTime}Z`) : undefined;
}

import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { considerJob, handOffJob, writeBackJob } from '../handoff-jobs.ts';
import type { Crm, CrmCaller, CrmDeal } from '../ports/crm.ts';
import type { Handoff, HandoffStore } from '../ports/handoff-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Cursor, CursorStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
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
    // While the connection waits for a person, so do the deals; reconnecting sweeps at once.
    if (workplace.connection.status === 'active') await carryOn(id, workplace);
    const { enabled, startsAt } = workplace.settings.handoff;
    if (enabled && startsAt) await findWonDeals(id, workplace, new Date(startsAt), signal);
  };

  async function carryOn(id: InstallationId, { connection }: Workplace): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      for (const handoff of await deps.handoffs.listUnfinished(tx)) {
        // Left over from before a re-install: considering the deal hands it on to the connection of now.
        const leftOver = handoff.connectionId !== connection.id;
        if (isUnbegun(handoff) || (leftOver && isOnItsWay(handoff))) {
          await deps.jobs.enqueueWithin(tx, considerJob(tx, handoff.dealId));
        } else if (!leftOver) await carryOnOne(tx, handoff, now);
      }
    });
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
          const known = await deps.handoffs.findByDeal(tx, connection.id, deal.id);
          if (known && !isUnbegun(known)) continue;
          await deps.jobs.enqueueWithin(tx, considerJob(tx, deal.id));
        }
        const newest = newestStamp(page);
        if (newest) await deps.cursors.save(tx, connection.id, 'deals', cursorAt(newest));
      });
    }
  }
}

/** Called off, or never got as far as a draft: a deal that is won starts from here. */
function isUnbegun(handoff: Handoff): boolean {
  return handoff.state === 'cancelled' || (handoff.state === 'pending' && handoff.draft === null);
}

function isOnItsWay({ state }: Handoff): boolean {
  return state === 'pending' || state === 'posting' || state === 'unconfirmed';
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

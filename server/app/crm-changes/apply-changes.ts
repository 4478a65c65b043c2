import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { considerJob } from '../handoff-jobs.ts';
import type { CrmDeal, CrmOrganization, CrmPerson, CrmProduct, CrmUser } from '../ports/crm.ts';
import type { CrmEntity } from '../ports/crm-changes.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { HandoffStore } from '../ports/handoff-store.ts';
import type { GrantStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import { settleServiceAdmin } from '../service-admin.ts';
import { findWorkplace, type TenantDeps } from '../tenant.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

/** Records of one kind as Pipedrive gave them just now; deleted and archived ones may be among them. */
export type CrmRead =
  | { readonly entity: 'deal'; readonly records: readonly CrmDeal[] }
  | { readonly entity: 'organization'; readonly records: readonly CrmOrganization[] }
  | { readonly entity: 'person'; readonly records: readonly CrmPerson[] }
  | { readonly entity: 'product'; readonly records: readonly CrmProduct[] }
  | { readonly entity: 'user'; readonly records: readonly CrmUser[] };

/** A record that was shown to be no longer there. */
export interface GoneRecord {
  readonly id: number;
  /** The record that took its place; null: none. */
  readonly mergedInto: number | null;
}

/** Linked records of the sync, as they were seen in Pipedrive. Each gives how many of them had changed for us. */
export interface RecordsSeen {
  organizations(id: InstallationId, records: readonly CrmOrganization[], signal: AbortSignal): Promise<number>;
  persons(id: InstallationId, records: readonly CrmPerson[], signal: AbortSignal): Promise<number>;
  products(id: InstallationId, records: readonly CrmProduct[], signal: AbortSignal): Promise<number>;
  gone(
    id: InstallationId,
    entity: 'organization' | 'person' | 'product',
    records: readonly GoneRecord[],
    signal: AbortSignal,
  ): Promise<number>;
}

export interface ApplyChangesDeps extends TenantDeps {
  readonly clock: Clock;
  readonly handoffs: Pick<HandoffStore, 'listDealsOnRecord'>;
  readonly grants: Pick<GrantStore, 'findByUser' | 'list' | 'setAdmin'>;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
  readonly jobs: JobQueue;
  /** @param read the deal as it was read just now */
  readonly considerDeal: (id: InstallationId, dealId: number, signal: AbortSignal, read?: CrmDeal) => Promise<void>;
  readonly recordsSeen: RecordsSeen;
}

export interface ApplyChanges {
  /**
   * Does what follows from records that were read just now, whatever led to their reading: a delivery, the gap fill or
   * the comparison. What shows nothing new does nothing, however often it is given.
   * @returns how many of them something followed from
   */
  applyRead(id: InstallationId, read: CrmRead, signal: AbortSignal): Promise<number>;
  /** The same for records that are proven to be gone, or merged into others. @returns for how many that was news */
  applyGone(id: InstallationId, entity: CrmEntity, gone: readonly GoneRecord[], signal: AbortSignal): Promise<number>;
}

/** Deals looked at side by side. */
const SIDE_BY_SIDE = 4;
/** An order is never made from a deal that was read longer ago. */
const FRESH_MS = 60_000;

export function makeApplyChanges(deps: ApplyChangesDeps): ApplyChanges {
  return {
    async applyRead(id, read, signal) {
      switch (read.entity) {
        case 'deal':
          return seeDeals(id, read.records, signal);
        case 'organization':
          return seeRecords(read.records, {
            seen: (records) => deps.recordsSeen.organizations(id, records, signal),
            gone: (records) => deps.recordsSeen.gone(id, 'organization', records, signal),
          });
        case 'person':
          return seeRecords(read.records, {
            seen: (records) => deps.recordsSeen.persons(id, records, signal),
            gone: (records) => deps.recordsSeen.gone(id, 'person', records, signal),
          });
        case 'product':
          return seeRecords(read.records, {
            seen: (records) => deps.recordsSeen.products(id, records, signal),
            gone: (records) => deps.recordsSeen.gone(id, 'product', records, signal),
          });
        case 'user':
          return seeUsers(id, read.records);
        default:
          return read satisfies never;
      }
    },

    async applyGone(id, entity, gone, signal) {
      switch (entity) {
        case 'deal':
          return loseDeals(id, gone);
        case 'organization':
        case 'person':
        case 'product':
          return gone.length > 0 ? deps.recordsSeen.gone(id, entity, gone, signal) : 0;
        case 'user':
          // Users are never deleted in Pipedrive, only deactivated (reference pipedrive-api.md, section 3.2).
          return 0;
        default:
          return entity satisfies never;
      }
    },
  };

  /** One deal that cannot be dealt with now goes into a job of its own, and keeps no other waiting. */
  async function seeDeals(id: InstallationId, deals: readonly CrmDeal[], signal: AbortSignal): Promise<number> {
    const staleAt = after(deps.clock.now(), FRESH_MS);
    const wanted = await withMeaning(id, deals);
    for (let at = 0; at < wanted.length; at += SIDE_BY_SIDE) {
      await Promise.all(wanted.slice(at, at + SIDE_BY_SIDE).map((deal) => seeDeal(id, deal, staleAt, signal)));
    }
    return wanted.length;
  }

  async function seeDeal(id: InstallationId, deal: CrmDeal, staleAt: Date, signal: AbortSignal): Promise<void> {
    if (deps.clock.now() >= staleAt) return later(id, [deal.id]);
    try {
      await deps.considerDeal(id, deal.id, signal, deal);
    } catch (error) {
      if (signal.aborted) throw error;
      // Whatever it was, it is tried, told and given up by the rules for such a job.
      await later(id, [deal.id]);
    }
  }

  /** Those that are on record, or may start now; of all others no order can follow. */
  async function withMeaning(id: InstallationId, deals: readonly CrmDeal[]): Promise<readonly CrmDeal[]> {
    const workplace = await findWorkplace(deps, id);
    if (!workplace) return [];
    const known = await onRecord(
      id,
      deals.map((deal) => deal.id),
    );
    const { enabled, startsAt } = workplace.settings.handoff;
    const starts = ({ wonAt }: CrmDeal) => enabled && startsAt && wonAt !== null && wonAt >= new Date(startsAt);
    return deals.filter((deal) => known.has(deal.id) || (deal.status === 'won' && starts(deal)));
  }

  /** Only the deal itself, asked singly, says what has become of it. */
  async function loseDeals(id: InstallationId, gone: readonly GoneRecord[]): Promise<number> {
    const ids = gone.flatMap((one) => (one.mergedInto === null ? [one.id] : [one.id, one.mergedInto]));
    const known = await onRecord(id, ids);
    const winners = new Set(gone.flatMap((one) => one.mergedInto ?? []));
    const wanted = [...new Set(ids)].filter((dealId) => known.has(dealId) || winners.has(dealId));
    await later(id, wanted);
    return wanted.length;
  }

  async function onRecord(id: InstallationId, dealIds: readonly number[]): Promise<ReadonlySet<number>> {
    const workplace = await findWorkplace(deps, id);
    if (!workplace || dealIds.length === 0) return new Set();
    return deps.unitOfWork.within(id, (tx) => deps.handoffs.listDealsOnRecord(tx, workplace.connection.id, dealIds));
  }

  async function later(id: InstallationId, dealIds: readonly number[]): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      for (const dealId of dealIds) await deps.jobs.enqueueWithin(tx, considerJob(tx, dealId));
    });
  }

  /** An admin who is none any more, or was deactivated, no longer carries the sync. */
  async function seeUsers(id: InstallationId, users: readonly CrmUser[]): Promise<number> {
    return deps.unitOfWork.within(id, async (tx) => {
      let changed = 0;
      for (const user of users) {
        const grant = await deps.grants.findByUser(tx, user.id);
        if (!grant) continue;
        const isAdmin = user.active && user.isAdmin;
        if (grant.isAdmin === isAdmin) continue;
        await deps.grants.setAdmin(tx, user.id, isAdmin);
        changed += 1;
      }
      if (changed === 0) return changed;
      await settleServiceAdmin(deps, tx, deps.clock.now());
      // Notifications that hang on the rights of one of them have gone silent.
      await deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'status'));
      return changed;
    });
  }
}

async function seeRecords<Row extends { readonly id: number; readonly isDeleted: boolean }>(
  records: readonly Row[],
  use: {
    readonly seen: (records: readonly Row[]) => Promise<number>;
    readonly gone: (records: readonly GoneRecord[]) => Promise<number>;
  },
): Promise<number> {
  const here = records.filter(({ isDeleted }) => !isDeleted);
  const gone = records.filter(({ isDeleted }) => isDeleted).map(({ id }) => ({ id, mergedInto: null }));
  return (here.length > 0 ? await use.seen(here) : 0) + (gone.length > 0 ? await use.gone(gone) : 0);
}

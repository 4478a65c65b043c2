import { quoteReplay } from '../../domain/token-quotes.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { deliveryJob } from '../delivery-jobs.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type {
  DeliveryCounts,
  DeliveryPlace,
  DeliveryReplayStore,
  DeliverySelection,
  KeptDelivery,
} from '../ports/delivery-replay-store.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { readDelivery } from './delivery-reader.ts';

export interface ReplayDeliveriesDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly directory: Pick<TenantDirectory, 'findByCompany'>;
  readonly installations: Pick<InstallationStore, 'get'>;
  readonly storedDeliveries: Pick<DeliveryReplayStore, 'count' | 'list' | 'reopen'>;
  readonly audit: AuditLog;
  readonly jobs: JobQueue;
}

export interface ReplayPlan extends DeliveryCounts {
  readonly companyName: string;
  /** What it takes of the day in Pipedrive, at most about. */
  readonly tokens: number;
}

/** One that is kept, without what it says. */
interface ListedDelivery extends Omit<KeptDelivery, 'body'> {
  /** E.g. `change of deal 17`; null: it cannot be read. */
  readonly about: string | null;
}

/** Listed at once. */
const MOST_LISTED = 200;
/** In one transaction. */
const AT_ONCE = 200;
/** A replay must not keep anybody's fresh deliveries waiting, nor spend the day's tokens at once. */
const PER_SECOND = 5;

/**
 * Processes stored deliveries of a company once more, for an operator: at a slow pace, behind all other work. A delivery is
 * a hint and its record is read again, so that a replay changes nothing that is as it should be. What a job is still to
 * process is left alone, and so is what was cut off because of its size.
 */
export function createReplay(deps: ReplayDeliveriesDeps) {
  /** @throws {NotFoundError} for a company that never installed the app; {ConflictError} for one that has removed it */
  async function installationOf(companyId: string): Promise<InstallationId> {
    const id = await deps.directory.findByCompany(companyId);
    if (!id) throw new NotFoundError(`Company ${companyId} has not installed the app.`);
    return id;
  }

  async function withInstalled<T>(id: InstallationId, work: (tx: Tx, companyName: string) => Promise<T>): Promise<T> {
    return deps.unitOfWork.within(id, async (tx) => {
      const { status, companyName, companyId } = await deps.installations.get(tx);
      if (status === 'uninstalled' || status === 'removing')
        throw new ConflictError(`Company ${companyId} has removed the app: nothing of it is replayed.`);
      return work(tx, companyName);
    });
  }

  async function note(tx: Tx, places: readonly DeliveryPlace[]): Promise<void> {
    await deps.audit.append(tx, {
      verb: 'deliveries_replayed',
      source: { system: 'orderline', key: tx.installationId, version: null },
      target: `deliveries:${places.length} from ${places[0]?.receivedAt.toISOString()}`,
      before: null,
      after: null,
      runId: null,
      requestId: null,
      userId: null,
      at: deps.clock.now(),
    });
  }

  return {
    /** Which there are, oldest first, at most 200. @throws as `replay` */
    async list(companyId: string, selection: DeliverySelection): Promise<readonly ListedDelivery[]> {
      return withInstalled(await installationOf(companyId), async (tx) => {
        const kept = await deps.storedDeliveries.list(tx, selection, MOST_LISTED);
        return kept.map(({ id, receivedAt, state, body }) => ({ id, receivedAt, state, about: aboutOf(body) }));
      });
    },

    /** What a replay would do. @throws as `replay` */
    async plan(companyId: string, selection: DeliverySelection): Promise<ReplayPlan> {
      return withInstalled(await installationOf(companyId), async (tx, companyName) => {
        const counts = await deps.storedDeliveries.count(tx, selection);
        return { companyName, ...counts, tokens: quoteReplay(counts.replayable) };
      });
    },

    /**
     * @returns how many will be processed once more
     * @throws {NotFoundError} for a company that never installed the app; {ConflictError} for one that has removed it
     */
    async replay(companyId: string, selection: DeliverySelection): Promise<number> {
      const id = await installationOf(companyId);
      const start = deps.clock.now();
      let planned = 0;
      let last: DeliveryPlace | undefined;
      let reopened: readonly DeliveryPlace[];
      do {
        reopened = await withInstalled(id, async (tx) => {
          const places = await deps.storedDeliveries.reopen(tx, selection, last, AT_ONCE);
          for (let index = 0; index < places.length; index += PER_SECOND) {
            const ids = places.slice(index, index + PER_SECOND).map((place) => place.id);
            const dueAt = after(start, ((planned + index) / PER_SECOND) * 1_000);
            await deps.jobs.enqueueWithin(tx, deliveryJob(id, ids, 'background', dueAt));
          }
          if (places.length > 0) await note(tx, places);
          return places;
        });
        planned += reopened.length;
        last = reopened.at(-1);
      } while (reopened.length === AT_ONCE);
      return planned;
    },
  };
}

function aboutOf(body: Uint8Array): string | null {
  const event = readDelivery(body);
  return event ? `${event.action} of ${event.entity} ${event.entityId}` : null;
}

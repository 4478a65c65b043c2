import type { Clock } from '../kernel/clock.ts';
import { ReauthRequiredError } from '../kernel/errors.ts';
import type { InstallationId } from '../kernel/ids.ts';
import type { Crm } from './ports/crm.ts';
import type { FindingStore } from './ports/finding-store.ts';
import type { GrantFacts, GrantStore } from './ports/installation-store.ts';
import type { JobQueue } from './ports/job-queue.ts';
import type { Tx, UnitOfWork } from './ports/unit-of-work.ts';
import { ensureWebhooksJob } from './webhook-jobs.ts';

const FINDING = { kind: 'service_not_admin', subject: 'installation' } as const;

type Ranked = Pick<GrantFacts, 'userId' | 'isAdmin' | 'status' | 'doubts'>;

/** The grant that serves the company, by the order of `GrantStore.findForService`. */
export function serviceGrantOf<Row extends Ranked>(grants: readonly Row[]): Row | undefined {
  const [best] = grants
    .filter(({ status }) => status === 'active')
    .sort(
      (one, other) =>
        one.doubts - other.doubts || Number(other.isAdmin) - Number(one.isAdmin) || one.userId - other.userId,
    );
  return best;
}

/** Who is no admin and yet serves the company; null: an admin does, or nobody. */
export function notAnAdmin<Row extends Ranked>(grants: readonly Row[]): Row | null {
  const serving = serviceGrantOf(grants);
  return serving && !serving.isAdmin ? serving : null;
}

export interface ServiceAdminDeps {
  readonly grants: Pick<GrantStore, 'list'>;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
}

/** What the access of somebody who is no admin means, as one finding; closed once an admin's serves. */
export async function settleServiceAdmin({ grants, findings }: ServiceAdminDeps, tx: Tx, now: Date): Promise<void> {
  const serving = notAnAdmin(await grants.list(tx));
  if (!serving) return findings.resolve(tx, FINDING.kind, FINDING.subject, now);
  const { userName } = serving;
  await findings.raise(
    tx,
    {
      ...FINDING,
      message: `This app works with the access of ${userName}, who is no admin of Pipedrive: it sees only what ${userName} sees. So nothing counts as deleted in Pipedrive, and new customers and items from SAP wait, because what is hidden would be made twice. Orders go on.`,
      action: 'An admin of Pipedrive installs the app, or installs it again. What waits then goes on within the hour.',
      link: { resource: 'settings', id: null },
    },
    now,
  );
}

export interface FindServiceAdminDeps extends ServiceAdminDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly grants: Pick<GrantStore, 'list' | 'setAdmin'>;
  readonly jobs: JobQueue;
  readonly crm: Pick<Crm, 'getMe'>;
}

/**
 * The user whose grant serves the company, where that is an admin, as Pipedrive says now; undefined where it is not.
 * Anybody else is not shown what is hidden from them: it is missing in lists, and answers 404 (reference pipedrive-api.md,
 * section 5.2). An absence proves something only where the same admin served before and after it was seen.
 */
export type FindServiceAdmin = (id: InstallationId, signal: AbortSignal) => Promise<number | undefined>;

const KEPT_MS = 5 * 60_000;
const MOST = 5_000;

export function makeFindServiceAdmin(deps: FindServiceAdminDeps): FindServiceAdmin {
  const proven = new Map<string, number>();

  return async function findServiceAdmin(id, signal) {
    const asked = new Set<number>();
    for (;;) {
      const serving = serviceGrantOf(await deps.unitOfWork.within(id, (tx) => deps.grants.list(tx)));
      if (!serving?.isAdmin || asked.has(serving.userId)) return undefined;
      if (await isAdmin(id, serving.userId, signal)) return serving.userId;
      // Noted by now; another admin may serve in their place.
      asked.add(serving.userId);
    }
  };

  async function isAdmin(id: InstallationId, userId: number, signal: AbortSignal): Promise<boolean> {
    const key = `${id}:${userId}`;
    const now = deps.clock.now();
    if (now.getTime() < (proven.get(key) ?? 0)) return true;
    try {
      const me = await deps.crm.getMe({ installationId: id, as: userId, purpose: 'status', signal });
      if (me.isAdmin) {
        if (proven.size >= MOST) proven.clear();
        proven.set(key, now.getTime() + KEPT_MS);
        return true;
      }
    } catch (error) {
      if (error instanceof ReauthRequiredError) return false;
      throw error;
    }
    await deps.unitOfWork.within(id, async (tx) => {
      await deps.grants.setAdmin(tx, userId, false);
      await settleServiceAdmin(deps, tx, now);
      await deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'status'));
    });
    return false;
  }
}

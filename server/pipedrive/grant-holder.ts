import type { CrmCaller, CrmOAuth, TokenAnswer } from '../app/ports/crm.ts';
import type { CrmGrant, GrantAccess, TokenAccounting } from '../app/ports/crm-access.ts';
import type { Clock } from '../kernel/clock.ts';
import { ReauthRequiredError, UnavailableError } from '../kernel/errors.ts';
import type { InstallationId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import { waitUnlessAborted } from '../net/deadline.ts';
import { createLimiter } from '../net/limiter.ts';
import { isTrustedApiDomain, type TrustedHosts } from './api-domain.ts';
import { notAnswering, refusedGrant } from './errors.ts';
import { createGrantProver } from './grant-prover.ts';
import type { TokenEndpoint } from './token-endpoint.ts';
import type { Traffic } from './traffic.ts';

export interface GrantHolder {
  /** A grant whose token is good for some minutes yet. @throws {ReauthRequiredError} {NotFoundError} when uninstalled */
  current(caller: CrmCaller): Promise<CrmGrant>;
  /**
   * After a 401, or a redirect away from the company's host: a grant with another token than the one that was refused.
   * Refreshes, unless that was done meanwhile. A token that was refused although it was new is doubted, and for the
   * service another user's grant takes its place.
   * @throws {ReauthRequiredError}
   */
  replace(caller: CrmCaller, refused: CrmGrant): Promise<CrmGrant>;
}

export interface GrantHolderDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly grants: GrantAccess;
  readonly endpoint: TokenEndpoint;
  readonly identify: CrmOAuth['identify'];
  readonly ledger: TokenAccounting;
  readonly traffic: Traffic;
  readonly trusted: TrustedHosts;
}

/** Refreshed this long before its end, so that no token runs out on its way. */
const EARLY_MS = 3 * 60_000;
/** Time for a refresh and, where its answer is lost, one more try; a row stays locked meanwhile. */
const REFRESH_MS = 40_000;
/**
 * Refreshes of one process at a time. Each keeps a connection to the database while Pipedrive answers: were its token
 * endpoint to hang, all others must still find one.
 */
const MOST_REFRESHES = 3;
/** Looks at the stored grants in one call: some users' grants, each with a refresh. */
const MOST_LOOKS = 8;

/** Why a user's grant does not serve this call. */
type Unfit = 'refused' | 'doubtful';

export function createGrantHolder(deps: GrantHolderDeps): GrantHolder {
  const running = new Map<string, Promise<CrmGrant | 'doubtful' | undefined>>();
  /** Tokens that Pipedrive gave and the database could not take: the old ones may be dead, so these must not get lost. */
  const unsaved = new Map<string, { readonly instead: string; readonly tokens: TokenAnswer }>();
  /** Grants whose token is the answer to a refusal. */
  const renewed = new WeakSet<CrmGrant>();
  const prover = createGrantProver(deps);
  const limiter = createLimiter({ max: MOST_REFRESHES, kept: 0 });

  return {
    current: (caller) => take(caller, undefined, new Map()),
    async replace(caller, refused) {
      const unfit = new Map<number, Unfit>();
      if (renewed.has(refused)) {
        await deps.grants.doubt(caller.installationId, refused.userId);
        unfit.set(refused.userId, 'refused');
      }
      const grant = await take(caller, refused, unfit);
      if (grant.userId === refused.userId) renewed.add(grant);
      return grant;
    },
  };

  async function take(caller: CrmCaller, refused: CrmGrant | undefined, unfit: Map<number, Unfit>): Promise<CrmGrant> {
    let dead = refused;
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const stored = await deps.grants.load(caller.installationId, caller.as);
      if (!stored) throw refusedGrant();
      const verdict = unfit.get(stored.userId);
      if (verdict === 'doubtful') throw notAnswering();
      if (verdict === 'refused') throw refusedGrant();

      const grant = isUsable(stored, dead) ? stored : await refresh(caller, stored);
      if (grant === 'doubtful') unfit.set(stored.userId, 'doubtful');
      // Refused for good, and no longer given: for the service another user's grant may be, for a person there is none.
      // And a refresh that was already under way may have begun before, and give the very token that was refused.
      if (!grant || grant === 'doubtful' || (dead && isSameToken(grant, dead))) continue;

      trustedOnly(grant);
      try {
        const proven = await prover.prove(caller, grant);
        if (proven) return proven;
      } catch (failure) {
        if (!(failure instanceof ReauthRequiredError)) throw failure;
        if (dead && dead.userId === grant.userId) await refuseAgain(caller.installationId, grant, unfit);
        dead = grant;
      }
    }
    throw refusedGrant();
  }

  async function refuseAgain(id: InstallationId, grant: CrmGrant, unfit: Map<number, Unfit>): Promise<void> {
    await deps.grants.doubt(id, grant.userId);
    unfit.set(grant.userId, 'refused');
  }

  function isUsable(grant: CrmGrant, refused: CrmGrant | undefined): boolean {
    if (refused && isSameToken(grant, refused)) return false;
    return grant.kind === 'api_token' || grant.expiresAt.getTime() - EARLY_MS > deps.clock.now().getTime();
  }

  /** One refresh of a grant at a time in this process; the lock behind it does the same over all processes. */
  async function refresh(caller: CrmCaller, seen: CrmGrant): Promise<CrmGrant | 'doubtful' | undefined> {
    const key = `${caller.installationId}/${seen.userId}`;
    let work = running.get(key);
    if (!work) {
      const { signal } = new AbortController();
      const turn = limiter.run('person', signal, () => refreshOnce(caller.installationId, seen, key));
      work = turn.finally(() => running.delete(key));
      running.set(key, work);
    }
    try {
      return await waitUnlessAborted(work, caller.signal);
    } catch (failure) {
      if (caller.signal.aborted) throw notAnswering(failure);
      throw failure;
    }
  }

  /** Belongs to nobody who waits for it: a caller that gives up must not lose a token that is already exchanged. */
  async function refreshOnce(
    id: InstallationId,
    seen: CrmGrant,
    key: string,
  ): ReturnType<GrantAccess['refreshLocked']> {
    try {
      return await refreshAndSave(id, seen, key);
    } catch (failure) {
      if (!unsaved.has(key)) throw failure;
      return await refreshAndSave(id, seen, key);
    }
  }

  async function refreshAndSave(
    id: InstallationId,
    seen: CrmGrant,
    key: string,
  ): Promise<CrmGrant | 'doubtful' | undefined> {
    const grant = await deps.grants.refreshLocked(id, seen.userId, async (current) => {
      const kept = unsaved.get(key);
      if (kept?.instead === current.accessToken.reveal()) return kept.tokens;
      if (!isSameToken(current, seen)) return 'keep';
      // A personal API token has nothing to be exchanged for.
      if (current.kind === 'api_token') return 'refused';
      const answer = await deps.endpoint.refresh(current.refreshToken.reveal(), AbortSignal.timeout(REFRESH_MS));
      if (answer === 'refused')
        deps.logger.warn('Pipedrive refused a grant', { installationId: id, userId: seen.userId });
      if (typeof answer !== 'string') unsaved.set(key, { instead: current.accessToken.reveal(), tokens: answer });
      return answer;
    });
    unsaved.delete(key);
    return grant;
  }

  function trustedOnly(grant: CrmGrant): void {
    if (isTrustedApiDomain(grant.apiDomain, deps.trusted)) return;
    deps.logger.error('A stored company host is none of Pipedrive', new Error('untrusted api domain'));
    throw new UnavailableError('The stored address of this Pipedrive company is not one of Pipedrive.');
  }
}

function isSameToken(one: CrmGrant, other: CrmGrant): boolean {
  return one.userId === other.userId && one.accessToken.reveal() === other.accessToken.reveal();
}

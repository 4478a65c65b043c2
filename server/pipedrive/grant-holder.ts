import type { CrmCaller } from '../app/ports/crm.ts';
import type { CrmGrant, GrantAccess } from '../app/ports/crm-access.ts';
import type { Clock } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { InstallationId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import { waitUnlessAborted } from '../net/deadline.ts';
import { isTrustedApiDomain, type TrustedHosts } from './api-domain.ts';
import { notAnswering, refusedGrant } from './errors.ts';
import type { TokenEndpoint } from './token-endpoint.ts';

export interface GrantHolder {
  /** A grant whose token is good for some minutes yet. @throws {ReauthRequiredError} */
  current(caller: CrmCaller): Promise<CrmGrant>;
  /**
   * After a 401, or a redirect away from the company's host: the grant with another token than the one that was
   * refused. Refreshes, unless that was done meanwhile.
   * @throws {ReauthRequiredError}
   */
  replace(caller: CrmCaller, refused: CrmGrant): Promise<CrmGrant>;
}

export interface GrantHolderDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly grants: GrantAccess;
  readonly endpoint: TokenEndpoint;
  readonly trusted: TrustedHosts;
}

/** Refreshed this long before its end, so that no token runs out on its way. */
const EARLY_MS = 3 * 60_000;
/** More grants of one company than this are not tried in a row. */
const MOST_GRANTS = 5;

export function createGrantHolder(deps: GrantHolderDeps): GrantHolder {
  const running = new Map<string, Promise<CrmGrant | undefined>>();

  return {
    current: (caller) => take(caller, undefined),
    replace: (caller, refused) => take(caller, refused),
  };

  async function take(caller: CrmCaller, refused: CrmGrant | undefined): Promise<CrmGrant> {
    for (let tried = 0; tried < MOST_GRANTS; tried += 1) {
      const stored = await deps.grants.load(caller.installationId, caller.as);
      if (!stored) throw refusedGrant();
      const grant = isUsable(stored, refused) ? stored : await refresh(caller, stored);
      // A refresh that was already under way may have begun before, and give the very token that was refused.
      if (grant && refused && isSameToken(grant, refused)) continue;
      if (grant) return trustedOnly(grant);
      // Refused for good, and no longer given: for the service another user's grant may be, for a person there is none.
    }
    throw refusedGrant();
  }

  function isUsable(grant: CrmGrant, refused: CrmGrant | undefined): boolean {
    if (refused && isSameToken(grant, refused)) return false;
    return grant.expiresAt.getTime() - EARLY_MS > deps.clock.now().getTime();
  }

  /** One refresh of a grant at a time in this process; the lock behind it does the same over all processes. */
  async function refresh(caller: CrmCaller, seen: CrmGrant): Promise<CrmGrant | undefined> {
    const key = `${caller.installationId}/${seen.userId}`;
    let work = running.get(key);
    if (!work) {
      work = refreshOnce(caller.installationId, seen).finally(() => running.delete(key));
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
  function refreshOnce(installationId: InstallationId, seen: CrmGrant): Promise<CrmGrant | undefined> {
    return deps.grants.refreshLocked(installationId, seen.userId, async (current) => {
      if (!isSameToken(current, seen)) return 'keep';
      const form = { grant_type: 'refresh_token', refresh_token: current.refreshToken.reveal() };
      const tokens = await deps.endpoint.ask(form, new AbortController().signal);
      if (tokens === 'refused') deps.logger.warn('Pipedrive refused a grant', { installationId, userId: seen.userId });
      return tokens;
    });
  }

  function trustedOnly(grant: CrmGrant): CrmGrant {
    if (isTrustedApiDomain(grant.apiDomain, deps.trusted)) return grant;
    deps.logger.error('A stored company host is none of Pipedrive', new Error('untrusted api domain'));
    throw new UnavailableError('The stored address of this Pipedrive company is not one of Pipedrive.');
  }
}

function isSameToken(one: CrmGrant, other: CrmGrant): boolean {
  return one.userId === other.userId && one.accessToken.reveal() === other.accessToken.reveal();
}

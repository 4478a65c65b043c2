import type { CrmCaller, CrmIdentity, CrmOAuth } from '../app/ports/crm.ts';
import type { CrmGrant, GrantAccess, TokenAccounting } from '../app/ports/crm-access.ts';
import { after, type Clock } from '../kernel/clock.ts';
import { AppError, ReauthRequiredError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { waitUnlessAborted } from '../net/deadline.ts';
import { notAnswering } from './errors.ts';
import { operation } from './operations.ts';
import type { Traffic } from './traffic.ts';

export interface GrantProverDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly grants: GrantAccess;
  readonly identify: CrmOAuth['identify'];
  readonly ledger: TokenAccounting;
  readonly traffic: Traffic;
}

export interface GrantProver {
  /**
   * Asks Pipedrive whose grant this is, where that is due, before it is used for anything else: once a day, and whenever
   * a token answer names another company host. Undefined: it must not be used; look again which one is.
   * @throws {ReauthRequiredError} when its token is refused; {AppError} when a new host could not be proven
   */
  prove(caller: CrmCaller, grant: CrmGrant): Promise<CrmGrant | undefined>;
}

/** A used grant costs 2 tokens a day for this, and its user's admin mark is as fresh. */
const PROVEN_FOR_MS = 24 * 60 * 60_000;
/** Where Pipedrive cannot say at the moment, and said it before. */
const ASK_AGAIN_MS = 15 * 60_000;
const ASK_MS = 15_000;

export function createGrantProver(deps: GrantProverDeps): GrantProver {
  const running = new Map<string, Promise<CrmGrant | undefined>>();
  const failedAt = new Map<string, number>();

  return {
    async prove(caller, grant) {
      const now = deps.clock.now();
      if (grant.provenAt && now < after(grant.provenAt, PROVEN_FOR_MS)) return grant;
      const key = `${caller.installationId}/${grant.userId}`;
      const failed = failedAt.get(key);
      if (grant.provenAt && failed !== undefined && now.getTime() < failed + ASK_AGAIN_MS) return grant;
      try {
        const proven = await together(key, caller, grant);
        failedAt.delete(key);
        return proven;
      } catch (failure) {
        if (!grant.provenAt || !(failure instanceof AppError) || failure instanceof ReauthRequiredError) throw failure;
        if (caller.signal.aborted) throw failure;
        deps.logger.warn('Pipedrive could not say whose grant this is', { installationId: caller.installationId });
        failedAt.set(key, now.getTime());
        return grant;
      }
    },
  };

  /** Many callers find the same grant due at once. */
  async function together(key: string, caller: CrmCaller, grant: CrmGrant): Promise<CrmGrant | undefined> {
    // Not for another token of the same user, whose company nobody has asked for yet.
    const flight = `${key}/${grant.accessToken.reveal()}`;
    let work = running.get(flight);
    if (!work) {
      work = ask(caller, grant).finally(() => running.delete(flight));
      running.set(flight, work);
    }
    try {
      return await waitUnlessAborted(work, caller.signal);
    } catch (failure) {
      if (caller.signal.aborted) throw notAnswering(failure);
      throw failure;
    }
  }

  async function ask({ installationId }: CrmCaller, grant: CrmGrant): Promise<CrmGrant | undefined> {
    const { name, cost } = operation('getMe');
    const signal = AbortSignal.timeout(ASK_MS);
    // It belongs to a call that was let in, so no shut gate stops it; within the window it waits its turn as all do.
    const turn = { kind: 'api', urgent: true, grant: grant.kind, probe: true } as const;
    await deps.traffic
      .of(installationId)
      .gate.turn(turn, signal)
      .catch((failure: unknown) => {
        throw failure instanceof DOMException ? notAnswering(failure) : failure;
      });
    await deps.ledger.charge(installationId, 'status', name, cost);
    const token = grant.accessToken.reveal();
    const identity: CrmIdentity = await deps.identify(grant.apiDomain, token, signal, grant.kind);
    return deps.grants.settleProof(installationId, grant, identity);
  }
}

import type { Clock } from '../kernel/clock.ts';
import { ForbiddenError, NotFoundError, RateLimitedError } from '../kernel/errors.ts';
import type { Crm, CrmCaller, CrmDeal } from './ports/crm.ts';
import type { Principal } from './principal.ts';

export interface DealAccess {
  /**
   * The deal as this person sees it, asked of Pipedrive with their own grant.
   * @param purpose `order` where they send it
   * @throws {ForbiddenError}
   */
  read(principal: Principal, dealId: number, signal: AbortSignal, purpose?: 'person' | 'order'): Promise<CrmDeal>;
  /** Fine when the person saw it in the last five minutes; else asks. @throws {ForbiddenError} */
  check(principal: Principal, dealId: number, signal: AbortSignal): Promise<void>;
}

const KNOWN_FOR_MS = 5 * 60_000;
const MOST = 10_000;

/** An id in an address is no right: each person's own right to each deal is asked of Pipedrive (SE-22). */
export function createDealAccess({ crm, clock }: { crm: Crm; clock: Clock }): DealAccess {
  const seen = new Map<string, number>();
  const keyOf = (principal: Principal, dealId: number) => `${principal.installationId}:${principal.userId}:${dealId}`;

  const read: DealAccess['read'] = async (principal, dealId, signal, purpose = 'person') => {
    const caller: CrmCaller = { installationId: principal.installationId, as: principal.userId, purpose, signal };
    const key = keyOf(principal, dealId);
    try {
      const deal = await getDeal(caller, dealId);
      if (deal.status === 'deleted') throw new NotFoundError('deleted');
      if (seen.size >= MOST) seen.clear();
      seen.set(key, clock.now().getTime() + KNOWN_FOR_MS);
      return deal;
    } catch (error) {
      seen.delete(key);
      if (error instanceof NotFoundError || error instanceof ForbiddenError) {
        throw new ForbiddenError('You cannot see this deal in Pipedrive, or it no longer exists.', { cause: error });
      }
      throw error;
    }
  };

  /** One token, on the way to Send: where the rest of the day is kept for orders, it is taken from that. */
  async function getDeal(caller: CrmCaller, dealId: number): Promise<CrmDeal> {
    try {
      return await crm.getDeal(caller, dealId);
    } catch (error) {
      if (!isDaySpent(error) || caller.purpose === 'order') throw error;
      return crm.getDeal({ ...caller, purpose: 'order' }, dealId);
    }
  }

  return {
    read,
    async check(principal, dealId, signal) {
      const until = seen.get(keyOf(principal, dealId)) ?? 0;
      if (until <= clock.now().getTime()) await read(principal, dealId, signal);
    },
  };
}

/** What is left of the company's day is kept for orders, or nothing is left. */
export function isDaySpent(error: unknown): boolean {
  return error instanceof RateLimitedError && error.budget !== undefined;
}

import type { Problem } from '../../kernel/errors.ts';
import type { Handoff } from '../ports/handoff-store.ts';

export const DEAL_NOT_VISIBLE = 'deal_not_visible';

/** Pipedrive answers alike for a deal that is gone and for one that the app's user may not see. */
export function dealNotVisible(dealId: number): Problem {
  return {
    code: DEAL_NOT_VISIBLE,
    message: `Deal ${dealId} cannot be read in Pipedrive any more: it was deleted, or whoever the app works for may not see it. Its order was not sent.`,
  };
}

/** Parked only because it could not be read: it goes on as soon as it can. */
export function waitsForSight(handoff: Handoff): boolean {
  return handoff.state === 'needs_attention' && handoff.problems.some(({ code }) => code === DEAL_NOT_VISIBLE);
}

import { ForbiddenError, NotFoundError } from '../../kernel/errors.ts';
import type { Crm, CrmCaller, CrmDeal } from '../ports/crm.ts';

/**
 * A deal, archived or not: archived ones are not given by the ordinary call (reference pipedrive-api.md, section 4.1).
 * Undefined when it is not there, or not visible to us: the two cannot be told apart.
 */
export async function findDealAnywhere(
  crm: Pick<Crm, 'getDeal' | 'findArchivedDeal'>,
  caller: CrmCaller,
  dealId: number,
): Promise<CrmDeal | undefined> {
  try {
    return await crm.getDeal(caller, dealId);
  } catch (error) {
    if (error instanceof ForbiddenError) return undefined;
    if (!(error instanceof NotFoundError)) throw error;
    return crm.findArchivedDeal(caller, dealId);
  }
}

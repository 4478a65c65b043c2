import type { DealHandoffView } from '../../contract/panel.ts';
import { ConflictError, ForbiddenError } from '../../kernel/errors.ts';
import type { DealAccess } from '../deal-access.ts';
import { viewHandoff, viewSend } from '../handoff-view.ts';
import type { CrmCaller } from '../ports/crm.ts';
import type { Principal } from '../principal.ts';
import { getWorkplace, type TenantDeps } from '../tenant.ts';
import { makePrepareHandoff, type PrepareHandoffDeps } from './prepare-handoff.ts';

export interface SendDealDeps extends TenantDeps, PrepareHandoffDeps {
  readonly access: DealAccess;
}

/** A person sends a deal, or has it checked again. Pressing twice, or winning it afterwards, changes nothing. */
export function makeSendDeal(deps: SendDealDeps) {
  const prepareHandoff = makePrepareHandoff(deps);

  /** @throws {ForbiddenError} {ConflictError} {NotFoundError} */
  return async function sendDeal(principal: Principal, dealId: number, signal: AbortSignal): Promise<DealHandoffView> {
    const workplace = await getWorkplace(deps, principal.installationId);
    const { settings } = workplace;
    if (settings.whoMaySend === 'admins' && !principal.isAdmin)
      throw new ForbiddenError('Only admins may send deals to SAP in your company.');
    if (!settings.erpFieldAgreed) {
      throw new ConflictError(
        'An admin has to agree to the key field in SAP first, in the app settings. Without it nothing is sent.',
      );
    }
    const deal = await deps.access.read(principal, dealId, signal, 'order');
    if (deal.status === 'lost') throw new ConflictError('This deal is lost. Reopen it before you send it to SAP.');
    const caller: CrmCaller = {
      installationId: principal.installationId,
      as: principal.userId,
      purpose: 'order',
      signal,
    };
    await prepareHandoff({ workplace, deal, trigger: 'person', byUserId: principal.userId, caller });
    return viewDealHandoffOf(deps, principal, dealId);
  };
}

/** Where a deal stands, for the panel that waits: from our own rows alone. */
export function makeViewDealHandoff(
  deps: TenantDeps & Pick<PrepareHandoffDeps, 'handoffs'> & { readonly access: DealAccess },
) {
  return async function viewDealHandoff(
    principal: Principal,
    dealId: number,
    signal: AbortSignal,
  ): Promise<DealHandoffView> {
    await deps.access.check(principal, dealId, signal);
    return viewDealHandoffOf(deps, principal, dealId);
  };
}

async function viewDealHandoffOf(
  deps: TenantDeps & Pick<PrepareHandoffDeps, 'handoffs'>,
  principal: Principal,
  dealId: number,
): Promise<DealHandoffView> {
  const { settings } = await getWorkplace(deps, principal.installationId);
  const handoffs = await deps.unitOfWork.within(principal.installationId, (tx) => deps.handoffs.listByDeal(tx, dealId));
  return {
    handoffs: handoffs.map((handoff) => viewHandoff(handoff, undefined, settings.webClientUrl)),
    send: viewSend(handoffs, [], principal, settings),
  };
}

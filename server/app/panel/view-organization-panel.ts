import type { OrganizationPanelView, PersonPanelView } from '../../contract/panel.ts';
import { decide } from '../../domain/verdict.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ForbiddenError, NotFoundError } from '../../kernel/errors.ts';
import { localDateIn } from '../../kernel/local-date.ts';
import type { Crm, CrmCaller, CrmDeal, CrmOrganization, CrmPerson } from '../ports/crm.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { Erp } from '../ports/erp.ts';
import type { HandoffStore } from '../ports/handoff-store.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { Principal } from '../principal.ts';
import { getWorkplace, type TenantDeps } from '../tenant.ts';
import type { LastKnown } from './last-known.ts';
import { readCustomer } from './read-customer.ts';
import type { SharedReads } from './shared-reads.ts';
import { SAP_DEADLINE_MS } from './view-deal-panel.ts';

export interface ViewOrganizationPanelDeps extends TenantDeps {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly links: LinkStore;
  readonly handoffs: HandoffStore;
  readonly crm: Crm;
  readonly erp: Erp;
  readonly lastKnown: LastKnown;
  readonly sharedDeals: SharedReads<DealList>;
}

export type DealList = Awaited<ReturnType<Crm['listDealsOfOrganization']>>;

const NOT_LINKED = 'This organization is not linked to a customer in SAP. Ask your back office to link or create it.';

/**
 * An organization's credit and invoices, and its deals that are not in SAP yet: in Pipedrive 11 tokens, or 1 where this
 * person has seen its deals within five minutes.
 */
export function makeViewOrganizationPanel(deps: ViewOrganizationPanelDeps) {
  /** @throws {ForbiddenError} {NotFoundError} */
  return async function viewOrganizationPanel(
    principal: Principal,
    organizationId: number,
    signal: AbortSignal,
    anew = false,
  ): Promise<OrganizationPanelView> {
    const workplace = await getWorkplace(deps, principal.installationId);
    const crmCaller = callerOf(principal, signal);
    const organization = await seen(deps.crm.getOrganization(crmCaller, organizationId), 'organization');
    const [list, link] = await Promise.all([
      listDeals(crmCaller, organizationId, anew),
      deps.unitOfWork.within(principal.installationId, (tx) =>
        deps.links.findByPipedriveId(tx, workplace.connection.id, 'partner', organizationId),
      ),
    ]);
    const deals = { unsentDeals: await findUnsent(principal, list.deals), moreDeals: list.more };
    if (link?.state !== 'linked') return notLinked(organization, deals);
    const sections = await readCustomer(deps.erp, deps.lastKnown, {
      caller: {
        installationId: principal.installationId,
        connectionId: workplace.connection.id,
        priority: 'person',
        signal: deps.deadline(SAP_DEADLINE_MS, signal),
      },
      cardCode: link.sapKey,
      keys: [],
      settings: workplace.settings,
      today: localDateIn(workplace.connection.timeZone, deps.clock.now()),
      gross: null,
    });
    const { customer, credit, balance, assessment } = sections;
    const verdict = decide({ customer: 'data' in customer ? customer.data : null, credit: assessment, lines: [] });
    return {
      organizationId,
      name: organization.name,
      verdict: { ...verdict, reasons: [...verdict.reasons] },
      customer,
      credit,
      balance,
      ...deals,
    };
  };

  /** For each person apart: two of them need not see the same deals. */
  function listDeals(caller: CrmCaller, organizationId: number, anew: boolean): Promise<DealList> {
    return deps.sharedDeals.read({ caller, key: `${caller.as}:${organizationId}`, version: '', anew }, () =>
      deps.crm.listDealsOfOrganization(caller, organizationId),
    );
  }

  async function findUnsent(
    principal: Principal,
    deals: readonly CrmDeal[],
  ): Promise<OrganizationPanelView['unsentDeals']> {
    const sent = await deps.unitOfWork.within(principal.installationId, (tx) =>
      deps.handoffs.listDealsInErp(
        tx,
        deals.map(({ id }) => id),
      ),
    );
    return deals.flatMap(({ id, title, status, value, currency }) => {
      if ((status !== 'open' && status !== 'won') || sent.has(id)) return [];
      return [{ dealId: id, title, status, value: value === null ? null : { amount: value, currency } }];
    });
  }
}

export interface ViewPersonPanelDeps {
  readonly crm: Crm;
  readonly viewOrganizationPanel: ReturnType<typeof makeViewOrganizationPanel>;
}

/** A person shows its organization's panel. */
export function makeViewPersonPanel(deps: ViewPersonPanelDeps) {
  return async function viewPersonPanel(
    principal: Principal,
    personId: number,
    signal: AbortSignal,
    anew = false,
  ): Promise<PersonPanelView> {
    const person: CrmPerson = await seen(deps.crm.getPerson(callerOf(principal, signal), personId), 'person');
    const { organizationId } = person;
    return {
      personId,
      organization:
        organizationId === null ? null : await deps.viewOrganizationPanel(principal, organizationId, signal, anew),
    };
  };
}

function callerOf(principal: Principal, signal: AbortSignal): CrmCaller {
  return { installationId: principal.installationId, as: principal.userId, purpose: 'person', signal };
}

/** Pipedrive answers alike for what is gone and for what this person may not see; so do we. */
async function seen<T>(answer: Promise<T>, what: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof ForbiddenError) {
      throw new ForbiddenError(`You cannot see this ${what} in Pipedrive, or it no longer exists.`, { cause: error });
    }
    throw error;
  }
}

function notLinked(
  organization: CrmOrganization,
  deals: Pick<OrganizationPanelView, 'unsentDeals' | 'moreDeals'>,
): OrganizationPanelView {
  const section = { status: 'not_linked', reason: NOT_LINKED } as const;
  return {
    organizationId: organization.id,
    name: organization.name,
    verdict: { verdict: 'unknown', title: 'No customer in SAP', reasons: [NOT_LINKED] },
    customer: section,
    credit: section,
    balance: section,
    ...deals,
  };
}

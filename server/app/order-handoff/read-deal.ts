import type { CustomerForOrder, DealForOrder, DealLineForOrder } from '../../domain/order-draft.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { decimal } from '../../kernel/money.ts';
import type { Crm, CrmCaller, CrmDeal, CrmDealLine } from '../ports/crm.ts';
import type { Erp, ErpCaller, ErpItem } from '../ports/erp.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { Workplace } from '../tenant.ts';

export interface ReadDealDeps {
  readonly unitOfWork: UnitOfWork;
  readonly links: LinkStore;
  readonly crm: Crm;
  readonly erp: Erp;
}

/** A deal with what both systems say about its customer and items right now. */
export async function readDealForOrder(
  deps: ReadDealDeps,
  workplace: Workplace,
  deal: CrmDeal,
  caller: CrmCaller,
): Promise<{ deal: DealForOrder; customer: CustomerForOrder | null }> {
  const lines = await deps.crm.listDealLines(caller, deal.id);
  const erpCaller: ErpCaller = {
    installationId: caller.installationId,
    connectionId: workplace.connection.id,
    priority: caller.purpose === 'person' ? 'person' : 'background',
    signal: caller.signal,
  };
  const { organizationId } = deal;
  const { partnerLink, itemLinks } = await deps.unitOfWork.within(caller.installationId, async (tx) => ({
    partnerLink:
      organizationId === null ? undefined : await deps.links.findByPipedriveId(tx, 'partner', organizationId),
    itemLinks: await deps.links.findByPipedriveIds(tx, workplace.connection.id, 'item', [
      ...new Set(lines.map((line) => line.productId)),
    ]),
  }));
  const linked =
    partnerLink?.state === 'linked' && partnerLink.connectionId === workplace.connection.id ? partnerLink : undefined;
  const codes = new Map(itemLinks.map((link) => [link.pipedriveId, link.sapKey]));
  const [partners, items] = await Promise.all([
    linked ? deps.erp.getPartners(erpCaller, [linked.sapKey]) : [],
    codes.size > 0 ? deps.erp.getItems(erpCaller, [...codes.values()]) : [],
  ]);
  const [customer] = partners;
  return {
    deal: {
      dealId: deal.id,
      title: deal.title,
      currency: deal.currency,
      expectedCloseDate: deal.expectedCloseDate,
      organization:
        organizationId === null
          ? null
          : { id: organizationId, name: customer?.name ?? (await nameOf(deps.crm, caller, organizationId)) },
      lines: lines.map((line) => lineForOrder(line, codes, items)),
    },
    customer: customer ? { cardCode: customer.cardCode, type: customer.type, active: customer.active } : null,
  };
}

async function nameOf(crm: Crm, caller: CrmCaller, organizationId: number): Promise<string> {
  try {
    return (await crm.getOrganization(caller, organizationId)).name;
  } catch (error) {
    if (error instanceof NotFoundError) return `Organization ${organizationId}`;
    throw error;
  }
}

function lineForOrder(
  line: CrmDealLine,
  codes: ReadonlyMap<number | null, string>,
  items: readonly ErpItem[],
): DealLineForOrder {
  const itemCode = codes.get(line.productId);
  const item = items.find((one) => one.itemCode === itemCode);
  return {
    lineId: line.id,
    name: line.name,
    quantity: decimal(line.quantity),
    unitPrice: decimal(line.unitPrice),
    discount: line.discount,
    discountType: line.discountType,
    taxPercent: line.taxPercent,
    taxMethod: line.taxMethod,
    enabled: line.enabled,
    billingFrequency: line.billingFrequency,
    item:
      itemCode === undefined
        ? null
        : { itemCode, known: item !== undefined, sales: item?.sales ?? false, active: item?.active ?? false },
  };
}

import type { CustomerForOrder, DealForOrder, DealLineForOrder } from '../../domain/order-draft.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { decimal } from '../../kernel/money.ts';
import { partLines } from '../listed-lines.ts';
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
  const { connection } = workplace;
  const { organizationId } = deal;
  const erpCaller: ErpCaller = {
    installationId: caller.installationId,
    connectionId: connection.id,
    priority: caller.as === 'service' ? 'background' : 'person',
    signal: caller.signal,
  };
  const partnerLink = await deps.unitOfWork.within(caller.installationId, async (tx) =>
    organizationId === null ? undefined : deps.links.findByPipedriveId(tx, connection.id, 'partner', organizationId),
  );
  // SAP first: while it is away, waiting deals cost Pipedrive next to nothing.
  const partners = partnerLink?.state === 'linked' ? await deps.erp.getPartners(erpCaller, [partnerLink.sapKey]) : [];
  const { lines, unreadable } = partLines(await deps.crm.listDealLines(caller, deal.id));
  const productIds = [...new Set(lines.map((line) => line.productId))];
  const itemLinks = await deps.unitOfWork.within(caller.installationId, (tx) =>
    deps.links.findByPipedriveIds(tx, connection.id, 'item', productIds),
  );
  const codes = new Map(itemLinks.map((link) => [link.pipedriveId, link.sapKey]));
  const items = codes.size > 0 ? await deps.erp.getItems(erpCaller, [...codes.values()]) : [];
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
      unreadable,
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

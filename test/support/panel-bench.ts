import { numberOf, recordsOf, textOf } from '../practice/kernel/json.ts';
import type { DealSight, NewLine } from '../practice/pipedrive/company/handle.ts';
import { type Companies, type Customer, REP } from './companies.ts';
import type { ApiAnswer } from './company-app.ts';

/** What the panel's tests need of one company that has been loaded. */
export interface PanelBench {
  view(dealId: number, userId?: number): Promise<ApiAnswer>;
  /** A linked customer with a wide limit that owes nothing; each is handed out once, so that no test disturbs another. */
  freshCustomer(): { cardCode: string; organizationId: number };
  isStocked(itemCode: string): boolean;
  /** Products that SAP keeps in stock. */
  product(index?: number): { id: number; code: string };
  /** On hand less committed, over all warehouses. */
  availableOf(itemCode: string): number;
  /** Makes so much of it available. */
  stockUp(itemCode: string, wanted: number): void;
  aDeal(
    organizationId: number,
    lines?: readonly NewLine[],
    more?: Partial<Parameters<Customer['pipedrive']['createDeal']>[0]>,
  ): DealSight;
}

export function panelBench(companies: Companies, customer: Customer): PanelBench {
  const { pipedrive, sap } = customer;
  const handedOut = new Set<string>();
  const warehousesOf = (itemCode: string) => recordsOf(sap.item(itemCode), 'ItemWarehouseInfoCollection');
  const fromSap = new Set(sap.rows('Items').map((row) => textOf(row, 'ItemCode')));

  const bench: PanelBench = {
    view: (dealId, userId = REP) => companies.app.api(customer.id, userId).get(`/api/panel/deals/${dealId}`),
    freshCustomer() {
      for (const organization of pipedrive.organizations()) {
        const cardCode = pipedrive.fieldValue('organization', organization, 'SAP code');
        if (typeof cardCode !== 'string' || !cardCode.startsWith('C') || handedOut.has(cardCode)) continue;
        handedOut.add(cardCode);
        for (const invoice of sap.invoices()) {
          const open = numberOf(invoice, 'DocTotal') - numberOf(invoice, 'PaidToDate');
          if (textOf(invoice, 'CardCode') === cardCode && open > 0.005) sap.payInvoice(numberOf(invoice, 'DocEntry'));
        }
        sap.changePartner(cardCode, { CreditLimit: 100_000 });
        return { cardCode, organizationId: organization.id };
      }
      throw new Error('There are too few customers.');
    },
    isStocked: (itemCode) => textOf(sap.item(itemCode), 'InventoryItem') === 'tYES',
    product(index = 0) {
      const codes = pipedrive.products().flatMap(({ id, code }) => (code && fromSap.has(code) ? [{ id, code }] : []));
      const found = codes.filter(({ code }) => bench.isStocked(code))[index];
      if (!found) throw new Error('There are too few products.');
      return found;
    },
    availableOf: (itemCode) =>
      warehousesOf(itemCode).reduce((sum, row) => sum + numberOf(row, 'InStock') - numberOf(row, 'Committed'), 0),
    stockUp(itemCode, wanted) {
      const [warehouse] = warehousesOf(itemCode);
      sap.receiveStock(itemCode, textOf(warehouse ?? {}, 'WarehouseCode'), wanted - bench.availableOf(itemCode));
    },
    aDeal: (organizationId, lines = [{ product_id: bench.product().id, item_price: 100, quantity: 2 }], more = {}) =>
      pipedrive.createDeal({
        title: 'New office',
        org_id: organizationId,
        currency: 'EUR',
        owner: REP,
        lines,
        ...more,
      }),
  };
  return bench;
}

import type { Finding } from '../../server/app/ports/finding-store.ts';
import { type Fields, textOf } from '../practice/kernel/json.ts';
import type { NewDeal } from '../practice/pipedrive/company/handle.ts';
import type { PracticeCompany } from '../practice/pipedrive/start.ts';
import type { SapBackOffice } from '../practice/sap/back-office.ts';
import { type Companies, type CompanyRequest, type Customer, REP, startCompanies } from '../support/companies.ts';
import type { ApiAnswer, ApiClient } from '../support/company-app.ts';

export const MINUTE = 60_000;

export interface LinkedOrganization {
  readonly id: number;
  readonly cardCode: string;
}

/** One customer with its first load done, and what the people who sell there do and see. */
export interface DealDesk {
  readonly companies: Companies;
  readonly customer: Customer;
  readonly pipedrive: PracticeCompany;
  readonly sap: SapBackOffice;
  /** May order. */
  readonly organization: LinkedOrganization;
  /** Of an item that may be sold. */
  readonly product: { readonly id: number; readonly itemCode: string };
  /** @throws Error when no linked organization's business partner is as wanted */
  organizationOf(wanted: (partner: Fields) => boolean): LinkedOrganization;
  line(): { product_id: number; item_price: number; quantity: number };
  /** Its making has been dealt with when this resolves. */
  makeDeal(deal?: Partial<NewDeal>): Promise<number>;
  win(dealId: number): Promise<void>;
  api(userId?: number): ApiClient;
  /** Send to SAP, or Check again. */
  press(dealId: number, userId?: number): Promise<ApiAnswer>;
  field(dealId: number, name: 'SAP document' | 'SAP status'): unknown;
  /** Rows, oldest generation first. */
  handoffs(dealId: number): Promise<readonly Record<string, unknown>[]>;
  keyOf(dealId: number): Promise<string>;
  inSap(dealId: number): Promise<readonly { readonly set: string; readonly row: Fields }[]>;
  openFindings(dealId: number): Promise<readonly Pick<Finding, 'kind' | 'message' | 'link'>[]>;
}

export async function openDealDesk(id: number, more: Pick<CompanyRequest, 'plan' | 'seats'> = {}): Promise<DealDesk> {
  const companies = await startCompanies();
  const customer = await companies.add({ id, partners: 14, items: 16, ...more });
  await customer.setUp();
  const { app, world } = companies;
  await app.runJobs();
  const { pipedrive, sap } = customer;

  function organizationOf(wanted: (partner: Fields) => boolean): LinkedOrganization {
    for (const one of pipedrive.organizations()) {
      const cardCode = pipedrive.fieldValue('organization', one, 'SAP code');
      if (typeof cardCode === 'string' && cardCode !== '' && wanted(sap.partner(cardCode)))
        return { id: one.id, cardCode };
    }
    throw new Error('No organization is as wanted.');
  }

  const organization = organizationOf(mayOrder);
  const sold = new Set(
    sap
      .rows('Items')
      .filter(maySell)
      .map((row) => textOf(row, 'ItemCode')),
  );
  const [found] = pipedrive.products().filter((one) => sold.has(one.code));
  const product = { id: found?.id ?? 0, itemCode: found?.code ?? '' };
  const line = () => ({ product_id: product.id, item_price: 75, quantity: 2 });
  const api = (userId = REP) => app.api(id, userId);

  async function handoffs(dealId: number): Promise<readonly Record<string, unknown>[]> {
    const rows = (await customer.rows('handoffs')).filter((row) => Number(row['deal_id']) === dealId);
    return rows.sort((left, right) => Number(left['generation']) - Number(right['generation']));
  }
  const keyOf = async (dealId: number) => String((await handoffs(dealId)).at(-1)?.['key']);

  return {
    companies,
    customer,
    pipedrive,
    sap,
    organization,
    product,
    organizationOf,
    line,
    async makeDeal(deal = {}) {
      const sold = { title: 'Desks', org_id: organization.id, currency: 'EUR', owner: REP, lines: [line()] };
      const made = pipedrive.createDeal({ ...sold, ...deal });
      await app.runJobs();
      world.clock.advance(1_000);
      return made.id;
    },
    async win(dealId) {
      pipedrive.win(dealId, REP);
      await app.runJobs();
    },
    api,
    async press(dealId, userId = REP) {
      const answer = await api(userId).post(`/api/panel/deals/${dealId}/send`);
      await app.runJobs();
      return answer;
    },
    field: (dealId, name) => pipedrive.fieldValue('deal', pipedrive.deal(dealId), name),
    handoffs,
    keyOf,
    inSap: async (dealId) => sap.findByKey(await keyOf(dealId)),
    openFindings: async (dealId) => (await customer.findings()).filter(({ subject }) => subject === `deal:${dealId}`),
  };
}

export const isActive = (row: Fields): boolean => row['Frozen'] !== 'tYES' && row['Valid'] !== 'tNO';
export const mayOrder = (partner: Fields): boolean => partner['CardType'] === 'cCustomer' && isActive(partner);
const maySell = (item: Fields): boolean => item['SalesItem'] === 'tYES' && isActive(item);

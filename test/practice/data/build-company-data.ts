import type { Fields } from '../kernel/json.ts';
import { numberOf, textOf } from '../kernel/json.ts';
import type { SeededRandom } from '../kernel/random.ts';
import { createRandom } from '../kernel/random.ts';
import { addDays } from '../sap/company/local-time.ts';
import { buildCreditNotes, buildInvoices, buildJournal, buildOrders, buildPurchaseOrders } from './build-documents.ts';
import { buildItems, buildSpecialPrices } from './build-items.ts';
import { buildPartners } from './build-partners.ts';
import type { CompanyData } from './company-data.ts';
import { businessPlaces, distributionRules, vatGroups } from './finance-data.ts';
import { buildAgreements } from './price-agreements.ts';
import {
  currencies,
  dimensions,
  itemGroups,
  partnerGroups,
  paymentTerms,
  priceLists,
  profitCenters,
  salesPersons,
  vatRates,
  warehouses,
} from './reference-data.ts';
import { enrich, unitGroups, unitsOfMeasurement } from './rich-catalogue.ts';

export interface CompanyDataRequest {
  /** The same seed, sizes and day give the same company. */
  readonly seed: number;
  readonly partners?: number;
  readonly items?: number;
  readonly orders?: number;
  readonly invoices?: number;
  /** YYYY-MM-DD; documents lie before it. */
  readonly today: string;
  /** With sales kits, units of measurement, frame contracts, discount groups and period prices on a few of the items. */
  readonly rich?: boolean;
}

/** A distributor of office furniture with warehouses in Hamburg, Leipzig and Köln. */
export function buildCompanyData({
  seed,
  partners = 400,
  items = 1200,
  orders = 60,
  invoices = 5000,
  today,
  rich = false,
}: CompanyDataRequest): CompanyData {
  const partnerRows = buildPartners(createRandom(seed + 1), partners, today);
  const itemRows = buildItems(
    createRandom(seed + 2),
    items,
    warehouses.map((row) => textOf(row, 'WarehouseCode')),
    today,
  );
  const sources = (offset: number) => ({
    random: createRandom(seed + offset),
    partners: partnerRows,
    items: itemRows,
    today,
  });
  const billed = buildInvoices(sources(3), invoices);
  const creditNotes = buildCreditNotes(sources(4), Math.ceil(invoices / 125));
  const orderRows = buildOrders(sources(7), 'Orders', orders);
  // Documents were made of the plain goods: what is special today was an ordinary item when it was sold.
  const catalogue = rich ? enrich(itemRows) : { items: itemRows, productTrees: [], ruled: [] };
  const agreements = buildAgreements({ ...catalogue, partners: partnerRows, today });
  return {
    today,
    partnerGroups,
    itemGroups,
    partners: withFittingLimits(createRandom(seed + 11), partnerRows, [...billed.invoices, ...orderRows]),
    items: catalogue.items,
    warehouses,
    priceLists,
    specialPrices: [
      ...buildSpecialPrices(createRandom(seed + 5), partnerRows, itemRows, today),
      ...agreements.specialPrices,
    ],
    profitCenters,
    dimensions,
    salesPersons,
    paymentTerms,
    currencies,
    productTrees: catalogue.productTrees,
    unitsOfMeasurement,
    unitGroups,
    distributionRules,
    vatGroups,
    businessPlaces,
    blanketAgreements: agreements.blanketAgreements,
    discountGroups: agreements.discountGroups,
    quotations: buildOrders(sources(6), 'Quotations', Math.ceil(orders / 3)),
    orders: orderRows,
    deliveryNotes: [],
    invoices: billed.invoices,
    creditNotes,
    purchaseOrders: buildPurchaseOrders(sources(8), Math.ceil(orders / 2)),
    payments: billed.payments,
    journalEntries: buildJournal({
      Invoices: billed.invoices,
      CreditNotes: creditNotes,
      IncomingPayments: billed.payments,
    }),
    rates: { CHF: rateDays(seed + 9, today, 1.06), USD: rateDays(seed + 10, today, 0.92), GBP: {} },
    vatRates,
  };
}

/** Rates are entered for every day of the last and the next two months, but nobody entered any for the pound. */
function rateDays(seed: number, today: string, around: number): Record<string, number> {
  const random = createRandom(seed);
  const days: Record<string, number> = {};
  for (let offset = -60; offset <= 60; offset += 1) {
    days[addDays(today, offset)] = Math.round((around + (random.next() - 0.5) * 0.02) * 10_000) / 10_000;
  }
  return days;
}

/** Limits are granted by what somebody buys; about one customer in six owes more than that by now. */
function withFittingLimits(random: SeededRandom, partners: readonly Fields[], documents: readonly Fields[]): Fields[] {
  const owed = new Map<string, number>();
  for (const row of documents) {
    const open = numberOf(row, 'DocTotal') - numberOf(row, 'PaidToDate');
    if (open > 0) owed.set(textOf(row, 'CardCode'), (owed.get(textOf(row, 'CardCode')) ?? 0) + open);
  }
  return partners.map((partner) => {
    const limit = numberOf(partner, 'CreditLimit');
    const exposure = owed.get(textOf(partner, 'CardCode')) ?? 0;
    if (limit === 0 || exposure === 0) return partner;
    const factor = random.chance(0.17) ? 0.7 : 1.2 + random.next() * 2;
    return {
      ...partner,
      CreditLimit: Math.max(5_000, Math.ceil((exposure * factor) / 5_000) * 5_000 - (factor < 1 ? 5_000 : 0)),
    };
  });
}

import type { Fields } from '../kernel/json.ts';

/** What one SAP company starts with. Rows are in the platform's own words and hold no nulls. */
export interface CompanyData {
  /** YYYY-MM-DD on which the data was made. */
  readonly today: string;
  readonly partnerGroups: readonly Fields[];
  readonly itemGroups: readonly Fields[];
  readonly partners: readonly Fields[];
  readonly items: readonly Fields[];
  readonly warehouses: readonly Fields[];
  readonly priceLists: readonly Fields[];
  readonly specialPrices: readonly Fields[];
  readonly profitCenters: readonly Fields[];
  readonly dimensions: readonly Fields[];
  readonly salesPersons: readonly Fields[];
  readonly paymentTerms: readonly Fields[];
  readonly currencies: readonly Fields[];
  readonly productTrees: readonly Fields[];
  readonly unitsOfMeasurement: readonly Fields[];
  readonly unitGroups: readonly Fields[];
  readonly distributionRules: readonly Fields[];
  /** With their rates by date. */
  readonly vatGroups: readonly Fields[];
  readonly businessPlaces: readonly Fields[];
  readonly blanketAgreements: readonly Fields[];
  readonly discountGroups: readonly Fields[];
  readonly quotations: readonly Fields[];
  readonly orders: readonly Fields[];
  readonly deliveryNotes: readonly Fields[];
  readonly invoices: readonly Fields[];
  readonly creditNotes: readonly Fields[];
  readonly purchaseOrders: readonly Fields[];
  readonly payments: readonly Fields[];
  /** One for each invoice, credit note and payment, in posting order. */
  readonly journalEntries: readonly Fields[];
  /** Per foreign currency: local units for one foreign unit, by date (the newest on or before counts only if equal). */
  readonly rates: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Output tax groups and their percentages. */
  readonly vatRates: Readonly<Record<string, number>>;
}

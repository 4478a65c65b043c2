import type { CompanyData } from '../../data/company-data.ts';
import type { PracticeClock } from '../../kernel/clock.ts';
import type { Fields } from '../../kernel/json.ts';
import { numberOf } from '../../kernel/json.ts';
import { ENTITY_SETS, NEWER_SETS } from '../schema/schema.ts';
import { loadBalances } from './balances.ts';
import { localTime } from './local-time.ts';
import type { Company } from './model.ts';
import { rowKey } from './model.ts';
import type { CompanySettings } from './settings.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import type { RowChange, Table } from './table.ts';
import { createJournal, createTable } from './table.ts';

const SOURCES: Readonly<Record<string, keyof CompanyData>> = {
  BusinessPartners: 'partners',
  BusinessPartnerGroups: 'partnerGroups',
  Items: 'items',
  ItemGroups: 'itemGroups',
  Warehouses: 'warehouses',
  PriceLists: 'priceLists',
  SpecialPrices: 'specialPrices',
  Quotations: 'quotations',
  Orders: 'orders',
  DeliveryNotes: 'deliveryNotes',
  Invoices: 'invoices',
  CreditNotes: 'creditNotes',
  PurchaseOrders: 'purchaseOrders',
  IncomingPayments: 'payments',
  ProfitCenters: 'profitCenters',
  Dimensions: 'dimensions',
  SalesPersons: 'salesPersons',
  PaymentTermsTypes: 'paymentTerms',
  Currencies: 'currencies',
  JournalEntries: 'journalEntries',
  ProductTrees: 'productTrees',
  UnitOfMeasurements: 'unitsOfMeasurement',
  UnitOfMeasurementGroups: 'unitGroups',
  DistributionRules: 'distributionRules',
  VatGroups: 'vatGroups',
  BusinessPlaces: 'businessPlaces',
  BlanketAgreements: 'blanketAgreements',
  EnhancedDiscountGroups: 'discountGroups',
};

function sourceRows(data: CompanyData, set: string): readonly Fields[] {
  const source = SOURCES[set];
  const rows = source === undefined ? [] : data[source];
  return Array.isArray(rows) ? rows : [];
}

/** Partners and items with their opening balances, once for each set of data: rows are never changed in place. */
const opened = new WeakMap<CompanyData, { partners: Fields[]; items: Fields[] }>();

function openBooks(company: Company, data: CompanyData): void {
  const known = opened.get(data);
  if (known === undefined) {
    loadBalances(company);
    opened.set(data, { partners: company.table('BusinessPartners').all(), items: company.table('Items').all() });
    return;
  }
  for (const row of known.partners) company.table('BusinessPartners').put(rowKey('BusinessPartners', row), row);
  for (const row of known.items) company.table('Items').put(rowKey('Items', row), row);
}

export function createCompany(
  name: string,
  data: CompanyData,
  settings: Partial<CompanySettings>,
  clock: PracticeClock,
): Company {
  const listeners = new Set<(changes: readonly RowChange[]) => void>();
  const journal = createJournal((changes) => {
    for (const listener of listeners) listener(changes);
  });
  const tables = new Map<string, Table>();
  const counters = new Map<string, number>();
  for (const set of Object.keys({ ...ENTITY_SETS, ...NEWER_SETS })) {
    const rows = sourceRows(data, set);
    tables.set(
      set,
      createTable(
        journal,
        set,
        rows.map((row) => [rowKey(set, row), row] as const),
      ),
    );
    for (const counter of ['DocEntry', 'DocNum', 'JdtNum']) {
      counters.set(
        `${set}.${counter}`,
        rows.reduce((highest, row) => Math.max(highest, numberOf(row, counter)), 0),
      );
    }
  }

  const company: Company = {
    name,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    clock,
    rates: new Map(Object.entries(data.rates).map(([currency, days]) => [currency, new Map(Object.entries(days))])),
    vatRates: new Map(Object.entries(data.vatRates)),
    table(set) {
      const table = tables.get(set) ?? (set.startsWith('U_') ? createTable(journal, set, []) : undefined);
      if (table === undefined) throw new Error(`The practice company has no set ${set}.`);
      tables.set(set, table);
      return table;
    },
    atomically: (work) => journal.run(work),
    onCommit: (listener) => void listeners.add(listener),
    next(counter) {
      const before = counters.get(counter) ?? 0;
      // Numbers are not given back when a transaction is undone, as with a database sequence.
      counters.set(counter, before + 1);
      return before + 1;
    },
    backUp() {
      const kept = [...tables].map(([set, table]) => [set, table.entries()] as const);
      const numbers = [...counters];
      return () => {
        for (const [set, table] of tables) table.reset(kept.find(([name]) => name === set)?.[1] ?? []);
        counters.clear();
        for (const [counter, value] of numbers) counters.set(counter, value);
      };
    },
    stamp() {
      const now = localTime(clock.now(), company.settings.timeZone);
      return company.settings.stampPrecision === 'second'
        ? now
        : { date: now.date, time: `${now.time.slice(0, 5)}:00` };
    },
    hiddenUserFields: new Set(),
    locked: new Set(),
    handshakes: new Map(),
  };
  openBooks(company, data);
  return company;
}

import type { Fields } from '../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../kernel/json.ts';
import { moveStock } from './company/balances.ts';
import type { Company } from './company/model.ts';
import { rowKey } from './company/model.ts';
import type { CompanySettings } from './company/settings.ts';
import { addUserField, userFieldsOf } from './company/user-fields.ts';
import { decideDraft } from './documents/approvals.ts';
import { cancelDocument, closeDocument } from './documents/change.ts';
import { buildDocument, postDocument } from './documents/create.ts';
import { draftToDocument } from './documents/drafts.ts';
import { documentKinds, kindOf } from './documents/kinds.ts';
import { postPayment } from './documents/payments.ts';
import { pick, releaseOrders } from './documents/pick-lists.ts';
import { patchItem } from './entities/items.ts';
import { createPartner, patchPartner } from './entities/partners.ts';

export interface InvoiceRequest {
  readonly cardCode: string;
  /** Item lines; or, with `total`, one line of text that comes to exactly that much. */
  readonly lines?: readonly Fields[];
  readonly total?: number;
  readonly date?: string;
  readonly dueDate?: string;
}

/** What people at the company do in SAP itself, and what tests look up in its books. Rows are in SAP's words. */
export interface SapBackOffice {
  readonly name: string;
  readonly settings: CompanySettings;
  /** All rows of an entity set. */
  rows(set: string): Fields[];
  orders(): Fields[];
  drafts(): Fields[];
  invoices(): Fields[];
  /** Orders made through an integration: those that carry the key field. */
  ordersWithKey(field?: string): Fields[];
  /** Everything that carries that key, with the set it stands in; drafts that became documents included. */
  findByKey(key: string, field?: string): { readonly set: string; readonly row: Fields }[];
  /** @throws Error where there is none, so that a test says what is missing. */
  partner(cardCode: string): Fields;
  item(itemCode: string): Fields;
  order(docEntry: number): Fields;
  /** The company's local date now. */
  today(): string;
  createPartner(partner: Fields): Fields;
  changePartner(cardCode: string, patch: Fields): Fields;
  freezePartner(cardCode: string, remarks?: string): Fields;
  changeItem(itemCode: string, patch: Fields): Fields;
  setPrice(itemCode: string, priceList: number, price: number): void;
  setSpecialPrice(cardCode: string, itemCode: string, price: number, more?: Fields): void;
  receiveStock(itemCode: string, warehouse: string, quantity: number): void;
  createOrder(order: Fields): Fields;
  cancelOrder(docEntry: number): void;
  closeOrder(docEntry: number): void;
  /** All that is still open, or the quantities given by line number. */
  deliverOrder(docEntry: number, quantities?: Readonly<Record<number, number>>): Fields;
  invoiceDelivery(docEntry: number): Fields;
  postInvoice(invoice: InvoiceRequest): Fields;
  postCreditNote(note: InvoiceRequest): Fields;
  /** In full where no amount is given. */
  payInvoice(docEntry: number, amount?: number, date?: string): Fields;
  /** `true` for all orders, or a rule of its own; `false` switches approvals off. */
  requireApproval(rule: boolean | CompanySettings['needsApproval']): void;
  /** Approves; generates the document too unless told not to. */
  approveDraft(docEntry: number, options?: { readonly generate?: boolean }): Fields | undefined;
  /** With the authorizer's words. */
  rejectDraft(docEntry: number, remarks?: string): void;
  /** Somebody has the record open for change until `unlock`. Key as text. */
  lock(set: string, key: string): void;
  unlock(set: string, key: string): void;
  /** Releases an order's open lines for picking. @returns the pick list */
  releaseForPicking(docEntry: number): Fields;
  /** Picks what was released, or the quantities given by the list's line number. */
  pick(listEntry: number, quantities?: Readonly<Record<number, number>>): void;
  /** Puts other values over a row as if they had always stood there: no checks, no stamp. Keys must stay. */
  overwrite(set: string, key: string, change: Fields): void;
  /** A row that somebody keys in, new or over an old one: no checks, no stamp. */
  enter(set: string, row: Fields): void;
  /** The customer's own rule refuses every order with that text; undefined lifts it. */
  refuseOrders(text: string | undefined): void;
  setRate(currency: string, date: string, rate: number): void;
  addUserField(field: Fields): Fields;
  /** Backs the company up. @returns what restores it: rows and numbers are as they were, and numbers are given again */
  backUp(): () => void;
  hasUserField(table: string, name: string): boolean;
}

const KEY_FIELD = 'U_PD_Key';

export function createBackOffice(company: Company, settle: () => void): SapBackOffice {
  const rows = (set: string): Fields[] => {
    settle();
    return company.table(set).all();
  };
  const must = (set: string, key: string): Fields => {
    settle();
    const row = company.table(set).get(key);
    if (row === undefined) throw new Error(`${set} has no ${key} in ${company.name}.`);
    return row;
  };
  const atomically = <T>(work: () => T): T => {
    settle();
    return company.atomically(work);
  };
  const post = (set: string, sent: Fields): Fields => {
    const kind = kindOf(set);
    return atomically(() => postDocument(company, kind, buildDocument(company, kind, sent)));
  };
  const copied = (
    set: string,
    base: Fields,
    baseType: number,
    quantities?: Readonly<Record<number, number>>,
  ): Fields => {
    const lines = recordsOf(base, 'DocumentLines').flatMap((line) => {
      const number = numberOf(line, 'LineNum');
      const quantity = quantities === undefined ? numberOf(line, 'RemainingOpenQuantity') : (quantities[number] ?? 0);
      return quantity > 0
        ? [{ BaseType: baseType, BaseEntry: numberOf(base, 'DocEntry'), BaseLine: number, Quantity: quantity }]
        : [];
    });
    return post(set, {
      CardCode: textOf(base, 'CardCode'),
      DocCurrency: textOf(base, 'DocCurrency'),
      DiscountPercent: numberOf(base, 'DiscountPercent'),
      DocumentLines: lines,
    });
  };
  const billed = (set: string, { cardCode, lines, total, date, dueDate }: InvoiceRequest): Fields =>
    post(set, {
      CardCode: cardCode,
      ...(date === undefined ? {} : { DocDate: date }),
      ...(dueDate === undefined ? {} : { DocDueDate: dueDate }),
      ...(total === undefined
        ? { DocumentLines: lines ?? [] }
        : {
            DocType: 'dDocument_Service',
            // The total that is asked for is the total that is owed.
            DiscountPercent: 0,
            DocumentLines: [{ ItemDescription: 'Montage', LineTotal: total, VatGroup: 'A0' }],
          }),
    });

  return {
    name: company.name,
    settings: company.settings,
    rows,
    orders: () => rows('Orders'),
    drafts: () => rows('Drafts'),
    invoices: () => rows('Invoices'),
    ordersWithKey: (field = KEY_FIELD) => rows('Orders').filter((row) => textOf(row, field) !== ''),
    findByKey: (key, field = KEY_FIELD) =>
      [...documentKinds.map(({ set }) => set), 'Drafts'].flatMap((set) =>
        rows(set)
          .filter((row) => textOf(row, field) === key)
          .map((row) => ({ set, row })),
      ),
    partner: (cardCode) => must('BusinessPartners', cardCode),
    item: (itemCode) => must('Items', itemCode),
    order: (docEntry) => must('Orders', String(docEntry)),
    today: () => company.stamp().date,
    createPartner: (partner) => atomically(() => createPartner(company, partner)),
    changePartner: (cardCode, patch) =>
      atomically(() => patchPartner(company, must('BusinessPartners', cardCode), patch, false)),
    freezePartner: (cardCode, remarks = 'Gesperrt') =>
      atomically(() =>
        patchPartner(
          company,
          must('BusinessPartners', cardCode),
          { Frozen: 'tYES', FrozenRemarks: remarks, Valid: 'tNO' },
          false,
        ),
      ),
    changeItem: (itemCode, patch) => atomically(() => patchItem(company, must('Items', itemCode), patch, false)),
    /** Price lists are edited elsewhere than on the item: no stamp moves. */
    setPrice: (itemCode, priceList, price) => {
      const item = must('Items', itemCode);
      const prices = recordsOf(item, 'ItemPrices').map((row) =>
        numberOf(row, 'PriceList') === priceList ? { ...row, Price: price } : row,
      );
      atomically(() => company.table('Items').put(itemCode, { ...item, ItemPrices: prices }));
    },
    setSpecialPrice: (cardCode, itemCode, price, more = {}) => {
      const row: Fields = {
        CardCode: cardCode,
        ItemCode: itemCode,
        Price: price,
        Currency: company.settings.localCurrency,
        DiscountPercent: 0,
        PriceListNum: 1,
        Valid: 'tYES',
        ...more,
      };
      atomically(() => company.table('SpecialPrices').put(rowKey('SpecialPrices', row), row));
    },
    receiveStock: (itemCode, warehouse, quantity) =>
      atomically(() => moveStock(company, itemCode, warehouse, { InStock: quantity })),
    createOrder: (order) => post('Orders', { DocDueDate: company.stamp().date, ...order }),
    cancelOrder: (docEntry) =>
      atomically(() => cancelDocument(company, kindOf('Orders'), must('Orders', String(docEntry)))),
    closeOrder: (docEntry) =>
      atomically(() => closeDocument(company, kindOf('Orders'), must('Orders', String(docEntry)))),
    deliverOrder: (docEntry, quantities) => copied('DeliveryNotes', must('Orders', String(docEntry)), 17, quantities),
    invoiceDelivery: (docEntry) => copied('Invoices', must('DeliveryNotes', String(docEntry)), 15),
    postInvoice: (invoice) => billed('Invoices', invoice),
    postCreditNote: (note) => billed('CreditNotes', note),
    payInvoice(docEntry, amount, date) {
      const invoice = must('Invoices', String(docEntry));
      const sum = amount ?? Math.round((numberOf(invoice, 'DocTotal') - numberOf(invoice, 'PaidToDate')) * 100) / 100;
      const paid = {
        CardCode: textOf(invoice, 'CardCode'),
        TransferSum: sum,
        ...(date === undefined ? {} : { DocDate: date }),
      };
      return atomically(() =>
        postPayment(company, {
          ...paid,
          PaymentInvoices: [{ DocEntry: docEntry, InvoiceType: 'it_Invoice', SumApplied: sum }],
        }),
      );
    },
    requireApproval(rule) {
      company.settings.needsApproval = typeof rule === 'function' ? rule : (set) => rule && set === 'Orders';
    },
    approveDraft: (docEntry, { generate = true } = {}) =>
      atomically(() => {
        decideDraft(company, docEntry, 'dasApproved');
        return generate ? draftToDocument(company, docEntry, 'authorizer') : undefined;
      }),
    rejectDraft: (docEntry, remarks) => atomically(() => decideDraft(company, docEntry, 'dasRejected', remarks)),
    lock: (set, key) => void company.locked.add(`${set} ${key}`),
    unlock: (set, key) => void company.locked.delete(`${set} ${key}`),
    releaseForPicking(docEntry) {
      const open = recordsOf(must('Orders', String(docEntry)), 'DocumentLines').filter(
        (line) => textOf(line, 'LineStatus') === 'bost_Open',
      );
      const lines = open.map((line) => ({ OrderEntry: docEntry, OrderRowID: numberOf(line, 'LineNum') }));
      return atomically(() => releaseOrders(company, { PickListsLines: lines }));
    },
    pick: (listEntry, quantities) => atomically(() => pick(company, listEntry, quantities)),
    overwrite: (set, key, change) => atomically(() => company.table(set).put(key, { ...must(set, key), ...change })),
    enter: (set, row) => atomically(() => company.table(set).put(rowKey(set, row), row)),
    refuseOrders(text) {
      company.settings.ownRule = (set) => (set === 'Orders' ? text : undefined);
    },
    setRate(currency, date, rate) {
      const days = company.rates.get(currency) ?? new Map<string, number>();
      company.rates.set(currency, days.set(date, rate));
    },
    addUserField: (field) => atomically(() => addUserField(company, field)),
    backUp: () => company.backUp(),
    hasUserField: (table, name) => userFieldsOf(company, table).some((field) => field.name === `U_${name}`),
  };
}

import type { Fields, Json } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';

/** A database table as queries see it: columns in the database's words. */
export interface SqlTable {
  readonly columns: Readonly<Record<string, (row: Fields) => Json>>;
  readonly rows: (company: Company) => readonly Fields[];
}

const text = (name: string) => (row: Fields) => textOf(row, name);
const number = (name: string) => (row: Fields) => numberOf(row, name);
/** Dates come as yyyymmdd, unlike everywhere else. */
const date = (name: string) => (row: Fields) => textOf(row, name).replaceAll('-', '');
/** A number such as 140501 for 14:05:01; entities have no such property. */
const stamp = (row: Fields) => Number(textOf(row, 'UpdateTime').replaceAll(':', '') || '0');
const letter = (name: string, yes: string) => (row: Fields) => (textOf(row, name) === yes ? 'Y' : 'N');
const set = (name: string) => (company: Company) => company.table(name).all();

const documentColumns = {
  DocEntry: number('DocEntry'),
  DocNum: number('DocNum'),
  CardCode: text('CardCode'),
  DocDate: date('DocDate'),
  DocDueDate: date('DocDueDate'),
  DocTotal: number('DocTotal'),
  PaidToDate: number('PaidToDate'),
  DocStatus: (row: Fields) => (textOf(row, 'DocumentStatus') === 'bost_Open' ? 'O' : 'C'),
  CANCELED: letter('Cancelled', 'tYES'),
  UpdateDate: date('UpdateDate'),
  UpdateTS: stamp,
  U_PD_Key: text('U_PD_Key'),
};

/** Special prices and warehouses are missing on purpose: the platform's list, as printed, lacks them. */
export const SQL_TABLES: Readonly<Record<string, SqlTable>> = {
  OCRD: {
    rows: set('BusinessPartners'),
    columns: {
      CardCode: text('CardCode'),
      CardName: text('CardName'),
      CardType: (row) => ({ cCustomer: 'C', cSupplier: 'S', cLid: 'L' })[textOf(row, 'CardType')] ?? '',
      Balance: number('CurrentAccountBalance'),
      OrdersBal: number('OpenOrdersBalance'),
      DNotesBal: number('OpenDeliveryNotesBalance'),
      CreditLine: number('CreditLimit'),
      UpdateDate: date('UpdateDate'),
      UpdateTS: stamp,
    },
  },
  OITM: {
    rows: set('Items'),
    columns: {
      ItemCode: text('ItemCode'),
      ItemName: text('ItemName'),
      OnHand: number('QuantityOnStock'),
      IsCommited: number('QuantityOrderedByCustomers'),
      OnOrder: number('QuantityOrderedFromVendors'),
      UpdateDate: date('UpdateDate'),
      UpdateTS: stamp,
    },
  },
  OITW: {
    rows: (company) =>
      company
        .table('Items')
        .all()
        .flatMap((item) =>
          recordsOf(item, 'ItemWarehouseInfoCollection').map((row) => ({ ...row, ItemCode: textOf(item, 'ItemCode') })),
        ),
    columns: {
      ItemCode: text('ItemCode'),
      WhsCode: text('WarehouseCode'),
      OnHand: number('InStock'),
      IsCommited: number('Committed'),
      OnOrder: number('Ordered'),
    },
  },
  OQUT: { rows: set('Quotations'), columns: documentColumns },
  ORDR: { rows: set('Orders'), columns: documentColumns },
  ODLN: { rows: set('DeliveryNotes'), columns: documentColumns },
  OINV: { rows: set('Invoices'), columns: documentColumns },
  ODRF: { rows: set('Drafts'), columns: documentColumns },
};

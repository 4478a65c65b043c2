import { buildCompanyData } from '../practice/data/build-company-data.ts';
import type { CompanyData } from '../practice/data/company-data.ts';
import { buildPipedriveData } from '../practice/data/pipedrive-data.ts';
import { type Fields, numberOf, recordsOf, textOf } from '../practice/kernel/json.ts';
import { addDays } from '../practice/sap/company/local-time.ts';

/** The customer that the browser sees: its rows are made by hand, so that figures can be told in advance. */
export const CUSTOMER = { code: 'C20045', name: 'Norddeutsche Kontor GmbH' };

interface Item {
  readonly code: string;
  readonly name: string;
  readonly price: number;
  readonly stock: readonly number[];
}

/** Three items with a price in list 2, which is the customer's, and stock in Hamburg, Leipzig and Köln. */
const CHAIR: Item = { code: 'LUMO-SW', name: 'Desk chair Lumo, black', price: 279, stock: [14, 0, 4] };
const DESK: Item = { code: 'ALTO-160', name: 'Sit-stand desk Alto 160, oak', price: 615, stock: [40, 22, 8] };
const PEDESTAL: Item = { code: 'TRIO-WS', name: 'Pedestal Trio, white', price: 70, stock: [31, 5, 0] };
export const ITEMS = { chair: CHAIR, desk: DESK, pedestal: PEDESTAL };

const LIST = 2;

/** A small furniture distributor with that customer and those items among its own. */
export function nordlichtData(today: string): CompanyData {
  const data = buildCompanyData({ seed: 5, partners: 14, items: 12, orders: 3, invoices: 20, today });
  return {
    ...data,
    partners: [...data.partners, customerLike(rowLike(data.partners, 'CardType', 'cCustomer'), today)],
    items: [
      ...data.items,
      ...Object.values(ITEMS).map((item) => itemLike(rowLike(data.items, 'ItemsGroupCode', '101'), item)),
    ],
  };
}

/** What sales people had in Pipedrive before: nothing of that customer, which therefore comes from SAP. */
export function nordlichtContacts(data: CompanyData) {
  const others = data.partners.filter((row) => textOf(row, 'CardCode') !== CUSTOMER.code);
  return buildPipedriveData({ ...data, partners: others }, { seed: 5, organizations: 10 });
}

interface BackOffice {
  today(): string;
  postInvoice(invoice: { cardCode: string; total: number; date: string; dueDate: string }): Fields;
  createOrder(order: Fields): Fields;
}

/** Invoices of every age, none older than the company's credit rule allows, and an order that is on its way. */
export function fillBooks(sap: BackOffice): void {
  const today = sap.today();
  for (const [total, dueInDays] of [
    [7_380, 24],
    [5_350, 12],
    [2_150, -9],
    [1_610, -22],
  ] as const) {
    const dueDate = addDays(today, dueInDays);
    sap.postInvoice({ cardCode: CUSTOMER.code, total, date: addDays(dueDate, -30), dueDate });
  }
  sap.createOrder({
    CardCode: CUSTOMER.code,
    DocType: 'dDocument_Service',
    DocumentLines: [{ ItemDescription: 'Planung und Aufmaß', LineTotal: 5_900, VatGroup: 'A0' }],
  });
}

function rowLike(rows: readonly Fields[], name: string, value: string): Fields {
  const found = rows.find((row) => textOf(row, name) === value && textOf(row, 'Valid') === 'tYES');
  if (found === undefined) throw new Error(`There is no row whose ${name} is ${value}.`);
  return found;
}

function customerLike(row: Fields, today: string): Fields {
  const address = { Street: 'Kontorhausgasse 12', ZipCode: '20095', City: 'Hamburg', Country: 'DE' };
  const addresses = recordsOf(row, 'BPAddresses').map((one) => ({ ...one, ...address, BPCode: CUSTOMER.code }));
  return {
    ...row,
    CardCode: CUSTOMER.code,
    CardName: CUSTOMER.name,
    GroupCode: 100,
    Currency: 'EUR',
    VatGroup: 'A1',
    VatIDNum: 'DE283746152',
    PriceListNum: LIST,
    PayTermsGrpCode: 1,
    CreditLimit: 50_000,
    DiscountPercent: 0,
    Address: address.Street,
    ZipCode: address.ZipCode,
    City: address.City,
    Country: address.Country,
    BPAddresses: addresses,
    ContactPerson: 'Maike Brandt',
    ContactEmployees: [
      {
        CardCode: CUSTOMER.code,
        InternalCode: 900,
        Name: 'Maike Brandt',
        FirstName: 'Maike',
        LastName: 'Brandt',
        Position: 'Einkauf',
        E_Mail: 'maike.brandt@nd-kontor.example',
        Active: 'tYES',
        UpdateDate: today,
        UpdateTime: '07:00:00',
      },
    ],
    UpdateDate: today,
    UpdateTime: '07:00:00',
  };
}

function itemLike(row: Fields, { code, name, price, stock }: Item): Fields {
  const warehouses = recordsOf(row, 'ItemWarehouseInfoCollection').map((warehouse, index) => ({
    ...warehouse,
    ItemCode: code,
    InStock: stock[index] ?? 0,
    Committed: 0,
  }));
  const prices = recordsOf(row, 'ItemPrices').map((entry) => ({
    ...entry,
    Price: numberOf(entry, 'PriceList') === LIST ? price : Math.round(price * 118) / 100,
  }));
  return {
    ...row,
    ItemCode: code,
    ItemName: name,
    ItemPrices: prices,
    ItemWarehouseInfoCollection: warehouses,
    QuantityOnStock: stock.reduce((sum, one) => sum + one, 0),
  };
}

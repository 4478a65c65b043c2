import type { ServerResponse } from 'node:http';
import { makeIdentity, sendJson, startTlsFake, welcome } from '../integration/sap/tls-fake.ts';

/** A Service Layer that makes up pages of records on the spot: nothing is kept, so that memory is the client's alone. */
export async function startPageServer(records: number) {
  const identity = await makeIdentity();
  const counted = { requests: 0 };
  const server = await startTlsFake(identity, ({ path }, response) => {
    server.heard.length = 0;
    if (path.endsWith('/Login')) {
      welcome(response);
      return;
    }
    counted.requests += 1;
    answer(decodeURIComponent(path), records, response);
  });
  return {
    url: server.url,
    port: server.port,
    certificatePem: identity.cert,
    requests: () => counted.requests,
    close: () => server.close(),
  };
}

function answer(path: string, records: number, response: ServerResponse): void {
  if (path.endsWith('/$count')) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(String(records));
    return;
  }
  const top = Number(/\$top=(\d+)/.exec(path)?.[1] ?? 20);
  const from = Number(/Code gt '\w(\d+)'/.exec(path)?.[1] ?? -1) + 1;
  const make = path.includes('/Items') ? item : partner;
  const value = Array.from({ length: Math.max(0, Math.min(top, records - from)) }, (_, index) => make(from + index));
  response.setHeader('preference-applied', `odata.maxpagesize=${top}`);
  sendJson(response, 200, { '@odata.context': 'x', value });
}

const digits = (number: number) => String(number).padStart(7, '0');

/** Fifteen fields. */
export function partner(number: number) {
  return {
    CardCode: `C${digits(number)}`,
    CardName: `Kunde ${number} GmbH & Co. KG`,
    CardType: 'cCustomer',
    GroupCode: 100,
    FederalTaxID: 'DE123456789',
    CreditLimit: 50_000,
    CurrentAccountBalance: 1234.56 + number,
    OpenOrdersBalance: 99.5,
    OpenDeliveryNotesBalance: 0,
    Currency: 'EUR',
    PriceListNum: 1,
    PayTermsGrpCode: 2,
    Valid: 'tYES',
    UpdateDate: '2026-03-04T00:00:00Z',
    UpdateTime: '14:05:00',
  };
}

/** Five prices, three warehouses. */
export function item(number: number) {
  return {
    ItemCode: `I${digits(number)}`,
    ItemName: `Bürostuhl ${number}`,
    SalesUnit: 'Stk',
    SalesItem: 'tYES',
    InventoryItem: 'tYES',
    Valid: 'tYES',
    Frozen: 'tNO',
    UpdateDate: '2026-03-04T00:00:00Z',
    UpdateTime: '14:05:00',
    ItemPrices: [1, 2, 3, 4, 5].map((list) => ({ PriceList: list, Price: 99.5 + list, Currency: 'EUR' })),
    ItemWarehouseInfoCollection: ['01', '02', '03'].map((WarehouseCode) => ({
      WarehouseCode,
      InStock: 10,
      Committed: 2.5,
      Ordered: 3,
    })),
  };
}

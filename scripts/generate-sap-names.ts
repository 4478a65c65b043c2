import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Writes server/sap/names.generated.ts: the property names of Service Layer that we use, checked against the official
 * description. Run it with `npx tsx scripts/generate-sap-names.ts` after adding a name below.
 */
const SETS = {
  BusinessPartners: 'BusinessPartner',
  BusinessPartnerGroups: 'BusinessPartnerGroup',
  Items: 'Item',
  Warehouses: 'Warehouse',
  PriceLists: 'PriceList',
  PaymentTermsTypes: 'PaymentTermsType',
  Orders: 'Document',
  DeliveryNotes: 'Document',
  Invoices: 'Document',
  CreditNotes: 'Document',
  Drafts: 'Document',
  IncomingPayments: 'Payment',
  JournalEntries: 'JournalEntry',
  UserFieldsMD: 'UserFieldMD',
};

const NAMES: Readonly<Record<string, string>> = {
  BusinessPartner: `CardCode CardName CardType GroupCode FederalTaxID VatIDNum Valid ValidFrom ValidTo Frozen FrozenFrom
    FrozenTo CreditLimit CurrentAccountBalance OpenOrdersBalance OpenDeliveryNotesBalance FatherCard Currency PriceListNum
    PayTermsGrpCode Address ZipCode City Country BilltoDefault BPAddresses ContactEmployees UpdateDate UpdateTime
    CreateDate CreateTime`,
  BPAddress: 'AddressName AddressType Street StreetNo ZipCode City Country',
  ContactEmployee: 'InternalCode Name FirstName LastName E_Mail Phone1 MobilePhone Active',
  BusinessPartnerGroup: 'Code Name',
  Item: `ItemCode ItemName SalesUnit SalesItem InventoryItem Valid ValidFrom ValidTo Frozen FrozenFrom FrozenTo ItemPrices
    ItemWarehouseInfoCollection UpdateDate UpdateTime CreateDate CreateTime`,
  ItemPrice: 'PriceList Price Currency',
  ItemWarehouseInfo: 'WarehouseCode InStock Committed Ordered',
  Warehouse: 'WarehouseCode WarehouseName',
  PriceList: 'PriceListNo PriceListName IsGrossPrice Active',
  PaymentTermsType: 'GroupNumber PaymentTermsGroupName',
  Document: `DocEntry DocNum CardCode DocDate DocDueDate DocCurrency DocTotal DocTotalFc PaidToDate Comments DocObjectCode
    DocumentStatus Cancelled CancelStatus AuthorizationStatus DocumentLines`,
  DocumentLine: 'LineNum ItemCode Quantity RemainingOpenQuantity UnitPrice DiscountPercent',
  Payment: 'DocEntry CardCode',
  JournalEntry: 'JdtNum JournalEntryLines',
  JournalEntryLine: 'ShortName AccountCode',
  UserFieldMD: 'TableName Name Description Type SubType EditSize',
  ItemPriceParams: 'CardCode ItemCode Date UoMQuantity Currency',
  ItemPriceReturnParams: 'Price Currency Discount',
  AdminInfo: 'CompanyName Country LocalCurrency',
};

const CONTRACTS = new URL('../../shared/contracts/sap-b1/', import.meta.url);
const INDEX = 'service-layer-reduced.index.json';
const EDMX = 'service-layer-v2-odata4-2024.edmx';
const OUTPUT = new URL('../server/sap/names.generated.ts', import.meta.url);

const Index = z.object({
  entitySets: z.record(z.string(), z.string()),
  types: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()) })),
});

const index = Index.parse(JSON.parse(readFileSync(new URL(INDEX, CONTRACTS), 'utf8')));
const edmx = readFileSync(new URL(EDMX, CONTRACTS), 'utf8');

const unknown = [
  ...Object.entries(SETS).filter(([set, type]) => (index.entitySets[set] ?? setInMetadata(set)) !== type),
  ...Object.entries(NAMES).flatMap(([type, names]) => {
    const known = new Set(knownNames(type));
    return words(names)
      .filter((name) => !known.has(name))
      .map((name) => [type, name]);
  }),
];
if (unknown.length > 0) {
  console.error(`Not in the official description: ${unknown.map((pair) => pair.join('.')).join(', ')}`);
  process.exit(1);
}

writeFileSync(OUTPUT, render());
execFileSync('npx', ['biome', 'format', '--write', 'server/sap/names.generated.ts'], { stdio: 'ignore' });

function render(): string {
  const types = Object.entries(NAMES).map(([type, names]) => `${type}: ${JSON.stringify(words(names))},`);
  return `// Written by scripts/generate-sap-names.ts from ${INDEX} (JournalEntry: ${EDMX}),
// the metadata of real SAP Business One 10.0 Service Layers.
export const SAP_NAMES = {
  entitySets: ${JSON.stringify(SETS)},
  types: {
    ${types.join('\n    ')}
  },
} as const;
`;
}

/** The reduced index leaves the journal out; the full metadata has it. */
function knownNames(type: string): string[] {
  const indexed = index.types[type];
  if (indexed) return Object.keys(indexed.properties);
  const body = new RegExp(`<(EntityType|ComplexType) Name="${type}"[\\s\\S]*?</\\1>`).exec(edmx)?.[0] ?? '';
  return [...body.matchAll(/<Property Name="(\w+)"/g)].map((match) => match[1] ?? '');
}

function setInMetadata(set: string): string | undefined {
  return new RegExp(`<EntitySet EntityType="SAPB1\\.(\\w+)" Name="${set}"`).exec(edmx)?.[1];
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

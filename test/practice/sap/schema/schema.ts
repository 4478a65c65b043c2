import { enumRows } from './generated/enums.ts';
import { typeRows } from './generated/types.ts';

/** A property as the platform's metadata declares it. `type` is without the `Edm.` prefix. */
export interface PropertyInfo {
  readonly name: string;
  readonly type: string;
  readonly collection: boolean;
}

export interface TypeInfo {
  readonly name: string;
  readonly open: boolean;
  readonly entity: boolean;
  readonly key: readonly string[];
  readonly properties: ReadonlyMap<string, PropertyInfo>;
}

/** Entity sets that the practice company serves, with their types. */
export const ENTITY_SETS: Readonly<Record<string, string>> = {
  BusinessPartners: 'BusinessPartner',
  BusinessPartnerGroups: 'BusinessPartnerGroup',
  Items: 'Item',
  ItemGroups: 'ItemGroups',
  Warehouses: 'Warehouse',
  PriceLists: 'PriceList',
  SpecialPrices: 'SpecialPrice',
  Quotations: 'Document',
  Orders: 'Document',
  DeliveryNotes: 'Document',
  Invoices: 'Document',
  CreditNotes: 'Document',
  PurchaseOrders: 'Document',
  Drafts: 'Document',
  IncomingPayments: 'Payment',
  JournalEntries: 'JournalEntry',
  ProfitCenters: 'ProfitCenter',
  Dimensions: 'Dimension',
  SalesPersons: 'SalesPerson',
  PaymentTermsTypes: 'PaymentTermsType',
  Currencies: 'Currency',
  UserFieldsMD: 'UserFieldMD',
};

const types = new Map(Object.keys(typeRows).map((name) => [name, readType(name)]));
const enums = new Map(Object.entries(enumRows).map(([name, row]) => [name, readEnum(row)]));

function readType(name: string): TypeInfo {
  const row = typeRows[name] ?? { kind: '', open: false, key: '', properties: '' };
  const properties = row.properties.split(' ').map((entry): [string, PropertyInfo] => {
    const [property = '', declared = ''] = entry.split(':');
    const collection = declared.endsWith('*');
    return [property, { name: property, type: collection ? declared.slice(0, -1) : declared, collection }];
  });
  const key = row.key === '' ? [] : row.key.split(' ');
  return { name, open: row.open, entity: row.kind === 'entity', key, properties: new Map(properties) };
}

function readEnum(row: string): ReadonlyMap<string, string> {
  const accepted = new Map<string, string>();
  const members = row.split('|').map((entry) => entry.split('='));
  for (const [member = '', db] of members) if (db !== undefined && db !== '') accepted.set(db, member);
  for (const [member = ''] of members) accepted.set(member, member);
  return accepted;
}

/** @throws Error for a type that the tables do not hold: a mistake in the practice company itself. */
export function typeNamed(name: string): TypeInfo {
  const type = types.get(name);
  if (type === undefined) throw new Error(`The practice schema has no type ${name}.`);
  return type;
}

export function findType(name: string): TypeInfo | undefined {
  return types.get(name);
}

export function allTypes(): readonly TypeInfo[] {
  return [...types.values()];
}

export function isEnum(name: string): boolean {
  return enums.has(name);
}

export function allEnums(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  return enums;
}

/** The member's name for a name or a database value; undefined where it is neither. */
export function enumMember(enumName: string, value: string): string | undefined {
  return enums.get(enumName)?.get(value);
}

/** Only these carry a version, hence an ETag; reference data has none. */
export function hasVersion(type: TypeInfo): boolean {
  return type.properties.has('DataVersion');
}

import { enumRows } from './generated/enums.ts';
import { typeRows } from './generated/types.ts';
import { newerEnumRows, newerTypeRows } from './newer-types.ts';

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
  ProductTrees: 'ProductTree',
  UnitOfMeasurements: 'UnitOfMeasurement',
  UnitOfMeasurementGroups: 'UnitOfMeasurementGroup',
  DistributionRules: 'DistributionRule',
  VatGroups: 'VatGroup',
  SalesTaxCodes: 'SalesTaxCode',
  BusinessPlaces: 'BusinessPlace',
  BlanketAgreements: 'BlanketAgreement',
  EnhancedDiscountGroups: 'EnhancedDiscountGroup',
  UserTablesMD: 'UserTablesMD',
  UserKeysMD: 'UserKeysMD',
  ApprovalRequests: 'ApprovalRequest',
  PickLists: 'PickList',
  SQLQueries: 'SQLQuery',
};

/** Sets that only newer feature packs have, and only where the company's settings say so. */
export const NEWER_SETS: Readonly<Record<string, string>> = {
  EventSubscriptions: 'EventSubscription',
  EventNotifications: 'EventNotification',
};

const rows = { ...typeRows, ...newerTypeRows };
const types = new Map(Object.keys(rows).map((name) => [name, readType(name)]));
const enums = new Map(Object.entries({ ...enumRows, ...newerEnumRows }).map(([name, row]) => [name, readEnum(row)]));

function readType(name: string): TypeInfo {
  const row = rows[name] ?? { kind: '', open: false, key: '', properties: '' };
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

/** A user table without an object behind it: its own set, with two fields of the platform and the customer's. */
const USER_TABLE: TypeInfo = {
  name: '',
  open: true,
  entity: true,
  key: ['Code'],
  properties: new Map(['Code', 'Name'].map((name) => [name, { name, type: 'String', collection: false }])),
};

/**
 * The type behind an entity set. Sets that begin with U_ are user tables; whether the company has them is not asked here.
 * @throws Error for a set that is not served.
 */
export function typeOfSet(set: string): TypeInfo {
  const name = ENTITY_SETS[set] ?? NEWER_SETS[set];
  if (name !== undefined) return typeNamed(name);
  if (set.startsWith('U_')) return { ...USER_TABLE, name: set };
  throw new Error(`The practice schema has no set ${set}.`);
}

export function findType(name: string): TypeInfo | undefined {
  return types.get(name);
}

export function allTypes(): readonly TypeInfo[] {
  return [...types.values()];
}

/** Types and enums of feature packs that the practice company's metadata does not show. */
export function isNewer(name: string): boolean {
  return name in newerTypeRows || name in newerEnumRows;
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

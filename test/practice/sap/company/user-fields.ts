import type { Fields } from '../../kernel/json.ts';
import { numberOf, textOf } from '../../kernel/json.ts';
import { findKind, HEADER_TABLES, LINE_TABLES } from '../documents/kinds.ts';
import { alreadyExists, SapError } from '../errors.ts';
import type { Company } from './model.ts';
import { rowKey } from './model.ts';
import { userTableOf, userTables } from './user-tables.ts';

/** A field the customer added to a standard table, as seen on an entity. */
export interface UserField {
  /** With the U_ in front. */
  readonly name: string;
  readonly type: string;
  /** 0 where unlimited. */
  readonly size: number;
  readonly validValues: readonly string[];
}

const TYPE_OF: Readonly<Record<string, string>> = {
  db_Alpha: 'String',
  db_Memo: 'String',
  db_Numeric: 'Int32',
  db_Date: 'DateTimeOffset',
  db_Float: 'Double',
};

const TABLE_OF_SET: Readonly<Record<string, string>> = {
  BusinessPartners: 'OCRD',
  Items: 'OITM',
  Warehouses: 'OWHS',
  SalesPersons: 'OSLP',
  IncomingPayments: 'ORCT',
  JournalEntries: 'OJDT',
  Drafts: 'ODRF',
};

const TABLE_OF_COLLECTION: Readonly<Record<string, string>> = {
  ContactEmployees: 'OCPR',
  BPAddresses: 'CRD1',
  ItemPrices: 'ITM1',
  ItemWarehouseInfoCollection: 'OITW',
};

/** The database table behind an entity set, or behind a collection inside it; '' where it takes no user fields. */
export function tableBehind(set: string, collection?: string): string {
  if (set.startsWith('U_')) return userTableOf(set);
  if (collection === undefined) return findKind(set)?.table ?? TABLE_OF_SET[set] ?? '';
  if (collection === 'DocumentLines') return findKind(set)?.lineTable ?? 'DRF1';
  return TABLE_OF_COLLECTION[collection] ?? '';
}

/** The user fields of a table that are visible now. */
export function userFieldsOf(company: Company, table: string): readonly UserField[] {
  if (table === '') return [];
  return company
    .table('UserFieldsMD')
    .all()
    .filter((row) => textOf(row, 'TableName') === table && !company.hiddenUserFields.has(rowKey('UserFieldsMD', row)))
    .map(asUserField);
}

function asUserField(row: Fields): UserField {
  const values = row['ValidValuesMD'];
  const validValues = Array.isArray(values) ? values.map((entry: Fields) => textOf(entry, 'Value')) : [];
  return {
    name: `U_${textOf(row, 'Name')}`,
    type: TYPE_OF[textOf(row, 'Type')] ?? 'String',
    size: textOf(row, 'Type') === 'db_Alpha' ? numberOf(row, 'EditSize') : 0,
    validValues,
  };
}

/** Tables that get the same field: all marketing documents share theirs. */
function siblingsOf(table: string): readonly string[] {
  if (HEADER_TABLES.includes(table)) return HEADER_TABLES;
  if (LINE_TABLES.includes(table)) return LINE_TABLES;
  if (table === 'OCRD') return ['OCRD', 'ACRD'];
  if (table === 'OITM') return ['OITM', 'AITM'];
  return [table];
}

/**
 * Adds a user field to its table and to all sibling tables.
 * @throws SapError -2035 where the field exists, -10 or -1004 where it cannot be made.
 */
export function addUserField(company: Company, wanted: Fields): Fields {
  const table = textOf(wanted, 'TableName');
  const name = textOf(wanted, 'Name');
  const known = [
    ...HEADER_TABLES,
    ...LINE_TABLES,
    ...Object.values(TABLE_OF_SET),
    ...Object.values(TABLE_OF_COLLECTION),
    ...userTables(company),
  ];
  if (!known.includes(table)) throw new SapError(400, -1004, `Invalid table name '${table}'`);
  if (!/^[A-Za-z][A-Za-z0-9_]{0,49}$/.test(name)) throw new SapError(400, -1004, `Invalid field name '${name}'`);
  if (textOf(wanted, 'Description') === '') throw new SapError(400, -5002, 'Field description is missing');

  const existing = company.table('UserFieldsMD').all();
  if (
    existing.some(
      (row) => textOf(row, 'TableName') === table && textOf(row, 'Name').toLowerCase() === name.toLowerCase(),
    )
  ) {
    throw alreadyExists(`User field '${name}' on '${table}'`);
  }
  let made: Fields = {};
  for (const sibling of siblingsOf(table)) {
    const row = { ...defaults(wanted), ...wanted, TableName: sibling, FieldID: nextFieldId(company, sibling) };
    const key = rowKey('UserFieldsMD', row);
    company.table('UserFieldsMD').put(key, row);
    if (company.settings.userFieldsNeedRestart) company.hiddenUserFields.add(key);
    if (sibling === table) made = row;
  }
  return made;
}

function defaults(wanted: Fields): Fields {
  const size = numberOf(wanted, 'EditSize') || numberOf(wanted, 'Size') || 10;
  return { Type: 'db_Alpha', SubType: 'st_None', Mandatory: 'tNO', Size: size, EditSize: size };
}

function nextFieldId(company: Company, table: string): number {
  return company
    .table('UserFieldsMD')
    .all()
    .filter((row) => textOf(row, 'TableName') === table).length;
}

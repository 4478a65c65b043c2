import type { Fields } from '../../kernel/json.ts';
import { recordsOf, textOf } from '../../kernel/json.ts';
import { findKind } from '../documents/kinds.ts';
import { alreadyExists, refused, SapError } from '../errors.ts';
import type { Company } from './model.ts';
import { rowKey } from './model.ts';

/** A key that the customer adds to a table. @throws SapError -2035 where it exists or where rows already break it. */
export function createUserKey(company: Company, sent: Fields): Fields {
  const table = textOf(sent, 'TableName');
  const columns = columnsOf(sent);
  if (textOf(sent, 'KeyName') === '' || columns.length === 0) throw refused('Key without a name or without columns');
  for (const alias of columns) {
    const known = company
      .table('UserFieldsMD')
      .all()
      .some((field) => textOf(field, 'TableName') === table && textOf(field, 'Name') === alias);
    if (!known && !(table.startsWith('@') && ['Code', 'Name'].includes(alias)))
      throw new SapError(400, -1004, `Invalid column '${alias}' of '${table}'`);
  }
  const keys = keysOf(company, table);
  if (keys.some((row) => textOf(row, 'KeyName') === textOf(sent, 'KeyName'))) throw alreadyExists('User key');
  const row: Fields = {
    Unique: 'tNO',
    ...sent,
    TableName: table,
    KeyIndex: keys.length,
    UserKeysMD_Elements: columns.map((alias, index) => ({ SubKeyIndex: index, ColumnAlias: alias })),
  };
  if (textOf(row, 'Unique') === 'tYES') refuseTwins(company, table, columns);
  company.table('UserKeysMD').put(rowKey('UserKeysMD', row), row);
  return row;
}

/**
 * Holds a new or changed row against the unique keys of its table. SQL Server takes two empty values for equal, HANA does
 * not: a key over a field that people leave empty stops their second document on the one and not on the other.
 * @throws SapError -2035.
 */
export function checkUserKeys(company: Company, table: string, set: string, row: Fields): void {
  const unique = keysOf(company, table).filter((key) => textOf(key, 'Unique') === 'tYES');
  for (const key of unique) {
    const columns = columnsOf(key);
    const value = keyValue(company, columns, row);
    if (value === undefined) continue;
    const own = rowKey(set, row);
    const twin = company
      .table(set)
      .all()
      .some((other) => rowKey(set, other) !== own && keyValue(company, columns, other) === value);
    if (twin) throw alreadyExists('This entry');
  }
}

function refuseTwins(company: Company, table: string, columns: readonly string[]): void {
  const set = setOf(table);
  if (set === undefined) return;
  const seen = new Set<string>();
  for (const row of company.table(set).all()) {
    const value = keyValue(company, columns, row);
    if (value !== undefined && seen.has(value)) throw alreadyExists('This entry');
    if (value !== undefined) seen.add(value);
  }
}

/** The set behind a table, as far as keys are watched: user tables and documents. */
function setOf(table: string): string | undefined {
  if (table.startsWith('@')) return `U_${table.slice(1)}`;
  return ['Quotations', 'Orders', 'DeliveryNotes', 'Invoices', 'CreditNotes', 'PurchaseOrders'].find(
    (set) => findKind(set)?.table === table,
  );
}

function keysOf(company: Company, table: string): Fields[] {
  return company
    .table('UserKeysMD')
    .all()
    .filter((row) => textOf(row, 'TableName') === table);
}

const columnsOf = (key: Fields): string[] =>
  recordsOf(key, 'UserKeysMD_Elements').map((element) => textOf(element, 'ColumnAlias'));

/** Undefined where the database lets the row stand beside any other. */
function keyValue(company: Company, columns: readonly string[], row: Fields): string | undefined {
  const parts = columns.map((alias) => textOf(row, alias in row ? alias : `U_${alias}`));
  if (company.settings.database === 'hana' && parts.includes('')) return undefined;
  return JSON.stringify(parts);
}

import type { Fields } from '../../kernel/json.ts';
import { textOf } from '../../kernel/json.ts';
import { alreadyExists, business, refused, SapError } from '../errors.ts';
import type { Company } from './model.ts';

/** The database table behind a user table's entity set: `U_PD_LINK` is `@PD_LINK`. */
export const userTableOf = (set: string): string => `@${set.slice(2)}`;

/** The database names of all user tables, as user fields and user keys name them. */
export function userTables(company: Company): readonly string[] {
  return company
    .table('UserTablesMD')
    .all()
    .map((row) => `@${textOf(row, 'TableName')}`);
}

/** Whether that entity set is a user table that the Service Layer knows by now. Only tables without an object have one. */
export function visibleUserTable(company: Company, set: string): boolean {
  const table = company.table('UserTablesMD').get(set.slice(2));
  const plain = textOf(table ?? {}, 'TableType').startsWith('bott_NoObject');
  return plain && !company.hiddenUserFields.has(set);
}

/** @throws SapError -2035 where the table exists, -1004 or -5002 where it cannot be made. */
export function createUserTable(company: Company, sent: Fields): Fields {
  const name = textOf(sent, 'TableName').replace(/^@/, '');
  if (!/^[A-Za-z][A-Za-z0-9_]{0,18}$/.test(name)) throw new SapError(400, -1004, `Invalid table name '${name}'`);
  if (textOf(sent, 'TableDescription') === '') throw refused('Table description is missing  [OUTB.Descr]');
  const taken = company
    .table('UserTablesMD')
    .all()
    .some((row) => textOf(row, 'TableName').toLowerCase() === name.toLowerCase());
  if (taken) throw alreadyExists(`User table '${name}'`);
  const row: Fields = {
    TableType: 'bott_NoObject',
    Archivable: 'tNO',
    DisplayMenu: 'tYES',
    ApplyAuthorization: 'tNO',
    ...sent,
    TableName: name,
  };
  company.table('UserTablesMD').put(name, row);
  if (company.settings.userFieldsNeedRestart) company.hiddenUserFields.add(`U_${name}`);
  return row;
}

/** A table goes with its rows, fields and keys; not while it holds rows. */
export function removeUserTable(company: Company, row: Fields): void {
  const name = textOf(row, 'TableName');
  if (company.table(`U_${name}`).count() > 0) throw business(`User table '${name}' is not empty`);
  for (const set of ['UserFieldsMD', 'UserKeysMD']) {
    for (const [key, entry] of company.table(set).entries()) {
      if (textOf(entry, 'TableName') === `@${name}`) company.table(set).remove(key);
    }
  }
  company.table('UserTablesMD').remove(name);
}

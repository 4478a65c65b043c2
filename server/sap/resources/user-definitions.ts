import { z } from 'zod';
import type { ErpUserField, ErpUserKey, ErpUserTable } from '../../app/ports/erp-documents.ts';
import type { SapCompany } from '../company.ts';
import { isYes, Key, OptionalNumber, OptionalText, YesNo } from '../mappers/values.ts';
import { allOf, compare, integer, text } from '../odata.ts';
import { readWhole } from './whole-list.ts';

const FieldRow = z.object({
  FieldID: Key,
  Name: z.string(),
  Description: OptionalText,
  Type: OptionalText,
  EditSize: OptionalNumber,
  Size: OptionalNumber,
  Mandatory: YesNo,
});

export function listUserFields(company: SapCompany, tableName: string): Promise<readonly ErpUserField[]> {
  const ofTable = compare<'UserFieldsMD'>('TableName', 'eq', text(tableName));
  return readWhole(company, {
    set: 'UserFieldsMD',
    select: FieldRow.keyof().options,
    key: 'FieldID',
    row: FieldRow,
    only: ofTable,
    behind: (row) => allOf<'UserFieldsMD'>(ofTable, compare('FieldID', 'gt', integer(row.FieldID))),
    map: (row): ErpUserField => ({
      tableName,
      name: row.Name,
      description: row.Description ?? '',
      type: row.Type ?? '',
      size: row.EditSize ?? row.Size ?? null,
      mandatory: isYes(row.Mandatory),
    }),
  });
}

const TableRow = z.object({ TableName: z.string(), TableDescription: OptionalText, TableType: OptionalText });

export function listUserTables(company: SapCompany): Promise<readonly ErpUserTable[]> {
  return readWhole(company, {
    set: 'UserTablesMD',
    select: TableRow.keyof().options,
    key: 'TableName',
    row: TableRow,
    behind: (row) => compare<'UserTablesMD'>('TableName', 'gt', text(row.TableName)),
    map: (row): ErpUserTable => ({
      name: row.TableName,
      description: row.TableDescription ?? '',
      type: row.TableType ?? '',
    }),
  });
}

const KeyRow = z.object({
  KeyIndex: Key,
  KeyName: OptionalText,
  Unique: YesNo,
  UserKeysMD_Elements: z.array(z.object({ ColumnAlias: OptionalText })).nullish(),
});

export function listUserKeys(company: SapCompany, tableName: string): Promise<readonly ErpUserKey[]> {
  const ofTable = compare<'UserKeysMD'>('TableName', 'eq', text(tableName));
  return readWhole(company, {
    set: 'UserKeysMD',
    select: KeyRow.keyof().options,
    key: 'KeyIndex',
    row: KeyRow,
    only: ofTable,
    behind: (row) => allOf<'UserKeysMD'>(ofTable, compare('KeyIndex', 'gt', integer(row.KeyIndex))),
    map: (row): ErpUserKey => ({
      tableName,
      name: row.KeyName ?? '',
      unique: isYes(row.Unique),
      columns: (row.UserKeysMD_Elements ?? []).flatMap(({ ColumnAlias }) => ColumnAlias ?? []),
    }),
  });
}

import { KEY_FIELD } from '../../domain/key-sheet.ts';
import { OutcomeUnknownError, RejectedError } from '../../kernel/errors.ts';
import type { SapCompany } from '../company.ts';
import { isBadQuery, readPage } from '../lists.ts';
import { OrderRow } from '../mappers/document.ts';
import { compare, type FieldOfType, text } from '../odata.ts';

/**
 * True when orders can be asked for the field, which is what we rely on: a field just made may need a restart of the
 * Service Layer before it can.
 */
export async function hasKeyField(company: SapCompany): Promise<boolean> {
  try {
    await readPage(
      company,
      'Orders',
      {
        select: ['DocEntry', 'U_PD_Key'],
        filter: compare<'Orders'>('U_PD_Key', 'eq', text('')),
        orderBy: ['DocEntry'],
        top: 1,
      },
      OrderRow.pick({ DocEntry: true }),
    );
    return true;
  } catch (error) {
    if (isBadQuery(error)) return false;
    throw error;
  }
}

/** Makes the field on the order table; SAP then adds it to all its document tables. */
export async function createKeyField(company: SapCompany): Promise<void> {
  const field: Partial<Record<FieldOfType<'UserFieldMD'>, unknown>> = {
    TableName: KEY_FIELD.tableName,
    Name: KEY_FIELD.name,
    Description: KEY_FIELD.description,
    Type: KEY_FIELD.type,
    SubType: KEY_FIELD.subType,
    EditSize: KEY_FIELD.size,
  };
  try {
    await company.write({ method: 'POST', target: 'UserFieldsMD', body: JSON.stringify(field) });
  } catch (error) {
    if (error instanceof RejectedError && error.code === '-2035') return;
    // It changes every document table and may take longer than anybody waits: it may be there by now.
    if (error instanceof OutcomeUnknownError && (await hasKeyField(company))) return;
    throw error;
  }
}

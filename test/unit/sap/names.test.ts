import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeSap } from '../../../scripts/sap-descriptions.ts';
import { INVOICE_FIELDS } from '../../../server/sap/mappers/document.ts';
import { ITEM_FIELDS, STOCK_FIELDS } from '../../../server/sap/mappers/item.ts';
import { PARTNER_FIELDS } from '../../../server/sap/mappers/partner.ts';
import { SAP_NAMES } from '../../../server/sap/names.generated.ts';
import type { DateField, FieldOf, NumberField, TextField, TimeField } from '../../../server/sap/odata.ts';

const missing = !fs.existsSync(new URL('../../../../shared/contracts/sap-b1/', import.meta.url));
const isOurs = (name: string) => name.startsWith('U_');

it('the fields asked for are among the names kept', () => {
  const { types } = SAP_NAMES;
  expect(Object.keys(types.BusinessPartner)).toEqual(expect.arrayContaining([...PARTNER_FIELDS]));
  expect(Object.keys(types.Item)).toEqual(expect.arrayContaining([...ITEM_FIELDS, ...STOCK_FIELDS]));
  expect(Object.keys(types.Document)).toEqual(expect.arrayContaining([...INVOICE_FIELDS]));
});

it('every name kept stands in the official descriptions, with its kind, its set and its key', ({ skip }) => {
  if (missing && process.env['CI'] !== 'true') {
    console.log('The official descriptions (../shared/contracts) are missing: names of SAP are not checked.');
    skip();
  }
  const description = describeSap();
  for (const [type, fields] of Object.entries(SAP_NAMES.types)) {
    const known = description.type(type)?.fields;
    for (const [name, kind] of Object.entries(fields)) {
      if (isOurs(name) || known === undefined) continue;
      expect(known.get(name)?.kind, `${type}.${name}`).toBe(kind);
    }
    if (known === undefined) expect(tablesOfOurs(), type).toContain(type);
  }
  for (const [set, type] of Object.entries(SAP_NAMES.entitySets)) {
    if (!isOurs(set)) expect(description.set(set)?.type, set).toBe(type);
  }
  for (const [type, key] of Object.entries(SAP_NAMES.keys)) {
    if (!tablesOfOurs().includes(type)) expect(description.type(type)?.key, type).toEqual(key);
  }
});

function tablesOfOurs(): string[] {
  return Object.entries(SAP_NAMES.entitySets).flatMap(([set, type]) => (isOurs(set) ? [type] : []));
}

/** Held by the compiler, as every call of `compare` is: these lines stop compiling when a kind is let through. */
type Has<Fields, Name extends string> = Name extends Fields ? true : false;

describe('a name of SAP', () => {
  it('cannot be written wrong', () => {
    const known: Has<FieldOf<'Orders'>, 'DocEntry'> = true;
    const misspelled: Has<FieldOf<'Orders'>, 'DocEntri'> = false;
    const ofAnotherSet: Has<FieldOf<'Items'>, 'DocEntry'> = false;
    const ours: Has<FieldOf<'Drafts'>, 'U_PD_Key'> = true;
    expect([known, misspelled, ofAnotherSet, ours]).toEqual([true, false, false, true]);
  });

  it('can be compared only with its own kind of value', () => {
    const numberAsText: Has<TextField<'Orders'>, 'DocEntry'> = false;
    const number: Has<NumberField<'Orders'>, 'DocEntry'> = true;
    const choice: Has<TextField<'Orders'>, 'DocumentStatus'> = true;
    const dateAsText: Has<TextField<'Items'>, 'UpdateDate'> = false;
    const date: Has<DateField<'Items'>, 'UpdateDate'> = true;
    const time: Has<TimeField<'Items'>, 'UpdateTime'> = true;
    const list: Has<TextField<'Items'> | NumberField<'Items'>, 'ItemPrices'> = false;
    expect([numberAsText, number, choice, dateAsText, date, time, list]).toEqual([
      false,
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });
});

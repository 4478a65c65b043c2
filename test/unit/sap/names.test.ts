import fs from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { INVOICE_FIELDS } from '../../../server/sap/mappers/document.ts';
import { ITEM_FIELDS, STOCK_FIELDS } from '../../../server/sap/mappers/item.ts';
import { PARTNER_FIELDS } from '../../../server/sap/mappers/partner.ts';
import { SAP_NAMES } from '../../../server/sap/names.generated.ts';

const folder = new URL('../../../../shared/contracts/sap-b1/', import.meta.url);
const missing = !fs.existsSync(folder);
const Index = z.object({
  entitySets: z.record(z.string(), z.string()),
  types: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()) })),
});

it('the fields asked for are among the names kept', () => {
  const { types } = SAP_NAMES;
  expect(types.BusinessPartner).toEqual(expect.arrayContaining([...PARTNER_FIELDS]));
  expect(types.Item).toEqual(expect.arrayContaining([...ITEM_FIELDS, ...STOCK_FIELDS]));
  expect(types.Document).toEqual(expect.arrayContaining([...INVOICE_FIELDS]));
});

it('every name kept stands in the official description', ({ skip }) => {
  if (missing && process.env['CI'] !== 'true') {
    console.log('The official descriptions (../shared/contracts) are missing: names of SAP are not checked.');
    skip();
  }
  const index = Index.parse(JSON.parse(fs.readFileSync(new URL('service-layer-reduced.index.json', folder), 'utf8')));
  // The reduced index leaves the journal out.
  const metadata = fs.readFileSync(new URL('service-layer-v2-odata4-2024.edmx', folder), 'utf8');
  const namesOf = (type: string) => {
    const indexed = index.types[type]?.properties;
    if (indexed) return Object.keys(indexed);
    const body = new RegExp(`<(EntityType|ComplexType) Name="${type}"[\\s\\S]*?</\\1>`).exec(metadata)?.[0] ?? '';
    return [...body.matchAll(/<Property Name="(\w+)"/g)].map((match) => match[1]);
  };
  for (const [type, names] of Object.entries(SAP_NAMES.types))
    expect(namesOf(type), type).toEqual(expect.arrayContaining([...names]));
  for (const [set, type] of Object.entries(SAP_NAMES.entitySets)) {
    const known = index.entitySets[set] ?? new RegExp(`EntityType="SAPB1\\.(\\w+)" Name="${set}"`).exec(metadata)?.[1];
    expect(known, set).toBe(type);
  }
});

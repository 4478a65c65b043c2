/**
 * Makes the committed tables under `generated/` from the public Service Layer descriptions:
 *   npx tsx test/practice/sap/schema/generate.ts ../shared/contracts/sap-b1
 * What the cut-down description lacks is read from the full one. What only newer feature packs have is left out on purpose:
 * the practice company runs an older one, as most customers do.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT_TYPES = [
  'BusinessPartner',
  'BusinessPartnerGroup',
  'Item',
  'ItemGroups',
  'Warehouse',
  'PriceList',
  'SpecialPrice',
  'Document',
  'Payment',
  'ProfitCenter',
  'Dimension',
  'SalesPerson',
  'PaymentTermsType',
  'Currency',
  'UserFieldMD',
  'JournalEntry',
  'AdminInfo',
  'CompanyInfo',
  'ItemPriceParams',
  'ItemPriceReturnParams',
  'ProductTree',
  'UnitOfMeasurement',
  'UnitOfMeasurementGroup',
  'DistributionRule',
  'DistributionRuleParams',
  'DimensionParams',
  'ProfitCenterParams',
  'VatGroup',
  'SalesTaxCode',
  'BusinessPlace',
  'BlanketAgreement',
  'EnhancedDiscountGroup',
  'Series',
  'SeriesParams',
  'DocumentTypeParams',
  'UserTablesMD',
  'UserKeysMD',
  'ApprovalRequest',
  'PickList',
  'SQLQuery',
];

const Property = z.object({ type: z.string(), collection: z.boolean().optional(), newer: z.boolean().optional() });
const Type = z.object({
  kind: z.string(),
  open: z.boolean().optional(),
  key: z.array(z.string()).optional(),
  newer: z.boolean().optional(),
  properties: z.record(z.string(), Property),
});
const Member = z.object({ db: z.string().optional(), newer: z.boolean().optional() });
const Index = z.object({
  types: z.record(z.string(), Type),
  enums: z.record(z.string(), z.record(z.string(), Member)),
});
type TypeRow = z.infer<typeof Type>;

const folder = process.argv[2] ?? '../shared/contracts/sap-b1';
const index = Index.parse(JSON.parse(readFileSync(join(folder, 'service-layer-reduced.index.json'), 'utf8')));
const edmx = readFileSync(join(folder, 'service-layer-v2-odata4-2024.edmx'), 'utf8');
const edmx2019 = readFileSync(join(folder, 'service-layer-v1-odata3-2019.edmx'), 'utf8');

/** Types that the cut-down description leaves out. Undefined for what is none: enums and the language's own. */
function fromEdmx(name: string): TypeRow | undefined {
  const declared = new RegExp(`<(?:Entity|Complex)Type Name="${name}"[\\s\\S]*?</(?:Entity|Complex)Type>`);
  const body = declared.exec(edmx)?.[0];
  if (body === undefined) return undefined;
  const key = [...body.matchAll(/<PropertyRef Name="(\w+)"/g)].map((match) => match[1] ?? '');
  const properties: TypeRow['properties'] = {};
  for (const [, property = '', of = ''] of body.matchAll(/<Property Name="(\w+)"[^>]*? Type="([^"]+)"/g)) {
    const collection = of.startsWith('Collection(');
    const type = of.replace(/^Collection\(|\)$/g, '').replace('SAPB1.', '');
    if (!property.startsWith('U_')) properties[property] = collection ? { type, collection } : { type };
  }
  return {
    kind: body.startsWith('<Entity') ? 'entity' : 'complex',
    open: /^<[^>]*OpenType="true"/.test(body),
    key,
    properties,
  };
}

/** Members from the newer file, database values from the older one, which alone states them. */
function enumFromEdmx(name: string): Record<string, z.infer<typeof Member>> {
  const declared = new RegExp(`<EnumType [^>]*Name="${name}"[\\s\\S]*?</EnumType>`);
  const values = new Map(
    [...(declared.exec(edmx2019)?.[0] ?? '').matchAll(/<Member [^>]*?Name="(\w+)" Value="([^"]*)"/g)].map((match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );
  const members = [...(declared.exec(edmx)?.[0] ?? '').matchAll(/<Member [^>]*?Name="(\w+)"/g)];
  return Object.fromEntries(
    members.map(([, member = '']) => {
      const db = values.get(member);
      return [member, db === undefined ? {} : { db }];
    }),
  );
}

const types: Record<string, { kind: string; open: boolean; key: string; properties: string }> = {};
const enums: Record<string, string> = {};
const waiting = [...ROOT_TYPES];
for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
  const type = index.types[name] ?? fromEdmx(name);
  if (type === undefined || types[name] !== undefined) {
    if (type === undefined && !name.startsWith('Edm.')) addEnum(name);
    continue;
  }
  const known = Object.entries(type.properties).filter(([, { newer, type: of }]) => newer !== true && of !== 'unknown');
  types[name] = {
    kind: type.kind,
    open: type.open === true,
    key: (type.key ?? []).join(' '),
    properties: known
      .map(([property, { type: of, collection }]) => `${property}:${of.replace('Edm.', '')}${collection ? '*' : ''}`)
      .join(' '),
  };
  waiting.push(...known.map(([, { type: of }]) => of));
}

function addEnum(name: string): void {
  const members = index.enums[name] ?? enumFromEdmx(name);
  const rows = Object.entries(members).filter(([, { newer }]) => newer !== true);
  enums[name] = rows.map(([member, { db }]) => (db === undefined ? member : `${member}=${db}`)).join('|');
}

const note = [
  '// Generated by ../generate.ts; do not edit. Names and types of SAP Business One 10.0 (metadata of 2024-03), database values of 2019.',
  '// Sources: gregorwolf/sap-business-one-odata-cap (Apache-2.0), SAP-archive/SAP-Business-One-Service-Layer-SDK (Apache-2.0).',
].join('\n');
const target = join(import.meta.dirname, 'generated');
const sorted = <T>(table: Record<string, T>) =>
  Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(
  join(target, 'types.ts'),
  `${note}\nexport const typeRows: Readonly<Record<string, { kind: string; open: boolean; key: string; properties: string }>> = ${JSON.stringify(sorted(types), null, 1)};\n`,
);
writeFileSync(
  join(target, 'enums.ts'),
  `${note}\nexport const enumRows: Readonly<Record<string, string>> = ${JSON.stringify(sorted(enums), null, 1)};\n`,
);
console.log(`${Object.keys(types).length} types, ${Object.keys(enums).length} enums`);

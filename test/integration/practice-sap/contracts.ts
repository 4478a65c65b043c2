import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const folder = join(import.meta.dirname, '../../../../shared/contracts');

const Property = z.object({ type: z.string(), collection: z.boolean().optional() });
const Index = z.object({
  entitySets: z.record(z.string(), z.string()),
  types: z.record(z.string(), z.object({ open: z.boolean().optional(), properties: z.record(z.string(), Property) })),
  enums: z.record(z.string(), z.record(z.string(), z.unknown())),
  operations: z.record(z.string(), z.unknown()),
});
export type SapIndex = z.infer<typeof Index>;

const Exchange = z.object({
  name: z.string(),
  response: z.object({ status: z.number(), body: z.record(z.string(), z.unknown()).optional() }),
});
export type SapExchange = z.infer<typeof Exchange>;

/**
 * Whether the official descriptions lie beside the project. They do not ship with it: where they are missing, one line
 * says so; with CI=true that is a failure.
 */
export function contractsAreHere(): boolean {
  if (existsSync(folder)) return true;
  if (process.env['CI'] === 'true') throw new Error(`The official descriptions are missing: ${folder}`);
  console.log('practice SAP: ../shared/contracts is not here, its checks are skipped');
  return false;
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));

/** The cut-down description, and from the full one what it lacks: types, enums, sets and operations. */
export function readIndex(): SapIndex {
  const index = Index.parse(read('sap-b1/service-layer-reduced.index.json'));
  const full = readFileSync(join(folder, 'sap-b1/service-layer-v2-odata4-2024.edmx'), 'utf8');
  for (const [, name = '', attributes = '', body = ''] of full.matchAll(
    /<(?:Entity|Complex)Type Name="(\w+)"([^>]*)>([\s\S]*?)<\/(?:Entity|Complex)Type>/g,
  ))
    index.types[name] ??= { open: attributes.includes('OpenType="true"'), properties: propertiesIn(body) };
  for (const [, name = '', body = ''] of full.matchAll(/<EnumType [^>]*?Name="(\w+)"[^>]*>([\s\S]*?)<\/EnumType>/g))
    index.enums[name] ??= Object.fromEntries(
      [...body.matchAll(/<Member [^>]*?Name="(\w+)"/g)].map((one) => [one[1], {}]),
    );
  for (const [, type = '', name = ''] of full.matchAll(/<EntitySet EntityType="SAPB1\.(\w+)"\s+Name="(\w+)"/g))
    index.entitySets[name] ??= type;
  for (const [, name = ''] of full.matchAll(/<(?:Action|Function) Name="(\w+)"/g)) index.operations[name] ??= {};
  return index;
}

function propertiesIn(body: string): SapIndex['types'][string]['properties'] {
  return Object.fromEntries(
    [...body.matchAll(/<Property Name="(\w+)"[^>]*?Type="([^"]+)"/g)].map(([, name = '', declared = '']) => {
      const collection = declared.startsWith('Collection(');
      const type = declared.replace(/^Collection\(|\)$/g, '').replace('SAPB1.', '');
      return [name, { type, collection }];
    }),
  );
}

const Schemas = z.object({
  paths: z.record(z.string(), z.unknown()),
  components: z.object({
    schemas: z.record(
      z.string(),
      z.object({ properties: z.record(z.string(), z.unknown()).optional(), enum: z.array(z.string()).optional() }),
    ),
  }),
});

/** What feature packs after that metadata have brought: names of properties, or members of an enum, by type. */
export function readNewer(): {
  readonly names: (type: string) => readonly string[];
  readonly paths: readonly string[];
} {
  const { paths, components } = Schemas.parse(read('sap-b1/openapi/administration.json'));
  const names = (type: string) =>
    components.schemas[type]?.enum ?? Object.keys(components.schemas[type]?.properties ?? {});
  return { names, paths: Object.keys(paths) };
}

export const readExchanges = (): SapExchange[] =>
  z.object({ exchanges: z.array(Exchange) }).parse(read('samples/sap-b1/service-layer-exchanges.json')).exchanges;
export const readItemSample = (): Record<string, unknown> =>
  z.object({ body: z.record(z.string(), z.unknown()) }).parse(read('samples/sap-b1/item-v1.json')).body;

const FITS: Readonly<Record<string, (value: unknown, version: 'v1' | 'v2') => boolean>> = {
  'Edm.String': (value) => typeof value === 'string',
  'Edm.Double': (value) => typeof value === 'number',
  'Edm.Int32': (value) => Number.isInteger(value),
  'Edm.DateTimeOffset': (value, version) =>
    typeof value === 'string' && (version === 'v1' ? /^\d{4}-\d\d-\d\d$/ : /^\d{4}-\d\d-\d\dT00:00:00Z$/).test(value),
  'Edm.TimeOfDay': (value) => typeof value === 'string' && /^\d\d:\d\d:\d\d$/.test(value),
};

/** Everything in an answer that the official description does not know: names, enum members, types of values. */
export function strangeParts(
  index: SapIndex,
  typeName: string,
  value: unknown,
  version: 'v1' | 'v2',
  at = typeName,
): string[] {
  const type = index.types[typeName];
  if (type === undefined || typeof value !== 'object' || value === null) return [`${at}: no ${typeName}`];
  return Object.entries(value).flatMap(([name, part]): string[] => {
    const path = `${at}.${name}`;
    if (name.includes('odata.') || part === null || (name.startsWith('U_') && type.open === true)) return [];
    const property = type.properties[name];
    if (property === undefined) return [`${path}: unknown`];
    if (property.collection !== true) return strangeValue(index, property.type, part, version, path);
    return Array.isArray(part)
      ? part.flatMap((entry, at_) => strangeValue(index, property.type, entry, version, `${path}[${at_}]`))
      : [`${path}: no list`];
  });
}

function strangeValue(index: SapIndex, type: string, value: unknown, version: 'v1' | 'v2', path: string): string[] {
  if (index.types[type] !== undefined) return strangeParts(index, type, value, version, path);
  const members = index.enums[type];
  if (members !== undefined)
    return typeof value === 'string' && value in members ? [] : [`${path}: ${String(value)} is no ${type}`];
  const fits = FITS[type];
  return fits === undefined || fits(value, version) ? [] : [`${path}: ${String(value)} is no ${type}`];
}

import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What kind of value a field holds; `choice` is one of named values, `object` and `list` are nested. */
export type FieldKind = 'text' | 'integer' | 'number' | 'date' | 'time' | 'choice' | 'object' | 'list';

export interface DescribedField {
  readonly kind: FieldKind;
  /** Only in the newest description: a server on an older feature pack may not have it. */
  readonly newer: boolean;
}

export interface Described {
  readonly source: string;
  readonly key: readonly string[];
  readonly fields: ReadonlyMap<string, DescribedField>;
}

export interface SapDescription {
  type(name: string): Described | undefined;
  set(name: string): { readonly type: string; readonly source: string } | undefined;
}

const CONTRACTS = new URL('../../shared/contracts/sap-b1/', import.meta.url);
const INDEX = 'service-layer-reduced.index.json';
const EDMX = 'service-layer-v2-odata4-2024.edmx';
const OPENAPI = ['openapi/administration.json', 'openapi/financials.json', 'openapi/inventory.json'];

const Index = z.object({
  entitySets: z.record(z.string(), z.string()),
  types: z.record(
    z.string(),
    z.object({
      key: z.array(z.string()).optional(),
      properties: z.record(
        z.string(),
        z.object({ type: z.string(), collection: z.boolean().optional(), newer: z.boolean().optional() }),
      ),
    }),
  ),
  enums: z.record(z.string(), z.unknown()),
});

const OpenApi = z.object({
  paths: z.record(z.string(), z.unknown()),
  components: z.object({
    schemas: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()).optional() })),
  }),
});
const OpenApiField = z.object({ type: z.string().optional(), format: z.string().optional() });

/** Names, keys and kinds of Service Layer's types, best description first: reduced index, full metadata, OpenAPI. */
export function describeSap(): SapDescription {
  const index = Index.parse(JSON.parse(readFileSync(new URL(INDEX, CONTRACTS), 'utf8')));
  const edmx = readFileSync(new URL(EDMX, CONTRACTS), 'utf8');
  const openApis = OPENAPI.map((file) => ({
    file,
    content: OpenApi.parse(JSON.parse(readFileSync(new URL(file, CONTRACTS), 'utf8'))),
  }));

  return {
    type: (name) => fromIndex(index, name) ?? fromEdmx(edmx, name) ?? fromOpenApis(openApis, name),
    set(name) {
      const indexed = index.entitySets[name];
      if (indexed !== undefined) return { type: indexed, source: INDEX };
      const inMetadata = new RegExp(`<EntitySet EntityType="SAPB1\\.(\\w+)" Name="${name}"`).exec(edmx)?.[1];
      if (inMetadata !== undefined) return { type: inMetadata, source: EDMX };
      // The paths name sets in the plural and schemas in the singular.
      const described = openApis.find(({ content }) => content.paths[`/${name}`] !== undefined);
      return described && { type: name.replace(/s$/, ''), source: described.file };
    },
  };
}

function fromIndex(index: z.output<typeof Index>, name: string): Described | undefined {
  const type = index.types[name];
  if (!type) return undefined;
  const fields = Object.entries(type.properties).map(([field, { type: of, collection, newer }]) => {
    const kind = collection ? 'list' : kindOf(of, index.enums[of] !== undefined);
    return [field, { kind, newer: newer === true }] as const;
  });
  return { source: INDEX, key: type.key ?? [], fields: new Map(fields) };
}

function fromEdmx(edmx: string, name: string): Described | undefined {
  const body = new RegExp(`<(EntityType|ComplexType)(?: [^>]*)? Name="${name}"[^>]*>[\\s\\S]*?</\\1>`).exec(edmx)?.[0];
  if (body === undefined) return undefined;
  const fields = [...body.matchAll(/<Property ([^>]*)>/g)].flatMap(([, attributes = '']) => {
    const field = /\bName="(\w+)"/.exec(attributes)?.[1];
    const type = /\bType="([^"]+)"/.exec(attributes)?.[1];
    if (field === undefined || type === undefined) return [];
    const own = type.replace('SAPB1.', '');
    const kind = type.startsWith('Collection(')
      ? 'list'
      : kindOf(own, edmx.includes(`<EnumType IsFlags="false" Name="${own}"`));
    return [[field, { kind, newer: false }] as const];
  });
  const key = [...body.matchAll(/<PropertyRef Name="(\w+)"/g)].map((match) => match[1] ?? '');
  return { source: EDMX, key, fields: new Map(fields) };
}

function fromOpenApis(
  openApis: readonly { file: string; content: z.output<typeof OpenApi> }[],
  name: string,
): Described | undefined {
  for (const { file, content } of openApis) {
    const properties = content.components.schemas[name]?.properties;
    if (properties === undefined) continue;
    const fields = Object.entries(properties).map(
      ([field, described]) => [field, { kind: openApiKind(described), newer: true }] as const,
    );
    return { source: file, key: keyInPath(content.paths, name), fields: new Map(fields) };
  }
  return undefined;
}

/** From `/EventSubscriptions('{webhookID}')`: paths write the key's first letter small. */
function keyInPath(paths: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const keyed = Object.keys(paths).find((path) => path.startsWith(`/${name}s(`));
  const small = /\{(\w+)\}/.exec(keyed ?? '')?.[1];
  return small === undefined ? [] : [`${small.slice(0, 1).toUpperCase()}${small.slice(1)}`];
}

function openApiKind(described: unknown): FieldKind {
  const { type, format } = OpenApiField.parse(described);
  if (type === 'array') return 'list';
  if (type === 'integer') return 'integer';
  if (type === 'number') return 'number';
  if (type === 'string') return format === 'date-time' ? 'date' : 'text';
  return 'choice';
}

const KINDS: Readonly<Record<string, FieldKind>> = {
  'Edm.String': 'text',
  'Edm.Int16': 'integer',
  'Edm.Int32': 'integer',
  'Edm.Int64': 'integer',
  'Edm.Double': 'number',
  'Edm.Decimal': 'number',
  'Edm.DateTimeOffset': 'date',
  'Edm.DateTime': 'date',
  'Edm.TimeOfDay': 'time',
  'Edm.Time': 'time',
};

function kindOf(type: string, isEnum: boolean): FieldKind {
  return KINDS[type] ?? (isEnum ? 'choice' : 'object');
}

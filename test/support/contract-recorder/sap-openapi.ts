import { z } from 'zod';
import type { SapIndex, SapProperty } from './sap-index.ts';

const Schema = z.object({
  enum: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
const OpenApi = z.object({
  paths: z.record(z.string(), z.unknown()),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
});
const Field = z.object({
  type: z.string().optional(),
  format: z.string().optional(),
  items: z.unknown().optional(),
  $ref: z.string().optional(),
  allOf: z.array(z.object({ $ref: z.string() })).optional(),
});

const SETS = { EventSubscriptions: 'EventSubscription', EventNotifications: 'EventNotification' };
const KEYS: Readonly<Record<string, readonly string[]>> = {
  EventSubscription: ['WebhookID'],
  EventNotification: ['EventID'],
};

/** Webhooks (FP 2602 and later) stand in no metadata that is kept, but in an OpenAPI made from a newer one. */
export function readEvents(document: unknown): SapIndex {
  const { paths, components } = OpenApi.parse(document);
  const names = Object.keys(components.schemas).filter((name) =>
    /^(Event|AuthenticationType|TransactionType|BoYesNo)/.test(name),
  );
  const types: SapIndex['types'] = {};
  const enums: SapIndex['enums'] = {};
  for (const name of names) {
    const schema = components.schemas[name];
    if (schema?.enum) enums[name] = Object.fromEntries(schema.enum.map((member) => [member, {}]));
    if (!schema?.properties) continue;
    const properties = Object.entries(schema.properties).map(([field, described]) => [field, propertyOf(described)]);
    types[name] = {
      kind: 'entity',
      open: false,
      key: [...(KEYS[name] ?? [])],
      properties: Object.fromEntries(properties),
      navigation: {},
    };
  }
  const actions = Object.keys(paths).flatMap((path) => {
    const action = /^\/EventSubscriptions\('\{webhookID\}'\)\/(\w+)$/.exec(path)?.[1];
    return action === undefined ? [] : [[`EventSubscription/${action}`, { kind: 'action', bound: true, params: [] }]];
  });
  const catalog = { kind: 'function', bound: false, params: [], returns: 'EventCatagory' };
  return {
    entitySets: SETS,
    types,
    enums,
    operations: { ...Object.fromEntries(actions), EventSubscriptionsService_GetEventCatalog: catalog },
  };
}

function propertyOf(described: unknown): SapProperty {
  const { type, format, items, $ref, allOf } = Field.parse(described);
  const reference = $ref ?? allOf?.[0]?.$ref;
  if (type === 'array') return { ...propertyOf(items), collection: true };
  if (reference !== undefined) return { type: reference.split('/').at(-1) ?? '' };
  if (type === 'integer') return { type: 'Edm.Int32' };
  if (type === 'number') return { type: 'Edm.Double' };
  return { type: format === 'date-time' ? 'Edm.DateTimeOffset' : 'Edm.String' };
}

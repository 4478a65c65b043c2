import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { contractsFolder } from './contracts-folder.ts';

const Property = z.object({ type: z.string(), collection: z.boolean().optional() });
const EntityType = z.object({
  kind: z.string(),
  open: z.boolean().optional(),
  properties: z.record(z.string(), Property),
  navigation: z.record(z.string(), z.unknown()),
});
const Operation = z.object({
  kind: z.string(),
  bound: z.boolean(),
  params: z.array(Property.extend({ name: z.string() })),
  returns: z.string().optional(),
});

const Index = z.object({
  entitySets: z.record(z.string(), z.string()),
  types: z.record(z.string(), EntityType),
  enums: z.record(z.string(), z.record(z.string(), z.object({ db: z.string().optional() }))),
  operations: z.record(z.string(), Operation),
});

export type SapIndex = z.output<typeof Index>;
export type SapProperty = z.output<typeof Property>;

/** Sets and services that exist in Service Layer, but were left out of the reduced description. */
export const OUTSIDE_THE_CUT: ReadonlySet<string> = new Set([
  'JournalEntries',
  'InventoryCountings',
  'JournalVouchersService_Add',
]);

let loaded: SapIndex | undefined;

/** The names, types, enums and operations of Service Layer; undefined where the description is missing. */
export function sapIndex(): SapIndex | undefined {
  const folder = contractsFolder();
  if (!folder) return undefined;
  loaded ??= Index.parse(JSON.parse(readFileSync(new URL('sap-b1/service-layer-reduced.index.json', folder), 'utf8')));
  return loaded;
}

import { z } from 'zod';

const Property = z.object({ type: z.string(), collection: z.boolean().optional() });
const EntityType = z.object({
  kind: z.string(),
  open: z.boolean().optional(),
  key: z.array(z.string()).optional(),
  properties: z.record(z.string(), Property),
  navigation: z.record(z.string(), z.unknown()),
});
const Operation = z.object({
  kind: z.string(),
  bound: z.boolean(),
  params: z.array(Property.extend({ name: z.string() })),
  returns: z.string().optional(),
});

/** The reduced index as it is written; everything else is brought into its shape. */
export const Index = z.object({
  entitySets: z.record(z.string(), z.string()),
  types: z.record(z.string(), EntityType),
  enums: z.record(z.string(), z.record(z.string(), z.object({ db: z.string().optional() }))),
  operations: z.record(z.string(), Operation),
});

export type SapIndex = z.output<typeof Index>;
export type SapProperty = z.output<typeof Property>;

/** Reads Pipedrive's own API descriptions (../shared/contracts/pipedrive), for the generators. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const CONTRACTS = new URL('../../shared/contracts/pipedrive/', import.meta.url);

const Schema = z.looseObject({
  type: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  allOf: z.array(z.unknown()).optional(),
});

const Operation = z.object({
  'x-token-cost': z.number().int().nonnegative().optional(),
  parameters: z.array(z.object({ in: z.string(), name: z.string(), schema: Schema })).default([]),
  requestBody: z
    .object({ content: z.record(z.string(), z.object({ schema: Schema })) })
    .optional()
    .catch(undefined),
});

/** What one value may be; an object's members by name, or a list of one kind. `object`: any members. */
export type Kind = 'text' | 'number' | 'flag' | 'object' | readonly [Kind] | { readonly [name: string]: Kind };

export interface Described {
  /** E.g. `GET /api/v2/deals/{id}`. */
  readonly key: string;
  readonly cost: number | undefined;
  readonly query: Readonly<Record<string, Kind>>;
  /** Undefined where no JSON is taken. */
  readonly body: Kind | undefined;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function describedOperations(): readonly Described[] {
  return (['v2', 'v1'] as const).flatMap((version) => {
    const text = readFileSync(new URL(`openapi-${version}.yaml`, CONTRACTS), 'utf8');
    const { paths } = z
      .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(parse(text, { maxAliasCount: -1 }));
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => METHODS.includes(method))
        .map(([method, operation]) => describe(`${method.toUpperCase()} /api/${version}${path}`, operation)),
    );
  });
}

function describe(key: string, given: unknown): Described {
  const operation = Operation.parse(given);
  const query = operation.parameters.filter((parameter) => parameter.in === 'query');
  const body = operation.requestBody?.content['application/json'];
  return {
    key,
    cost: operation['x-token-cost'],
    // A list in a query is written with commas.
    query: Object.fromEntries(
      query.map(({ name, schema }) => [name, schema.type === 'array' ? 'text' : kindOf(schema)]),
    ),
    body: body && kindOf(body.schema),
  };
}

function kindOf(given: unknown): Kind {
  const schema = merged(given);
  if (schema.type === 'array') return [kindOf(schema.items)];
  if (schema.properties) {
    const members = Object.entries(schema.properties);
    return Object.fromEntries(
      members.map(([name, member]) => [name, name === 'custom_fields' ? 'object' : kindOf(member)]),
    );
  }
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'boolean') return 'flag';
  return schema.type === 'string' ? 'text' : 'object';
}

/** One schema that says what all parts of `allOf` say together. */
function merged(given: unknown): z.infer<typeof Schema> {
  const schema = Schema.catch({}).parse(given);
  const parts = [schema, ...(schema.allOf ?? []).map(merged)];
  const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {}));
  const type = parts.map((part) => part.type).find((one) => one !== undefined);
  return { ...schema, ...(type && { type }), ...(Object.keys(properties).length > 0 && { properties }) };
}

import { z } from 'zod';
import { ErrorBody } from '../contract/common.ts';
import { API_ROUTES, type RouteContract } from '../contract/routes.ts';

type JsonObject = { readonly [key: string]: unknown };

/** OpenAPI 3.1 of `/api`, made from the same schemas that check every request and answer. */
export function openApiDocument(publicUrl: string): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const [name, route] of Object.entries<RouteContract>(API_ROUTES)) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Orderline for SAP Business One', version: '1' },
    servers: [{ url: publicUrl }],
    security: [{ signedToken: [] }],
    components: {
      securitySchemes: {
        signedToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From the SDK in Pipedrive' },
      },
      schemas: { Error: schemaOf(ErrorBody, 'output') },
    },
    paths,
  };
}

function operation(name: string, route: RouteContract): JsonObject {
  return {
    operationId: name,
    summary: route.summary,
    ...(route.adminOnly ? { description: 'Pipedrive admins alone.' } : {}),
    ...(route.params || route.query ? { parameters: parametersOf(route) } : {}),
    ...(route.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } }
      : {}),
    responses: {
      '200': { description: 'Done', content: { 'application/json': { schema: schemaOf(route.answer, 'output') } } },
      default: {
        description: 'Not done',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function parametersOf({ params, query }: RouteContract): JsonObject[] {
  return [...parametersIn('path', params), ...parametersIn('query', query)];
}

function parametersIn(place: 'path' | 'query', from: z.ZodObject | undefined): JsonObject[] {
  return Object.entries(from?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: z.toJSONSchema(schema, { io: 'output' }),
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

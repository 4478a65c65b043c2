import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { contractsFolder } from './contracts-folder.ts';
import { checkPipedriveAnswer } from './pipedrive-answers.ts';
import { checkPipedriveRequest } from './pipedrive-requests.ts';

const folder = contractsFolder();

const Samples = z.object({
  exchanges: z.array(
    z.object({
      name: z.string(),
      request: z.object({
        method: z.string(),
        path: z.string(),
        query: z.record(z.string(), z.string()).optional(),
        body: z.unknown().optional(),
      }),
      response: z.object({ status: z.number().optional(), body: z.unknown().optional() }),
    }),
  ),
});

function logged(method: string, path: string, body?: unknown, answer?: unknown, status = 200): LoggedRequest {
  return {
    at: 0,
    side: 'pipedrive',
    method,
    path,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? '' : JSON.stringify(body),
    status,
    responseBody: answer === undefined ? '' : JSON.stringify(answer),
  };
}

function samples(): { name: string; entry: LoggedRequest }[] {
  if (!folder) return [];
  const text = readFileSync(new URL('samples/pipedrive/api-exchanges.json', folder), 'utf8');
  return Samples.parse(JSON.parse(text)).exchanges.map(({ name, request, response }) => {
    const query = request.query ? `?${new URLSearchParams(request.query)}` : '';
    // Recorded without the term that was searched for.
    const term = request.path.endsWith('/search') && query === '' ? '?term=test' : query;
    const path = `${request.path}${term}`;
    return { name, entry: logged(request.method, path, request.body, response.body, response.status ?? 200) };
  });
}

describe.skipIf(!folder)("requests against Pipedrive's own descriptions", () => {
  it.each(samples())('the recorded $name passes', ({ entry }) => {
    expect(checkPipedriveRequest(entry)).toEqual([]);
    expect(checkPipedriveAnswer(entry)).toEqual([]);
  });

  const key = 'a'.repeat(40);
  it.each([
    ['GET', '/api/v2/organizations?limit=500&updated_since=2026-01-01T00:00:00Z&sort_by=update_time', undefined],
    ['GET', '/api/v2/deals?status=open,won', undefined],
    ['GET', '/v1/users/me', undefined],
    ['PATCH', '/api/v2/deals/7', { lost_reason: null, custom_fields: { [key]: { value: 1, currency: 'EUR' } } }],
    ['PATCH', '/api/v2/deals/7', { custom_fields: { [key]: null } }],
    ['POST', '/api/v1/notes', { content: 'x', deal_id: 7, pinned_to_deal_flag: 1 }],
    ['POST', '/api/v2/products', { name: 'x', prices: [{ currency: 'EUR', price: 1.5 }], is_linkable: true }],
    [
      'POST',
      '/api/v1/webhooks',
      { name: 'x', subscription_url: 'https://x/', event_action: 'change', event_object: 'deal_product' },
    ],
  ])('%s %s passes', (method, path, body) => {
    expect(checkPipedriveRequest(logged(method, path, body))).toEqual([]);
  });

  it.each([
    ['an unknown path', 'GET', '/api/v2/organisations', undefined, 'described nowhere'],
    ['an entity that has left API v1', 'GET', '/v1/deals', undefined, 'described nowhere'],
    ['a method that is not there', 'PUT', '/api/v2/deals/7', { title: 'x' }, 'described nowhere'],
    ['a path value that is no id', 'GET', '/api/v2/deals/seven', undefined, 'path id'],
    ['an unknown query parameter', 'GET', '/api/v2/deals?start=0', undefined, 'query start'],
    ['a limit above 500', 'GET', '/api/v2/deals?limit=501', undefined, 'query limit'],
    [
      'fractions of a second',
      'GET',
      '/api/v2/deals?updated_since=2026-01-01T00:00:00.000Z',
      undefined,
      'updated_since',
    ],
    ['a wrong value in a comma list', 'GET', '/api/v2/deals?status=open,gone', undefined, 'query status'],
    ['a parameter given twice', 'GET', '/api/v2/deals?limit=5&limit=6', undefined, 'given twice'],
    ['text for a number', 'GET', '/api/v2/deals?org_id=seven', undefined, 'query org_id'],
    ['a v1 name', 'POST', '/api/v2/persons', { name: 'x', email: 'a@b.c' }, 'email'],
    ['a custom field at the root', 'PATCH', '/api/v2/deals/7', { [key]: 'x' }, key],
    ['a custom field by name', 'PATCH', '/api/v2/deals/7', { custom_fields: { sap_code: 'x' } }, 'sap_code'],
    [
      'a number as text',
      'POST',
      '/api/v2/deals/7/products',
      { product_id: '3', item_price: 1, quantity: 1 },
      'product_id',
    ],
    ['a missing name', 'POST', '/api/v2/organizations', { owner_id: 1 }, 'name'],
    [
      'an unknown price member of an address',
      'POST',
      '/api/v2/organizations',
      { name: 'x', address: { city: 'x' } },
      'city',
    ],
    [
      'an unknown type of field',
      'POST',
      '/api/v2/dealFields',
      { field_name: 'x', field_type: 'boolean' },
      'field_type',
    ],
    ['null where it is not described', 'PATCH', '/api/v2/deals/7', { org_id: null }, 'org_id'],
    ['an address outside of the API', 'GET', '/v2/deals', undefined, 'described nowhere'],
    ['a body where none is described', 'GET', '/api/v2/deals/7', { a: 1 }, 'not described'],
    ['no body where one is due', 'POST', '/api/v2/deals', undefined, 'missing'],
  ])('finds %s', (_name, method, path, body, expected) => {
    expect(checkPipedriveRequest(logged(method, path, body)).join('\n')).toContain(expected);
  });

  it('finds a wrong content type, and a token form with the secret in it', () => {
    const plain = { ...logged('POST', '/api/v2/deals', { title: 'x' }), headers: { 'content-type': 'text/plain' } };
    expect(checkPipedriveRequest(plain)).toHaveLength(1);
    const form = (body: string) => ({
      ...logged('POST', '/oauth/token'),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
    expect(checkPipedriveRequest(form('grant_type=refresh_token&refresh_token=x'))).toEqual([]);
    expect(checkPipedriveRequest(form('grant_type=refresh_token&refresh_token=x&client_secret=y'))).toHaveLength(1);
    expect(checkPipedriveRequest(form('grant_type=password&password=y'))).toHaveLength(1);
  });

  it('finds a revocation that is not as documented', () => {
    const revoke = (body: string, changes: Partial<LoggedRequest> = {}) =>
      checkPipedriveRequest({
        ...logged('POST', '/oauth/revoke'),
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Basic [masked]' },
        body,
        ...changes,
      }).join('\n');
    expect(revoke('token=x&token_type_hint=refresh_token')).toBe('');
    expect(revoke('token=x&client_secret=y')).toContain('not documented');
    expect(revoke('token_type_hint=refresh_token')).toContain('token is missing');
    expect(revoke('token=x&token_type_hint=both')).toContain('token_type_hint');
    expect(revoke('token=x', { headers: {} })).toContain('credentials');
    expect(revoke('', { method: 'GET' })).toContain('method GET');
  });

  it('leaves pages alone, unless the app itself asks for one', () => {
    const asked = { ...logged('GET', '/deal/7'), client: 'Orderline/0.1.0' };
    expect(checkPipedriveRequest(asked)).toEqual(['GET /deal/7 is described nowhere']);
    expect(checkPipedriveRequest(logged('GET', '/deal/7'))).toEqual([]);
    expect(checkPipedriveRequest(logged('GET', '/oauth/authorize?client_id=x&response_type=code'))).toEqual([]);
  });

  it.each([
    ['an unknown property', { id: 7, titel: 'x' }, 'titel'],
    ['text for a number', { id: '7' }, 'id'],
    ['a list for an object', [], 'object'],
  ])('finds %s in an answer', (_name, data, expected) => {
    const entry = logged('GET', '/api/v2/deals/7', undefined, { success: true, data });
    expect(checkPipedriveAnswer(entry).join('\n')).toContain(expected);
  });

  it('does not judge refusals, nor what is null', () => {
    const refused = logged('GET', '/api/v2/deals/7', undefined, { success: false, error: 'x' }, 404);
    expect(checkPipedriveAnswer(refused)).toEqual([]);
    const nulls = { success: true, data: { id: 7, title: null } };
    expect(checkPipedriveAnswer(logged('GET', '/api/v2/deals/7', undefined, nulls))).toEqual([]);
  });
});

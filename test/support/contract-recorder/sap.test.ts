import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { contractsFolder } from './contracts-folder.ts';
import { checkSapAnswer } from './sap-answers.ts';
import { checkSapRequest } from './sap-requests.ts';

const folder = contractsFolder();

const Samples = z.object({
  exchanges: z.array(
    z.object({
      name: z.string(),
      request: z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }),
      response: z.object({
        status: z.number().optional(),
        body: z.unknown().optional(),
        body_excerpt: z.unknown().optional(),
      }),
    }),
  ),
});

function logged(method: string, path: string, body?: unknown, answer?: unknown, status = 200): LoggedRequest {
  const text = (value: unknown) =>
    value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  return { at: 0, side: 'sap', method, path, headers: {}, body: text(body), status, responseBody: text(answer) };
}

function samples(): { name: string; entry: LoggedRequest }[] {
  if (!folder) return [];
  const text = readFileSync(new URL('samples/sap-b1/service-layer-exchanges.json', folder), 'utf8');
  return Samples.parse(JSON.parse(text))
    .exchanges.filter(({ request }) => !request.path.endsWith('$batch'))
    .map(({ name, request, response }) => {
      // Some were recorded without their body.
      const body = request.body ?? (['POST', 'PATCH'].includes(request.method) ? {} : undefined);
      const answer = response.body ?? response.body_excerpt;
      return { name, entry: logged(request.method, request.path, body, answer, response.status ?? 200) };
    });
}

describe.skipIf(!folder)("requests against Service Layer's own metadata", () => {
  it.each(samples())('the recorded $name passes', ({ entry }) => {
    expect(checkSapRequest(entry)).toEqual([]);
    expect(checkSapAnswer(entry)).toEqual([]);
  });

  it.each([
    [
      'GET',
      "/b1s/v2/Orders?$filter=U_PD_Key eq 'O''Neill & Sons (x)' and Cancelled eq 'tNO'&$select=DocEntry,U_PD_Key",
    ],
    ['GET', '/b1s/v2/Orders?%24filter=U_PD_Key%20eq%20%27a%26b%27&$top=2'],
    [
      'GET',
      "/b1s/v1/BusinessPartners?$filter=(startswith(CardCode,'C')) or not (CardType eq 'C')&$orderby=CardCode desc",
    ],
    ['GET', "/b1s/v2/BusinessPartners('O''Neill%2F1')?$select=CardCode,ContactEmployees"],
    ['GET', '/b1s/v2/Items/$count'],
    ['GET', '/b1s/v2/$metadata'],
    ['GET', '/ping/'],
    ['POST', '/b1s/v2/Orders(7)/Cancel'],
    ['POST', '/b1s/v2/CompanyService_GetAdminInfo'],
    ['GET', "/b1s/v2/SpecialPrices(ItemCode='A-1',CardCode='C(1)')"],
    ['GET', "/b1s/v2/SBOBobService_GetCurrencyRate(Currency='USD',Date='20260304')"],
    ['GET', "/b1s/v2/SQLQueries('open')/List"],
    ['GET', '/b1s/v2/ProductTrees?$select=TreeCode,ProductTreeLines'],
    ['GET', '/b1s/v2/JournalEntries?$select=JdtNum&$filter=JdtNum gt 4'],
    ['GET', "/b1s/v2/EventSubscriptions?$filter=WebhookID eq 'x'&$select=WebhookID,EventCollection"],
    ['POST', "/b1s/v2/EventSubscriptions('x')/Pause"],
    ['GET', "/b1s/v2/U_PD_LINK('3b1c')?$select=Code,Name,U_Doc"],
    ['DELETE', '/b1s/v2/Drafts(7)'],
  ])('%s %s passes', (method, path) => {
    expect(checkSapRequest(logged(method, path))).toEqual([]);
  });

  it.each([
    ['an unknown set', 'GET', '/b1s/v2/Order', undefined, 'described nowhere'],
    ['an unknown property in $select', 'GET', '/b1s/v2/Orders?$select=DocEntry,DocNumber', undefined, 'DocNumber'],
    ['an unknown property in $filter', 'GET', "/b1s/v2/Items?$filter=Code eq 'x'", undefined, 'Code'],
    ['an unknown property in $orderby', 'GET', '/b1s/v2/Items?$orderby=Name asc', undefined, 'Name'],
    ['an unknown function', 'GET', "/b1s/v2/Items?$filter=tolower(ItemCode) eq 'x'", undefined, 'tolower'],
    ['an unknown enum member', 'GET', "/b1s/v2/BusinessPartners?$filter=CardType eq 'Customer'", undefined, 'Customer'],
    ['a number that is compared as text', 'GET', "/b1s/v2/Orders?$filter=DocEntry eq '7'", undefined, 'DocEntry'],
    ['a text that is compared bare', 'GET', '/b1s/v2/Orders?$filter=CardCode eq 7', undefined, 'CardCode'],
    ['a list in a comparison', 'GET', "/b1s/v2/Orders?$filter=DocumentLines eq 'x'", undefined, 'is a list'],
    ['a quoted number as key', 'GET', "/b1s/v2/Orders('7')", undefined, 'key'],
    ['a bare text as key', 'GET', '/b1s/v2/Items(A1)', undefined, 'key'],
    ['half of a key', 'GET', "/b1s/v2/SpecialPrices(ItemCode='A-1')", undefined, 'key'],
    ['a body of a read', 'GET', '/b1s/v2/Items', {}, 'body'],
    ['PUT', 'PUT', '/b1s/v2/Orders(7)', {}, 'PUT'],
    ['a name that a change may not hold', 'PATCH', '/b1s/v2/Orders(7)', { Coment: 'x' }, 'Coment'],
    ['an unknown name in a set of the full metadata', 'GET', '/b1s/v2/ProductTrees?$select=Code', undefined, 'Code'],
    ['an unknown name in a webhook', 'POST', '/b1s/v2/EventSubscriptions', { WebhookUrl: 'x' }, 'WebhookUrl'],
    [
      'a parameter that a function has not',
      'GET',
      "/b1s/v2/SBOBobService_GetCurrencyRate(Code='USD')",
      undefined,
      'Code',
    ],
    ['an open quote', 'GET', "/b1s/v2/Items?$filter=ItemCode eq 'O'Neill'", undefined, 'quote'],
    ['an unknown query option', 'GET', '/b1s/v2/Items?limit=5', undefined, 'limit'],
    ['a user field where there can be none', 'GET', '/b1s/v2/Currencies?$select=U_X,Cod', undefined, 'Cod'],
    ['an unknown property in a payload', 'POST', '/b1s/v2/Orders', { CardCode: 'C1', Lines: [] }, 'Lines'],
    ['an unknown property in a line', 'POST', '/b1s/v2/Orders', { DocumentLines: [{ Item: 'x' }] }, 'Item'],
    ['a number as text', 'POST', '/b1s/v2/Orders', { DocumentLines: [{ Quantity: '2' }] }, 'Quantity'],
    ['a date in another form', 'POST', '/b1s/v2/Orders', { DocDate: '31.01.2026' }, 'DocDate'],
    ['an unknown enum in a payload', 'POST', '/b1s/v2/BusinessPartners', { CardType: 'customer' }, 'CardType'],
    ['a navigation name in a payload', 'POST', '/b1s/v2/BusinessPartners', { PriceList: {} }, 'PriceList'],
    ['a method that is not for one entity', 'POST', '/b1s/v2/Orders(7)', {}, 'not for one entity'],
    ['an unknown action', 'POST', '/b1s/v2/Orders(7)/Delete', undefined, 'Delete'],
    ['an unknown parameter', 'POST', '/b1s/v2/CompanyService_GetItemPrice', { Item: 'x' }, 'parameter Item'],
    [
      'an unknown name in a parameter',
      'POST',
      '/b1s/v2/CompanyService_GetItemPrice',
      { ItemPriceParams: { Code: 'x' } },
      'Code',
    ],
  ])('finds %s', (_name, method, path, body, expected) => {
    expect(checkSapRequest(logged(method, path, body)).join('\n')).toContain(expected);
  });

  const batch = [
    '--b',
    'Content-Type: application/http',
    '',
    "GET /b1s/v2/Items?$filter=ItemCode%20eq%20'x'&$select=ItemCode HTTP/1.1",
    'Prefer: odata.maxpagesize=5',
    '',
    '',
    '--b',
    'Content-Type: multipart/mixed;boundary=c',
    '',
    '--c',
    'Content-Type: application/http',
    'Content-ID: 1',
    '',
    'POST /b1s/v2/Orders HTTP/1.1',
    'Content-Type: application/json',
    '',
    '{"CardCode":"C1","Wrong":1}',
    '--c--',
    '--b--',
    '',
  ].join('\r\n');

  it('looks into batches and their change sets', () => {
    expect(checkSapRequest(logged('POST', '/b1s/v2/$batch', batch))).toEqual([
      'POST Orders: body/Wrong is no property of Document',
    ]);
    expect(checkSapRequest(logged('POST', '/b1s/v2/$batch', 'nothing'))).toHaveLength(1);
    const answers = [
      '--r',
      'Content-Type: application/http',
      '',
      'HTTP/1.1 200 OK',
      'Content-Type: application/json',
      '',
      '{"value":[{"ItemCode":7}]}',
      '--r--',
    ].join('\r\n');
    expect(checkSapAnswer(logged('POST', '/b1s/v2/$batch', batch, answers))).toEqual([
      'Items: answer/value/0/ItemCode must be Edm.String',
    ]);
  });

  it('follows references inside a change set, and knows what may stand where', () => {
    const part = (request: string, id = 'Content-ID: 1\r\n', body = '') =>
      `Content-Type: application/http\r\n${id}\r\n${request} HTTP/1.1\r\n\r\n${body}\r\n`;
    const set = (...parts: string[]) =>
      `--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n${parts.map((text) => `--c\r\n${text}`).join('')}--c--\r\n--b--`;
    const check = (body: string) => checkSapRequest(logged('POST', '/b1s/v2/$batch', body));
    const create = part('POST /b1s/v2/U_PD_LINK', undefined, '{"Code":"k"}');
    const close = part('POST /b1s/v2/$2/Close', 'Content-ID: 3\r\n');
    const order = part('POST /b1s/v2/Orders', 'Content-ID: 2\r\n', '{"CardCode":"C1"}');
    expect(check(set(create, order, close))).toEqual([]);
    expect(check(set(create, order, part('POST /b1s/v2/$2/Shut', 'Content-ID: 3\r\n')))).toEqual([
      'POST Orders: Document has no action Shut',
    ]);
    expect(check(set(part('POST /b1s/v2/Orders', '', '{}')))).toEqual([
      '$batch has a change set part without a Content-ID',
    ]);
    expect(check(set(part('GET /b1s/v2/Orders')))).toEqual(['$batch has a GET inside of a change set']);
    expect(check(`--b\r\n${order}--b--`)).toEqual(['$batch has a POST outside of a change set']);
  });

  it.each([
    ['an unknown property', '/b1s/v2/Items', { value: [{ ItemCode: 'x', Nme: 'y' }] }, 'Nme'],
    ['an unknown enum', "/b1s/v2/BusinessPartners('x')", { CardType: 'x' }, 'CardType'],
    ['text for a number', '/b1s/v2/Orders(7)', { DocEntry: '7' }, 'DocEntry'],
    ['an unknown property that an operation gives', '/b1s/v2/CompanyService_GetItemPrice', { Prize: 1 }, 'Prize'],
  ])('finds %s in an answer', (_name, path, answer, expected) => {
    expect(checkSapAnswer(logged('GET', path, undefined, answer)).join('\n')).toContain(expected);
  });

  it('passes over annotations, nulls, user fields and refusals', () => {
    const entity = { '@odata.context': 'x', '@odata.etag': 'W/"1"', DocEntry: 7, Comments: null, U_PD_Key: 'k' };
    expect(checkSapAnswer(logged('GET', '/b1s/v2/Orders(7)', undefined, entity))).toEqual([]);
    const refusal = { error: { code: '-2028', message: 'x' } };
    expect(checkSapAnswer(logged('GET', '/b1s/v2/Orders(7)', undefined, refusal, 404))).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SlClient, World } from './sl-client.ts';
import { errorOf, openWorld, usualPair } from './sl-client.ts';

interface Write {
  readonly method?: string;
  readonly path: string;
  readonly body: object;
  readonly id?: string;
}

const httpPart = (text: string, id?: string) =>
  `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n${id === undefined ? '' : `Content-ID: ${id}\r\n`}\r\n${text}`;
const getPart = (path: string) => httpPart(`GET /b1s/v2/${path} HTTP/1.1\r\n\r\n\r\n`);
const writePart = ({ method = 'POST', path, body, id }: Write) =>
  httpPart(`${method} ${path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}\r\n`, id);
const changeSet = (...writes: Write[]) =>
  `Content-Type: multipart/mixed;boundary=set\r\n\r\n${writes.map((write) => `--set\r\n${writePart(write)}`).join('')}--set--\r\n`;
const batchBody = (...parts: string[]) => `${parts.map((part) => `--outer\r\n${part}`).join('')}--outer--\r\n`;

describe('practice SAP: batches', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.sap.close());

  const send = (client: SlClient, body: string) =>
    client.call('POST', '$batch', { body, headers: { 'Content-Type': 'multipart/mixed;boundary=outer' } });
  const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]));
  const partner = (code: string, more: object = {}): Write => ({
    path: '/b1s/v2/BusinessPartners',
    body: { CardCode: code, ...more },
    id: code,
  });

  it('answers 200 on v2 and 202 on v1, part by part', async () => {
    const v2 = await send(world.v2, batchBody(getPart("Warehouses('01')"), getPart('Items?$top=1&$select=ItemCode')));
    expect(v2.status).toBe(200);
    expect(v2.headers['content-type']).toMatch(/^multipart\/mixed;boundary=batchresponse_/);
    expect(statuses(v2.text)).toEqual([200, 200]);
    const v1 = await send(world.v1, batchBody(getPart("Warehouses('01')").replace('/b1s/v2/', '/b1s/v1/')));
    expect(v1.status).toBe(202);
  });

  it('stops at the first part that fails; those after it get no answer', async () => {
    const answer = await send(
      world.v2,
      batchBody(getPart("Warehouses('01')"), getPart("Warehouses('99')"), getPart("Warehouses('02')")),
    );
    expect(statuses(answer.text)).toEqual([200, 404]);
  });

  it('carries out a change set as a whole', async () => {
    const answer = await send(
      world.v2,
      batchBody(changeSet(partner('B1'), partner('B2')), getPart("BusinessPartners('B2')?$select=CardCode")),
    );
    expect(statuses(answer.text)).toEqual([201, 201, 200]);
    expect(world.office.partner('B1')['CardCode']).toBe('B1');
  });

  it('undoes a change set in which one part fails, and answers it with one single response', async () => {
    const { cardCode, itemCode } = usualPair(world);
    const orders = world.office.orders().length;
    const item = world.office.item(itemCode);
    const order: Write = {
      path: '/b1s/v2/Orders',
      id: '1',
      body: { CardCode: cardCode, DocDueDate: '2026-03-24', DocumentLines: [{ ItemCode: itemCode, Quantity: 2 }] },
    };
    const answer = await send(world.v2, batchBody(changeSet(order, partner('B3'), partner('B3'))));
    expect(answer.status).toBe(200);
    expect(statuses(answer.text)).toEqual([400]);
    expect(answer.text).toContain('1320000140');
    expect(world.office.orders()).toHaveLength(orders);
    expect(world.office.item(itemCode)['QuantityOrderedByCustomers']).toBe(item['QuantityOrderedByCustomers']);
    expect(() => world.office.partner('B3')).toThrow();
  });

  it('resolves $1 to what the part with Content-ID 1 has made', async () => {
    const create = { ...partner('B4'), id: '1' };
    const change: Write = { method: 'PATCH', path: '$1', body: { CardName: 'changed' }, id: '2' };
    expect(statuses((await send(world.v2, batchBody(changeSet(create, change)))).text)).toEqual([201, 204]);
    expect(world.office.partner('B4')['CardName']).toBe('changed');
  });

  it.each([
    [
      'without Content-ID on v2',
      () => batchBody(changeSet({ path: '/b1s/v2/BusinessPartners', body: { CardCode: 'B5' } })),
    ],
    ['with a write outside of a change set', () => batchBody(writePart(partner('B6')))],
    [
      'with a read inside of one',
      () =>
        batchBody(
          `Content-Type: multipart/mixed;boundary=set\r\n\r\n--set\r\n${httpPart('GET /b1s/v2/Items HTTP/1.1\r\n\r\n\r\n', '1')}--set--\r\n`,
        ),
    ],
    ['without a closing boundary', () => `--outer\r\n${getPart('Items')}`],
    [
      'with a GET part that lacks its second blank line',
      () => batchBody(httpPart('GET /b1s/v2/Items HTTP/1.1\r\n\r\n')),
    ],
  ])('refuses a batch %s with -1000', async (_what, body) => {
    const answer = await send(world.v2, body());
    expect(answer.status).toBe(400);
    expect(errorOf(answer).code).toBe('-1000');
  });

  it('ignores If-Match inside parts', async () => {
    const part = httpPart(
      'PATCH /b1s/v2/BusinessPartners(%27B1%27) HTTP/1.1\r\nContent-Type: application/json\r\nIf-Match: W/"NONSENSE"\r\n\r\n{}\r\n',
      '1',
    );
    const answer = await send(
      world.v2,
      batchBody(`Content-Type: multipart/mixed;boundary=set\r\n\r\n--set\r\n${part}--set--\r\n`),
    );
    expect(statuses(answer.text)).toEqual([204]);
  });
});

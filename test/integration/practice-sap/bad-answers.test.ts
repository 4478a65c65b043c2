import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fields } from '../../practice/kernel/json.ts';
import { numberOf, recordsOf } from '../../practice/kernel/json.ts';
import type { BadAnswer } from '../../practice/sap/bad-answers.ts';
import {
  batchReversed,
  batchWithoutBoundary,
  batchWithoutEnd,
  batchWithoutItem,
  nextLinkTo,
  withDecimalComma,
  withDigits,
  withoutProperties,
  withText,
  withValues,
} from '../../practice/sap/bad-answers.ts';
import type { OddBody } from '../../practice/sap/http/odd-bodies.ts';
import { BATCH_TYPE, changeSetBody, statusesIn } from './batch-bodies.ts';
import type { World } from './sl-client.ts';
import { errorOf, openWorld, usualPair } from './sl-client.ts';

describe('practice SAP: bad answers (requirements 5.8)', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.sap.close());

  const plant = (bad: BadAnswer) => world.sap.faults.add({ ...bad, path: /^(BusinessPartners|Items|\$batch)/ });
  const firstRow = async (query = 'BusinessPartners?$top=2'): Promise<Fields> => (await world.v2.list(query))[0] ?? {};
  const order = () => {
    const { cardCode, itemCode } = usualPair(world);
    return { CardCode: cardCode, DocDueDate: '2026-03-24', DocumentLines: [{ ItemCode: itemCode }] };
  };

  it('1: a session that ends between two pages', async () => {
    world.sap.faults.add({ kind: 'session_lost', path: /^BusinessPartners/, skip: 1 });
    expect((await world.v2.call('GET', 'BusinessPartners')).status).toBe(200);
    const second = await world.v2.call('GET', 'BusinessPartners?$skip=20');
    expect([second.status, errorOf(second).code]).toEqual([401, '301']);
  });

  it('2, 3, 5: an error with 200, a 201 without its body, a page of a gateway, an empty 500', async () => {
    const before = world.office.orders().length;
    const post = () => world.v2.call('POST', 'Orders', { body: order() });
    world.sap.faults.add({ kind: 'error_with_200', method: 'POST', code: -5002, message: 'Nein' });
    const refused = await post();
    expect([refused.status, errorOf(refused)]).toEqual([200, { code: '-5002', message: 'Nein' }]);
    world.sap.faults.add({ kind: 'html_200', method: 'POST' });
    expect(await post()).toMatchObject({ status: 200, text: expect.stringContaining('<html>') });
    world.sap.faults.add({ kind: 'empty_500_before', method: 'POST' });
    expect(await post()).toMatchObject({ status: 500, text: '' });
    expect(world.office.orders()).toHaveLength(before);
    world.sap.faults.add({ kind: 'empty_body', method: 'POST' });
    expect(await post()).toMatchObject({ status: 201, text: '' });
    world.sap.faults.add({ kind: 'html_200_after_commit', method: 'POST' });
    expect(await post()).toMatchObject({ status: 200, text: expect.stringContaining('<html>') });
    expect(world.office.orders()).toHaveLength(before + 2);
  });

  it('6: a next link to anywhere, on both versions', async () => {
    plant(nextLinkTo(() => 'https://evil.example/b1s/v2/Items'));
    expect((await world.v2.call('GET', 'BusinessPartners?$top=1')).body['@odata.nextLink']).toBe(
      'https://evil.example/b1s/v2/Items',
    );
    plant(nextLinkTo((own) => `${own}&again`));
    expect((await world.v1.call('GET', 'Items')).body['odata.nextLink']).toBe('/b1s/v1/Items?$skip=20&again');
  });

  it('8: rows that move while somebody pages', async () => {
    const [first] = await world.v2.list('BusinessPartners?$orderby=CardCode&$select=CardCode');
    world.sap.faults.add({
      kind: 'meanwhile',
      path: /skip=20/,
      meanwhile: () => void world.office.createPartner({ CardCode: '0-NEW', CardName: 'new' }),
    });
    const page = await world.v2.list('BusinessPartners?$orderby=CardCode&$select=CardCode&$skip=20');
    const all = await world.v2.list('BusinessPartners?$orderby=CardCode&$select=CardCode', {
      Prefer: 'odata.maxpagesize=0',
    });
    expect(all[0]).toMatchObject({ CardCode: '0-NEW' });
    expect(all[1]).toMatchObject({ CardCode: first?.['CardCode'] });
    expect(page[0]).toMatchObject({ CardCode: all[20]?.['CardCode'] });
  });

  it('9, 10, 11, 12: stamps, numbers, currencies and enums that are not as declared', async () => {
    plant(
      withValues({ UpdateDate: null, UpdateTime: '24:00:00', CreditLimit: '12.50', Currency: '##', CardType: 'cNew' }),
    );
    expect(await firstRow()).toMatchObject({ UpdateTime: '24:00:00', CreditLimit: '12.50', CardType: 'cNew' });
    plant(withoutProperties('UpdateTime'));
    expect(await firstRow()).not.toHaveProperty('UpdateTime');
    plant(withDecimalComma('CreditLimit'));
    expect((await firstRow())['CreditLimit']).toMatch(/^\d+(,\d+)?$/);
  });

  it('13: a number that stands on two documents of two series', async () => {
    const first = world.office.createOrder(order());
    const second = world.office.createOrder(order());
    world.office.overwrite('Orders', String(numberOf(second, 'DocEntry')), {
      DocNum: first['DocNum'] ?? 0,
      Series: 99,
    });
    const rows = await world.v2.list(`Orders?$filter=DocNum eq ${numberOf(first, 'DocNum')}&$select=DocEntry,Series`);
    expect(rows).toHaveLength(2);
    expect(rows[0]?.['Series']).not.toBe(rows[1]?.['Series']);
  });

  it('19: a batch that lacks an item, its end or its boundary, or mixes the order', async () => {
    const ask = async (bad: BadAnswer) => {
      plant(bad);
      const partner = (code: string) => ({ path: 'BusinessPartners', id: code, body: { CardCode: code } });
      const suffix = String(world.office.rows('BusinessPartners').length);
      const body =
        changeSetBody(partner(`A${suffix}`)).replace('--outer--\r\n', '') + changeSetBody(partner(`B${suffix}`));
      return world.v2.call('POST', '$batch', { body, headers: BATCH_TYPE });
    };
    const lacking = (await ask(batchWithoutItem(1))).text;
    expect(statusesIn(lacking)).toEqual([201]);
    expect(lacking).toContain('"CardCode":"A');
    expect((await ask(batchWithoutEnd())).text).not.toMatch(/--batchresponse_[\w-]+--\s*$/);
    expect((await ask(batchWithoutBoundary())).headers['content-type']).toBe('multipart/mixed');
    const reversed = (await ask(batchReversed())).text;
    expect(reversed.indexOf('"CardCode":"B')).toBeLessThan(reversed.indexOf('"CardCode":"A'));
  });

  it('19: a body cut short, one that never ends, one that drips, a bomb, a false gzip', async () => {
    const plantBody = (body: OddBody) => world.sap.faults.add({ kind: 'odd_body', path: /^Warehouses/, body });
    const ask = (body: OddBody) => {
      plantBody(body);
      return world.v2.call('GET', 'Warehouses');
    };
    await expect(ask('truncated')).rejects.toThrow();
    for (const kind of ['endless', 'drip'] as const) {
      const giveUp = new AbortController();
      const fault = plantBody(kind);
      const answer = world.v2.call('GET', 'Warehouses', { signal: giveUp.signal });
      await expect.poll(() => fault.hits()).toBe(1);
      giveUp.abort();
      await expect(answer).rejects.toThrow();
    }
    expect((await ask('gzip_bomb')).headers['content-encoding']).toBe('gzip');
    const lie = await ask('bad_gzip');
    expect(() => gunzipSync(lie.text)).toThrow();
    expect((await world.v2.call('GET', 'Warehouses')).status).toBe(200);
  });

  it('20: a clock that is three hours off, in ping and in stamps', async () => {
    world.sap.skewClock(3 * 3_600_000);
    const pong = await world.v2.call('GET', '/ping/');
    expect(Number(pong.body['timestamp']) * 1000).toBe(world.clock.now() + 3 * 3_600_000);
    expect(world.office.createPartner({ CardCode: 'SKEW' })['UpdateTime']).toBe('15:00:00');
  });

  it('20: a company restored from yesterday gives the same numbers again, and another name', async () => {
    const before = world.office.orders().length;
    const restore = world.office.backUp();
    const lost = world.office.createOrder(order());
    restore();
    expect(world.office.orders()).toHaveLength(before);
    expect(world.office.createOrder(order())['DocEntry']).toBe(lost['DocEntry']);
    world.office.settings.companyName = 'Test Nordlicht';
    const admin = await world.v2.call('GET', 'CompanyService_GetAdminInfo');
    expect(admin.body['CompanyName']).toBe('Test Nordlicht');
  });

  it('numbers beyond what a double holds come as they are', async () => {
    plant(withDigits('CreditLimit', '12345678901234567.89'));
    expect((await world.v2.call('GET', 'BusinessPartners?$top=1')).text).toContain(
      '"CreditLimit":12345678901234567.89',
    );
    plant(withText((text) => text.replaceAll('"value":', '"value" : ')));
    expect(recordsOf((await world.v2.call('GET', 'BusinessPartners?$top=1')).body, 'value')).toHaveLength(1);
  });
});

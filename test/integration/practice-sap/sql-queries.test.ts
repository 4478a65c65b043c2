import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsOf } from '../../practice/kernel/json.ts';
import type { World } from './sl-client.ts';
import { errorOf, openWorld, usualPair } from './sl-client.ts';

describe('practice SAP: SQL queries', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.sap.close());

  const make = (SqlCode: string, SqlText: string) =>
    world.v2.call('POST', 'SQLQueries', { body: { SqlCode, SqlName: SqlCode, SqlText } });

  it('keeps a query, derives its parameters, and runs it either way, dates as yyyymmdd', async () => {
    const text =
      'SELECT "CardCode", T0."UpdateDate" AS "D" FROM OCRD T0 WHERE T0."CardCode" >= :from AND CardType = \'C\' ORDER BY CardCode';
    expect(await make('partners', text)).toMatchObject({ status: 201, body: { ParamList: 'from' } });
    const answer = await world.v2.call('GET', "SQLQueries('partners')/List?from='C'");
    expect(answer.body['SqlText']).toBe(text);
    const [first] = recordsOf(answer.body, 'value');
    expect(first?.['D']).toMatch(/^\d{8}$/);
    expect(recordsOf(answer.body, 'value')).toHaveLength(20);
    const next = await world.v2.call('GET', String(answer.body['@odata.nextLink']));
    expect(recordsOf(next.body, 'value')[0]).not.toEqual(first);
    const posted = await world.v1.call('POST', "SQLQueries('partners')/List", { body: { ParamList: "from='C'" } });
    expect(recordsOf(posted.body, 'value')[0]).toEqual(first);
  });

  it('reads the stock of one item in all warehouses', async () => {
    const { itemCode } = usualPair(world);
    await make('stock', 'select WhsCode, OnHand, IsCommited from OITW where ItemCode = :item');
    const answer = await world.v2.call('GET', `SQLQueries('stock')/List?item='${itemCode}'`);
    const stock = recordsOf(world.office.item(itemCode), 'ItemWarehouseInfoCollection');
    expect(recordsOf(answer.body, 'value').map((row) => row['OnHand'])).toEqual(stock.map((row) => row['InStock']));
  });

  it.each([
    ['all columns', 'select * from OCRD', '701'],
    ['a function', 'select length(CardCode) as n from OCRD', '701'],
    ['a change', 'delete from OCRD', '701'],
    ['a table that is not allowed', 'select ItemCode from OSPP', '702'],
    ['an unknown column', 'select Password from OCRD', '703'],
  ])('refuses %s', async (what, sql, code) => {
    const answer = await make(`bad ${what}`, sql);
    expect([answer.status, errorOf(answer).code]).toEqual([400, code]);
  });

  it('refuses to run without a parameter, without the right, and on older servers', async () => {
    await make('open', 'select DocEntry from ORDR where CardCode = :who');
    expect(errorOf(await world.v2.call('GET', "SQLQueries('open')/List")).code).toBe('704');
    world.office.settings.sqlQueries = 'no_right';
    const refused = await world.v2.call('GET', "SQLQueries('open')/List?who='x'");
    expect([refused.status, errorOf(refused).code]).toEqual([403, '-6006']);
    world.office.settings.sqlQueries = 'absent';
    expect((await world.v2.call('GET', 'SQLQueries')).status).toBe(400);
  });
});

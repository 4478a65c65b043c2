import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { numberOf, textOf } from '../../practice/kernel/json.ts';
import type { Write } from './batch-bodies.ts';
import { BATCH_TYPE, changeSetBody, statusesIn } from './batch-bodies.ts';
import type { World } from './sl-client.ts';
import { errorOf, filterPath, openWorld, usualPair } from './sl-client.ts';

const TABLE = { TableName: 'PD_LINK', TableDescription: 'Pipedrive links', TableType: 'bott_NoObject' };

describe('practice SAP: user tables and keys', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.sap.close());

  it('makes a user table once, shows it, and serves its rows under U_ and its name', async () => {
    expect((await world.v2.call('POST', 'U_PD_LINK', { body: { Code: 'k1', Name: 'k1' } })).status).toBe(400);
    const made = await world.v2.call('POST', 'UserTablesMD', { body: TABLE });
    expect(made).toMatchObject({ status: 201, body: { TableName: 'PD_LINK', TableType: 'bott_NoObject' } });
    const again = await world.v2.call('POST', 'UserTablesMD', { body: { ...TABLE, TableName: 'pd_link' } });
    expect(errorOf(again).code).toBe('-2035');
    expect((await world.v2.call('GET', "UserTablesMD('PD_LINK')")).status).toBe(200);

    await world.v2.call('POST', 'UserFieldsMD', {
      body: { TableName: '@PD_LINK', Name: 'Deal', Type: 'db_Numeric', Description: 'deal' },
    });
    const row = await world.v2.call('POST', 'U_PD_LINK', { body: { Code: "k'1", Name: 'deal 7', U_Deal: 7 } });
    expect(row).toMatchObject({ status: 201, body: { Code: "k'1", Name: 'deal 7', U_Deal: 7 } });
    expect((await world.v1.call('GET', "U_PD_LINK('k''1')")).body).toMatchObject({ U_Deal: 7 });
    expect(await world.v2.list(filterPath('U_PD_LINK', 'U_Deal eq 7', '&$select=Code'))).toMatchObject([
      { Code: "k'1" },
    ]);
    expect((await world.v2.call('GET', '$metadata')).text).toContain('<EntitySet Name="U_PD_LINK"');
    expect((await world.v2.call('DELETE', "UserTablesMD('PD_LINK')")).status).toBe(400);
    expect((await world.v2.call('DELETE', "U_PD_LINK('k''1')")).status).toBe(204);
    expect((await world.v2.call('DELETE', "UserTablesMD('PD_LINK')")).status).toBe(204);
    expect((await world.v2.call('GET', 'U_PD_LINK')).status).toBe(400);
  });

  it.each([
    ['the same Code', { Code: 'k1', Name: 'other' }, '-2035'],
    ['the same Name', { Code: 'k2', Name: 'k1' }, '-2035'],
    ['no Name', { Code: 'k2' }, '-5002'],
    ['a Code over 50 characters', { Code: 'k'.repeat(51), Name: 'long' }, '-1004'],
    ['an unknown field', { Code: 'k2', Name: 'k2', U_Nope: 1 }, '-1000'],
  ])('refuses a row with %s', async (_what, row, code) => {
    await world.v2.call('POST', 'UserTablesMD', { body: TABLE });
    await world.v2.call('POST', 'U_PD_LINK', { body: { Code: 'k1', Name: 'k1' } });
    const answer = await world.v2.call('POST', 'U_PD_LINK', { body: row });
    expect(errorOf(answer).code).toBe(code);
    expect(world.office.rows('U_PD_LINK')).toHaveLength(1);
  });

  it('hides a new table until a restart where the company is set up so', async () => {
    world.office.settings.userFieldsNeedRestart = true;
    expect((await world.v2.call('POST', 'UserTablesMD', { body: TABLE })).status).toBe(201);
    expect((await world.v2.call('GET', 'U_PD_LINK')).status).toBe(400);
    world.sap.restart();
    await world.v2.login();
    expect((await world.v2.call('GET', 'U_PD_LINK')).status).toBe(200);
  });

  it('refuses what the user has no right to, reading and writing apart', async () => {
    world.office.settings.denies = (method, resource) => method === 'POST' && resource === 'UserTablesMD';
    const answer = await world.v2.call('POST', 'UserTablesMD', { body: TABLE });
    expect(answer.status).toBe(403);
    expect(errorOf(answer).code).toBe('-3000');
    expect((await world.v2.call('GET', 'UserTablesMD')).status).toBe(200);
  });

  describe('with the key field on orders', () => {
    const order = (key?: string) => {
      const { cardCode, itemCode } = usualPair(world);
      return {
        CardCode: cardCode,
        DocDueDate: '2026-03-24',
        DocumentLines: [{ ItemCode: itemCode, Quantity: 1 }],
        ...(key === undefined ? {} : { U_PD_Key: key }),
      };
    };
    const key = {
      TableName: 'ORDR',
      KeyName: 'PD_KEY',
      Unique: 'tYES',
      UserKeysMD_Elements: [{ ColumnAlias: 'PD_Key' }],
    };
    beforeEach(
      () => void world.office.addUserField({ TableName: 'ORDR', Name: 'PD_Key', Description: 'key', EditSize: 64 }),
    );

    it('keeps a unique key: the second order with it is refused and leaves nothing', async () => {
      const before = world.office.orders().length;
      expect(await world.v2.call('POST', 'UserKeysMD', { body: key })).toMatchObject({
        status: 201,
        body: { KeyIndex: 0 },
      });
      expect((await world.v2.call('POST', 'Orders', { body: order('a') })).status).toBe(201);
      expect(errorOf(await world.v2.call('POST', 'Orders', { body: order('a') })).code).toBe('-2035');
      expect((await world.v2.call('POST', 'Orders', { body: order() })).status).toBe(201);
      expect((await world.v2.call('POST', 'Orders', { body: order() })).status).toBe(201);
      expect(world.office.orders()).toHaveLength(before + 3);
    });

    it('on SQL Server such a key cannot stand beside old orders without one, and stops every second manual order', async () => {
      world.office.settings.database = 'mssql';
      expect(errorOf(await world.v2.call('POST', 'UserKeysMD', { body: key })).code).toBe('-2035');
    });

    it('writes link and order together, or neither', async () => {
      await world.v2.call('POST', 'UserTablesMD', { body: TABLE });
      const before = world.office.orders().length;
      const link: Write = { path: '/b1s/v2/U_PD_LINK', id: '1', body: { Code: 'k1', Name: 'k1' } };
      const post = (...writes: Write[]) =>
        world.v2.call('POST', '$batch', { body: changeSetBody(...writes), headers: BATCH_TYPE });
      const first = await post(link, { path: '/b1s/v2/Orders', id: '2', body: order('k1') });
      expect(first.status).toBe(200);
      expect(statusesIn(first.text)).toEqual([201, 201]);
      const second = await post(link, { path: '/b1s/v2/Orders', id: '2', body: order('k1') });
      expect(statusesIn(second.text)).toEqual([400]);
      expect(second.text).toContain('-2035');
      const refused = await post(
        { ...link, body: { Code: 'k2', Name: 'k2' } },
        { path: '/b1s/v2/Orders', id: '2', body: { ...order('k2'), CardCode: 'NOPE' } },
      );
      expect(statusesIn(refused.text)).toEqual([400]);
      expect(world.office.rows('U_PD_LINK').map((row) => textOf(row, 'Code'))).toEqual(['k1']);
      expect(world.office.orders()).toHaveLength(before + 1);
    });

    it('does nothing at all of a batch that is malformed further down', async () => {
      await world.v2.call('POST', 'UserTablesMD', { body: TABLE });
      const body = changeSetBody({ path: '/b1s/v2/U_PD_LINK', id: '1', body: { Code: 'k1', Name: 'k1' } }).replace(
        '--outer--',
        `${changeSetBody({ path: '/b1s/v2/U_PD_LINK', body: { Code: 'k2', Name: 'k2' } })}`,
      );
      const answer = await world.v2.call('POST', '$batch', { body, headers: BATCH_TYPE });
      expect([answer.status, errorOf(answer).code]).toEqual([400, '-1000']);
      expect(world.office.rows('U_PD_LINK')).toEqual([]);
    });

    it.each([
      ['makes the draft and keeps the link', 'draft', [201, 204], 1],
      ['refuses the whole set', 'refuse', [404], 0],
    ] as const)('with an approval inside a change set: %s', async (_what, mode, statuses, kept) => {
      await world.v2.call('POST', 'UserTablesMD', { body: TABLE });
      world.office.requireApproval(true);
      world.office.settings.approvalInChangeSet = mode;
      const answer = await world.v2.call('POST', '$batch', {
        headers: BATCH_TYPE,
        body: changeSetBody(
          { path: '/b1s/v2/U_PD_LINK', id: '1', body: { Code: 'k1', Name: 'k1' } },
          { path: '/b1s/v2/Orders', id: '2', body: order('k1'), headers: { Prefer: 'return-no-content' } },
        ),
      });
      expect(statusesIn(answer.text)).toEqual(statuses);
      expect(world.office.rows('U_PD_LINK')).toHaveLength(kept);
      expect(world.office.drafts()).toHaveLength(kept);
      expect(world.office.rows('ApprovalRequests')).toHaveLength(kept);
      if (kept === 1) expect(numberOf(world.office.drafts()[0] ?? {}, 'DocEntry')).toBeGreaterThan(0);
    });
  });
});

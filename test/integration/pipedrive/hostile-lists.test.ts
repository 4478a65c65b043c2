import { afterEach, describe, expect, it } from 'vitest';
import type { Crm, CrmCaller } from '../../../server/app/ports/crm.ts';
import { RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import { type Answering, jsonAnswer, startRaw } from './raw-server.ts';

const DEAL = {
  id: 7,
  title: 'Desks',
  status: 'won',
  won_time: '2026-03-02T08:00:00Z',
  update_time: '2026-03-02T08:00:00Z',
  currency: 'EUR',
  value: 0.3,
};
const SINCE = new Date('2026-03-01T00:00:00.900Z');
const LINE = { id: 1, deal_id: 7, product_id: 3, name: 'Desk', quantity: 1, item_price: 10, sum: 10 };
const IMPLAUSIBLE = { kind: 'unavailable', message: expect.stringContaining('not asked for') };

describe('lists that Pipedrive should not give (5.7)', () => {
  let raw: Awaited<ReturnType<typeof startRaw>> | undefined;
  afterEach(async () => {
    await raw?.close();
    raw = undefined;
  });
  const against = async (answering: Answering) => {
    raw = await startRaw(answering);
    return raw;
  };
  const listing = (data: unknown, cursor: string | null = null) =>
    against(jsonAnswer({ success: true, data, additional_data: { next_cursor: cursor } }));

  it.each([
    ['null', null],
    ['an empty list', []],
  ])('5.7 no. 5: a list with %s is empty', async (_name, data) => {
    const { crm, caller } = await listing(data);
    await expect(crm.listDealLines(caller, 7)).resolves.toEqual([]);
    await expect(crm.listProductsByIds(caller, [3])).resolves.toEqual([]);
  });

  it.each([
    ['5.7 no. 5: an object', {}],
    ['5.7 no. 14: an id beyond 2^53', [{ id: 2 ** 53 + 2, name: 'x' }]],
    ['an id as text', [{ id: '7', name: 'x' }]],
  ])('a list of organizations with %s is refused', async (_name, data) => {
    const { crm, caller } = await listing(data);
    await expect(collect(crm.listOrganizations(caller, { customFields: [] }))).rejects.toBeInstanceOf(RejectedError);
  });

  it('5.7 no. 6: stops when the same cursor comes for ever', async () => {
    const { crm, caller, seen } = await listing([{ id: 1, name: 'x' }], 'again');
    await expect(collect(crm.listProducts(caller, {}))).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toHaveLength(2);
  });

  it('5.7 no. 6: stops when pages of API v1 start where they started', async () => {
    const additional_data = { pagination: { more_items_in_collection: true, next_start: 0 } };
    const { crm, caller, seen } = await against(jsonAnswer({ success: true, data: [], additional_data }));
    await expect(crm.listDealNotes(caller, 7)).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toHaveLength(1);
  });

  it('5.7 no. 7: goes on after a page without rows that names a next one', async () => {
    const { crm, caller } = await against((request, response) => {
      const last = request.url?.includes('cursor=two%2B%2F') ?? false;
      const data = last ? [{ id: 5, name: 'y', code: 42 }] : [];
      jsonAnswer({ success: true, data, additional_data: { next_cursor: last ? null : 'two+/' } })(request, response);
    });
    await expect(collect(crm.listProducts(caller, {}))).resolves.toMatchObject([{ id: 5, name: 'y', code: '42' }]);
  });

  it('5.7 no. 7: empty pages that always name a new next one end the run', async () => {
    let next = 0;
    const { crm, caller, seen } = await against((request, response) => {
      next += 1;
      jsonAnswer({ success: true, data: [], additional_data: { next_cursor: `c${next}` } })(request, response);
    });
    await expect(collect(crm.listProducts(caller, {}))).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toHaveLength(21);
  });

  it('5.7 no. 8: a row on two pages is one row', async () => {
    const { crm, caller } = await against((request, response) => {
      const last = request.url?.includes('cursor') ?? false;
      const data = last ? [{ id: 2 }, { id: 3 }] : [{ id: 1 }, { id: 2 }];
      jsonAnswer({ success: true, data, additional_data: { next_cursor: last ? null : 'b' } })(request, response);
    });
    const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);
    expect(ids(await collect(crm.listOrganizations(caller, { customFields: [] })))).toEqual([1, 2, 3]);
    expect(ids(await crm.listPersonsByIds(caller, [1, 2, 3]))).toEqual([1, 2, 3]);
  });

  it('5.7 no. 8: a deal line on two pages is one line, or it would be ordered twice', async () => {
    const { crm, caller } = await against((request, response) => {
      const last = request.url?.includes('cursor') ?? false;
      const data = (last ? [2, 3] : [1, 2]).map((id) => ({ ...LINE, id }));
      jsonAnswer({ success: true, data, additional_data: { next_cursor: last ? null : 'b' } })(request, response);
    });
    const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);
    expect(ids(await crm.listDealLines(caller, 7))).toEqual([1, 2, 3]);
    expect(ids((await crm.listDealLinesOf(caller, [7])).get(7) ?? [])).toEqual([1, 2, 3]);
  });

  it('5.7 no. 9: what is missing from an answer is left out, never made up', async () => {
    const { crm, caller } = await listing([{ id: 1 }]);
    await expect(crm.listPersonsByIds(caller, [1, 2])).resolves.toHaveLength(1);
    const lines = await crm.listDealLinesOf(caller, []);
    expect(lines.size).toBe(0);
  });

  const ignored: readonly [string, unknown[], (crm: Crm, caller: CrmCaller) => Promise<unknown>][] = [
    ['ids', [DEAL, { ...DEAL, id: 9 }], (crm, caller) => crm.listDealsByIds(caller, [7])],
    ['ids of organizations', [{ id: 2 }], (crm, caller) => crm.listOrganizationsByIds(caller, [1], [])],
    ['deal_ids', [LINE, { ...LINE, deal_id: 8 }], (crm, caller) => crm.listDealLinesOf(caller, [7])],
    ['status=deleted', [DEAL], (crm, caller) => collect(crm.listDeletedDeals(caller, SINCE))],
    [
      'updated_since',
      [DEAL, { ...DEAL, update_time: '2026-01-01T00:00:00Z' }],
      (crm, caller) => collect(crm.listChangedDeals(caller, { updatedSince: SINCE, archived: false })),
    ],
    [
      'updated_since of products',
      [{ id: 3, update_time: '2026-01-01 00:00:00' }],
      (crm, caller) => collect(crm.listProducts(caller, { updatedSince: SINCE })),
    ],
    [
      'org_id of persons',
      [
        { id: 1, org_id: 3 },
        { id: 2, org_id: 4 },
      ],
      (crm, caller) => collect(crm.listPersons(caller, { organizationId: 3 })),
    ],
    ['org_id of deals', [{ ...DEAL, org_id: 4 }], (crm, caller) => crm.listDealsOfOrganization(caller, 3)],
    ['deal_id of notes', [{ id: 1, deal_id: 8, content: 'x' }], (crm, caller) => crm.listDealNotes(caller, 7)],
  ];
  it.each(ignored)('5.7 no. 10, SY-12: %s ignored, and the run stops with nothing taken', async (_name, data, run) => {
    const { crm, caller, seen } = await listing(data);
    await expect(run(crm, caller)).rejects.toMatchObject(IMPLAUSIBLE);
    expect(seen).toHaveLength(1);
  });

  it('5.7 no. 10, SY-12: a page of more than twice the rows asked for ends the run', async () => {
    const { crm, caller } = await listing(Array.from({ length: 1_001 }, (_, index) => ({ id: index + 1, name: 'x' })));
    await expect(collect(crm.listProducts(caller, {}))).rejects.toMatchObject(IMPLAUSIBLE);
  });

  it.each([
    ['null', null],
    ['a local format', '02.03.2026 09:00'],
    ['in the future', '2036-01-01T00:00:00Z'],
    ['in the format of API v1', '2026-03-02 08:00:00'],
  ])('5.7 no. 11: a time of change that is %s keeps no record back', async (_name, update_time) => {
    const { crm, caller } = await listing([{ ...DEAL, update_time }]);
    const read = crm.listChangedDeals(caller, { updatedSince: SINCE, archived: false });
    await expect(collect(read)).resolves.toHaveLength(1);
  });

  it('5.7 no. 12: custom fields of any type are carried, and a field without options has none', async () => {
    const custom_fields = { a: { value: 1, currency: 'EUR' }, b: null, c: [1, 99], d: { x: { y: [] } }, e: 42 };
    const { crm, caller } = await listing([{ id: 1, name: 'x', custom_fields }]);
    const [organization] = await crm.listOrganizationsByIds(caller, [1], ['a']);
    expect(organization?.customFields).toEqual(custom_fields);
  });

  it('5.7 no. 13: a deal whose value cannot be carried is read all the same, without it', async () => {
    const bad = { ...DEAL, id: 8, value: 1e21 };
    const { crm, caller } = await against((request, response) => {
      const single = request.url === '/api/v2/deals/8';
      const rows = [bad, { ...bad, id: 9, value: '1,000.00' }, { ...DEAL, value: 0.1 + 0.2, currency: 'XXX' }];
      jsonAnswer({ success: true, data: single ? bad : rows })(request, response);
    });
    const read = await collect(crm.listChangedDeals(caller, { updatedSince: SINCE, archived: false }));
    const expected = [
      [8, null, 'EUR'],
      [9, null, 'EUR'],
      [7, '0.3', 'XXX'],
    ];
    expect(read.map(({ id, value, currency }) => [id, value, currency])).toEqual(expected);
    await expect(crm.listDealsByIds(caller, [7, 8, 9])).resolves.toHaveLength(3);
    await expect(crm.getDeal(caller, 8)).resolves.toMatchObject({ id: 8, value: null, status: 'won' });
  });

  it('a deal that cannot be read otherwise does not hide the others', async () => {
    const { crm, caller } = await listing([{ ...DEAL, id: 8, status: 'mislaid' }, DEAL]);
    await expect(crm.listDealsByIds(caller, [7, 8])).resolves.toMatchObject([{ id: 7 }]);
  });

  it.each<[string, object, { what: string; text: string; tooLong: boolean }]>([
    ['100 / 3', { item_price: 100 / 3 }, { what: 'price', text: '33.333333333333336', tooLong: true }],
    ['0.1 + 0.2', { item_price: 0.1 + 0.2 }, { what: 'price', text: '0.30000000000000004', tooLong: true }],
    ['1e21', { item_price: 1e21 }, { what: 'price', text: '1000000000000000000000', tooLong: true }],
    ['1,000.00', { item_price: '1,000.00' }, { what: 'price', text: '1,000.00', tooLong: false }],
    ['many digits', { quantity: '1'.repeat(90) }, { what: 'quantity', text: `${'1'.repeat(40)}…`, tooLong: true }],
    ['a discount', { discount: 100 / 3 }, { what: 'discount', text: '33.333333333333336', tooLong: true }],
    ['a sum', { sum: 1e21 }, { what: 'total', text: '1000000000000000000000', tooLong: true }],
  ])(
    '5.7 no. 13: a line with an amount that cannot be carried (%s) keeps its name, and hides no other',
    async (_name, bad, amount) => {
      const good = { ...LINE, id: 2, sum: 0.1 + 0.2 };
      const { crm, caller } = await listing([{ ...LINE, ...bad }, good]);
      const expected = [
        { id: 1, name: 'Desk', enabled: true, unreadable: [amount] },
        { id: 2, unitPrice: '10', sum: '0.3' },
      ];
      await expect(crm.listDealLines(caller, 7)).resolves.toMatchObject(expected);
      expect((await crm.listDealLinesOf(caller, [7, 8])).get(7)).toMatchObject(expected);
    },
  );

  it('says that an organization has more deals than one page', async () => {
    const deal = { ...DEAL, org_id: 3 };
    const { crm, caller } = await listing([deal], 'next');
    await expect(crm.listDealsOfOrganization(caller, 3)).resolves.toMatchObject({ deals: [{ id: 7 }], more: true });
  });

  it('a line that cannot be read for another reason is listed too', async () => {
    const { crm, caller } = await listing([{ ...LINE, product_id: '3', name: null, is_enabled: false }]);
    const expected = [{ id: 1, name: 'Line 1', enabled: false, unreadable: [] }];
    await expect(crm.listDealLines(caller, 7)).resolves.toEqual(expected);
  });

  it('5.7 no. 15: a deal with 500 lines, the same product often, negative, at 100 % off, with tax in the price', async () => {
    const lines = Array.from({ length: 500 }, (_, index) => ({
      ...LINE,
      id: index + 1,
      quantity: index % 2 === 0 ? 1 : -2.5,
      discount: 100,
      discount_type: 'percentage',
      tax: 19,
      tax_method: 'inclusive',
      sum: 0,
    }));
    const { crm, caller } = await listing(lines);
    const read = await crm.listDealLines(caller, 7);
    expect(read).toHaveLength(500);
    expect(read[1]).toMatchObject({ quantity: '-2.5', discount: '100', taxMethod: 'inclusive', sum: '0' });
    expect((await crm.listDealLinesOf(caller, [7, 8])).get(7)).toEqual(read);
  });
});

async function collect<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

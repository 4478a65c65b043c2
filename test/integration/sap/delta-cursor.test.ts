import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChangeSource, walkDelta } from '../../../server/app/inbound-sync/delta-walk.ts';
import type { ErpItem, ErpPartner } from '../../../server/app/ports/erp.ts';
import type { SapCompany } from '../../../server/sap/company.ts';
import { listItemsChanged } from '../../../server/sap/resources/items.ts';
import { listPartnersChanged } from '../../../server/sap/resources/partners.ts';
import { LIVES, life, play, replay } from './delta-lives.ts';
import { inProcessSap } from './in-process-company.ts';

/** So many lives in `npm test`; `npm run test:soak` plays 10,000. A seed that fails is printed; ORDERLINE_SEED replays it. */
describe('a delta that follows SAP through a life of changes', () => {
  it(`SY-01 SY-02 SY-03 SY-04 SY-06 SY-13 misses no change in ${LIVES} lives`, {
    timeout: 3 * 60 * 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(life, async (drawn) => {
        expect(await play(drawn)).toEqual([]);
      }),
      { numRuns: LIVES, ...replay },
    );
  });
});

const partnersOf = (company: SapCompany): ChangeSource<ErpPartner> => ({
  listChanged: (from, after, limit) => listPartnersChanged(company, from, after, limit),
  keyOf: ({ cardCode }) => cardCode,
  stampOf: ({ updated }) => updated,
});

const itemsOf = (company: SapCompany): ChangeSource<ErpItem> => ({
  listChanged: (from, after, limit) => listItemsChanged(company, from, after, limit),
  keyOf: ({ itemCode }) => itemCode,
  stampOf: ({ updated }) => updated,
});

describe('SY-05 more records of one stamp than fit into a page', () => {
  it.each([
    [20, 'as_asked'],
    [100, 'as_asked'],
    [500, 'as_asked'],
    [500, 'always_20'],
  ] as const)('5,000 are all read, %i at a time where pages are %s', async (limit, pageSizes) => {
    const sap = inProcessSap({ settings: { pageSizes } });
    const table = sap.books.table('BusinessPartners');
    table.reset([]);
    for (let number = 0; number < 5_000; number += 1) {
      const CardCode = `C${String(number).padStart(5, '0')}`;
      table.put(CardCode, { CardCode, CardName: 'x', UpdateDate: '2026-03-04', UpdateTime: '10:00:07' });
    }
    const source = partnersOf(sap.company);
    const seen = new Set<string>();
    for await (const { page } of walkDelta(source, { date: '2026-03-04', time: '10:00:00' }, limit, () => 0)) {
      for (const row of page.rows) seen.add(row.cardCode);
    }
    expect(seen.size).toBe(5_000);
    // Each row once, the first page once more, and what has to be asked to know that it is over.
    const pages = 5_000 / (pageSizes === 'always_20' ? 20 : limit);
    expect(sap.asked.length).toBeLessThanOrEqual(pages + 8);
  });
});

describe('stamps of every make', () => {
  const row = (code: string, stamp: Record<string, string>) => ({ ItemCode: code, ItemName: code, ...stamp });

  it.each([
    ['no time at all', [{ UpdateDate: '2026-03-04' }, { UpdateDate: '2026-03-03' }]],
    ['midnight for a time', [{ UpdateDate: '2026-03-04', UpdateTime: '00:00:00' }]],
    ['minutes only', [{ UpdateDate: '2026-03-04', UpdateTime: '10:01' }]],
    [
      '24:00:00',
      [
        { UpdateDate: '2026-03-03', UpdateTime: '24:00:00' },
        { UpdateDate: '2026-03-04', UpdateTime: '10:00:00' },
      ],
    ],
    ['a time in some', [{ UpdateDate: '2026-03-04' }, { UpdateDate: '2026-03-04', UpdateTime: '10:30:00' }]],
    ['creation only', [{ CreateDate: '2026-03-04', CreateTime: '10:30:00' }]],
  ])('with %s are walked to their end, one at a time too', async (_name, stamps) => {
    const sap = inProcessSap();
    const table = sap.books.table('Items');
    table.reset([]);
    for (let copy = 0; copy < 5; copy += 1) {
      stamps.forEach((stamp, index) => {
        const code = `I${index}-${copy}`;
        table.put(code, row(code, stamp));
      });
    }
    for (const limit of [1, 2, 500]) {
      const seen = new Set<string>();
      let pages = 0;
      const source = itemsOf(sap.company);
      for await (const { page } of walkDelta(source, { date: '2026-03-03', time: '09:00:00' }, limit, () => 0)) {
        for (const { itemCode } of page.rows) seen.add(itemCode);
        pages += 1;
        expect(pages).toBeLessThan(60);
      }
      expect(seen.size).toBe(stamps.length * 5);
    }
  });

  it('of a server that does not compare times with nothing are walked without that question', async () => {
    const sap = inProcessSap();
    const strict = { ...sap.company };
    strict.read = (build, parse, lane) => {
      const { target } = build({ path: '/b1s/v2', functionMethod: 'GET' });
      if (/Time%20eq%20null/.test(target))
        return sap.company.read(() => ({ method: 'GET', target: 'Items?$filter=No' }), parse, lane);
      return sap.company.read(build, parse, lane);
    };
    const { rows, done } = await listItemsChanged(strict, { date: '2000-01-01', time: '00:00:00' }, null, 500);
    expect(done).toBe(true);
    expect(rows.length).toBe(sap.books.table('Items').count());
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page, Stamp } from '../../../server/app/ports/erp.ts';
import { connectErp, postToSap, type Sap, startSap } from './sap-bench.ts';

const START: Stamp = { date: '2000-01-01', time: '00:00:00' };

let bench: Sap;
beforeAll(async () => {
  bench = await startSap();
});
afterAll(() => bench.close());

type Row = { readonly key: string; readonly updated: Stamp | null };

/** As the app walks: from the last row of a page, until it is done. */
async function walk(page: (after: { stamp: Stamp; key: string } | null) => Promise<Page<Row>>) {
  const seen: Row[] = [];
  let after: { stamp: Stamp; key: string } | null = null;
  for (let pages = 1; pages < 100; pages += 1) {
    const { rows, done }: Page<Row> = await page(after);
    seen.push(...rows);
    const last = rows.at(-1);
    if (done || !last?.updated) return { seen, pages };
    after = { stamp: last.updated, key: last.key };
  }
  throw new Error('the walk does not end');
}

function partners(from: Stamp, limit: number) {
  const { erp, caller } = connectErp(bench);
  return walk(async (after) => {
    const { rows, done } = await erp.listPartnersChanged(caller, from, after, limit);
    return { rows: rows.map(({ cardCode, updated }) => ({ key: cardCode, updated })), done };
  });
}

function items(from: Stamp, limit: number) {
  const { erp, caller } = connectErp(bench);
  return walk(async (after) => {
    const { rows, done } = await erp.listItemsChanged(caller, from, after, limit);
    return { rows: rows.map(({ itemCode, updated }) => ({ key: itemCode, updated })), done };
  });
}

const keysOf = (rows: readonly Row[]) => [...new Set(rows.map(({ key }) => key))].sort();
const allPartners = () =>
  bench.office
    .rows('BusinessPartners')
    .map((row) => String(row['CardCode']))
    .sort();

describe.each(['minute', 'second'] as const)('changed records, where filters see the %s', (precision) => {
  beforeAll(() => {
    bench.office.settings.filterTimePrecision = precision;
  });

  it('are all found, whatever the page holds', async () => {
    const expected = allPartners();
    for (const limit of [1, 3, 7, 40, 200]) expect(keysOf((await partners(START, limit)).seen)).toEqual(expected);
  });

  it('are all found when more share a stamp than fit into a page', async () => {
    const touched = allPartners().slice(0, 25);
    bench.clock.advance(3_600_000);
    const { date } = { date: bench.office.today() };
    for (const code of touched) bench.office.changePartner(code, { Phone1: `0${code}` });
    bench.clock.advance(20_000);
    for (const code of touched.slice(0, 12).reverse()) bench.office.changePartner(code, { Phone1: `1${code}` });
    for (const limit of [1, 4, 12, 24]) {
      const { seen, pages } = await partners({ date, time: '00:00:00' }, limit);
      expect(keysOf(seen)).toEqual(expect.arrayContaining(touched));
      expect(pages).toBeLessThanOrEqual(60);
    }
  });

  it('of an earlier time of day on a later day are not lost', async () => {
    bench.clock.advance(20 * 3_600_000);
    const [code = ''] = allPartners();
    bench.office.changePartner(code, { Phone1: 'morning' });
    const yesterdayEvening = { date: '2026-03-04', time: '23:59:00' };
    expect(keysOf((await partners(yesterdayEvening, 5)).seen)).toContain(code);
  });

  it('of the very minute asked for come again', async () => {
    const [code = ''] = allPartners();
    bench.office.changePartner(code, { Phone1: 'again' });
    const { erp, caller } = connectErp(bench);
    const stamp = (await erp.newestStamp(caller, 'partners')) ?? START;
    expect(keysOf((await partners(stamp, 5)).seen)).toContain(code);
  });
});

describe('items', () => {
  it('that SAP has not stamped yet are found by their creation', async () => {
    bench.office.settings.stampsNewItems = false;
    await postToSap(bench, 'Items', { ItemCode: 'NEW-1', ItemName: 'New' });
    const { seen } = await items({ date: bench.office.today(), time: '00:00:00' }, 5);
    expect(keysOf(seen)).toContain('NEW-1');
    expect(seen.every(({ updated }) => updated !== null)).toBe(true);
  });

  it('are all found', async () => {
    const expected = bench.office
      .rows('Items')
      .map((row) => String(row['ItemCode']))
      .sort();
    expect(keysOf((await items(START, 4)).seen)).toEqual(expected);
  });
});

describe('the first load', () => {
  it('reads every record once, in the order of its key', async () => {
    const { erp, caller } = connectErp(bench);
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const { rows, done }: Awaited<ReturnType<typeof erp.listPartnersByKey>> = await erp.listPartnersByKey(
        caller,
        after,
        7,
      );
      seen.push(...rows.map(({ cardCode }) => cardCode));
      after = seen.at(-1) ?? null;
      if (done) break;
    }
    expect(seen).toEqual(allPartners());
    expect(await erp.countPartners(caller)).toBe(seen.length);
  });

  it('always says what it wants and how much of it', () => {
    const lists = bench.sap.log
      .all()
      .filter(({ method, path }) => method === 'GET' && /\/(BusinessPartners|Items)\?/.test(path));
    expect(lists.length).toBeGreaterThan(10);
    for (const { path, headers } of lists) {
      expect(path).toMatch(/\$select=/);
      expect(path).toMatch(/\$orderby=/);
      expect(headers['prefer']).toMatch(/^odata\.maxpagesize=[1-9]/);
      expect(path).not.toMatch(/\$skip/);
    }
  });

  it('speaks v1 where the server has only that', async () => {
    const old = await startSap({ version: 'v1' });
    const { erp, caller } = connectErp(old);
    const { rows } = await erp.listPartnersByKey(caller, null, 5);
    expect(rows).toHaveLength(5);
    expect(rows[0]?.updated?.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    const item = (await erp.listItemsByKey(caller, null, 1)).rows[0]?.itemCode ?? '';
    const { items: quotes } = await erp.quoteItems(
      caller,
      rows[0]?.cardCode ?? '',
      [{ itemCode: item, quantity: '1', currency: 'EUR' }],
      '2026-03-04',
      null,
    );
    expect(quotes[0]?.stock?.itemCode).toBe(item);
    await old.close();
  });
});

describe('documents that touch a partner', () => {
  it.each(['Invoices', 'Orders', 'IncomingPayments', 'CreditNotes'] as const)(
    '%s are walked to the last',
    async (set) => {
      const { erp, caller } = connectErp(bench);
      const last = await erp.lastDocEntry(caller, set);
      let after = 0;
      for (;;) {
        const { rows, done } = await erp.listTouchedPartners(caller, set, after, 7);
        after = rows.at(-1)?.docEntry ?? after;
        if (done) break;
      }
      expect(after).toBe(last);
    },
  );

  it('oldest due dates of all partners are asked for at once', async () => {
    const { erp, caller } = connectErp(bench);
    await erp.countPartners(caller);
    const before = bench.sap.log.all().length;
    const oldest = await erp.oldestDueDates(caller, allPartners());
    expect(bench.sap.log.all().length - before).toBe(1);
    const expected = new Map<string, string>();
    for (const row of bench.office.rows('Invoices')) {
      if (row['DocumentStatus'] !== 'bost_Open' || row['CancelStatus'] !== 'csNo') continue;
      const [code, due] = [String(row['CardCode']), String(row['DocDueDate'])];
      const known = expected.get(code);
      if (known === undefined || due < known) expected.set(code, due);
    }
    expect(expected.size).toBeGreaterThan(2);
    expect([...oldest].sort()).toEqual([...expected].sort());
    for (const code of allPartners().slice(0, 3)) {
      expect((await erp.oldestDueDates(caller, [code])).get(code)).toBe(expected.get(code));
    }
  });

  it('journal entries name the partner behind their lines', async () => {
    const { erp, caller } = connectErp(bench);
    const before = await erp.lastDocEntry(caller, 'JournalEntries');
    const [code = ''] = bench.office
      .rows('BusinessPartners')
      .filter((row) => row['CardType'] === 'cCustomer')
      .map((row) => String(row['CardCode']));
    bench.office.postInvoice({ cardCode: code, total: 100 });
    const { rows } = await erp.listTouchedPartners(caller, 'JournalEntries', before, 50);
    expect(rows.map(({ cardCode }) => cardCode)).toContain(code);
  });
});

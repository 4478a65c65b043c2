import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Agent, request } from 'undici';
import type { z } from 'zod';
import type { Page } from '../../server/app/ports/erp.ts';
import { readRows } from '../../server/sap/lists.ts';
import { ItemRow, StockRow, toItem, toStock } from '../../server/sap/mappers/item.ts';
import { PartnerRow, toPartner } from '../../server/sap/mappers/partner.ts';
import { connectErp, connectTo, startSap, TODAY } from '../integration/sap/sap-bench.ts';
import type { Measure } from './measure.ts';
import { item, partner, startPageServer } from './sap-pages.ts';

const RECORDS = 10_000;
const PAGE = 500;
const STREAMED = 200_000;
const MINUTE = 60_000;

/** The Service Layer client alone: what it asks of SAP, and what it costs beside the bare minimum of the same run. */
export async function measureSap(): Promise<readonly Measure[]> {
  return [
    ...measureReading(),
    ...(await measureWalks()),
    await measureMemory(),
    await measureOverhead(),
    await measurePanelRequests(),
    await measureStampede(),
    await measureDay(),
  ];
}

/** Rows parsed and mapped, against JSON.parse of the same text; the best of many turns, taken in turn. */
function measureReading(): Measure[] {
  const read = <Row, T>(body: string, row: z.ZodType<Row>, map: (found: Row) => T) =>
    readRows({ status: 200, header: () => undefined, setCookies: [], body }, row, PAGE).rows.map(map);
  const partners = JSON.stringify({ value: Array.from({ length: PAGE }, (_, index) => partner(index)) });
  const items = JSON.stringify({ value: Array.from({ length: PAGE }, (_, index) => item(index)) });
  const names = new Map([['01', 'Hamburg']]);
  return [
    inTurn('partners of 15 fields read and mapped', partners, () =>
      read(partners, PartnerRow, (row) => toPartner(row, TODAY)),
    ),
    inTurn('items with 5 prices, 3 warehouses', items, () => [
      read(items, ItemRow, (row) => toItem(row, TODAY)),
      read(items, StockRow, (row) => toStock(row, TODAY, names)),
    ]),
  ];
}

function inTurn(name: string, body: string, ours: () => unknown): Measure {
  const best = { ours: Number.POSITIVE_INFINITY, bare: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < 120; turn += 1) {
    best.bare = Math.min(
      best.bare,
      timed(() => JSON.parse(body)),
    );
    best.ours = Math.min(best.ours, timed(ours));
  }
  const perSecond = (ms: number) => (PAGE * 1000) / ms;
  return {
    name,
    unit: 'rows/s',
    ours: perSecond(best.ours),
    floor: perSecond(best.bare),
    against: 'bare JSON.parse; at least 0.20',
  };
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

async function measureWalks(): Promise<Measure[]> {
  const server = await startPageServer(RECORDS);
  const { erp, caller } = connectTo(server);
  const count = async (walk: () => Promise<number>) => {
    const before = server.requests();
    const seen = await walk();
    if (seen !== RECORDS) throw new Error(`${seen} records were read instead of ${RECORDS}.`);
    return server.requests() - before;
  };
  const partners = await count(() =>
    walked(
      (after) => erp.listPartnersByKey(caller, after, PAGE),
      (row) => row.cardCode,
    ),
  );
  const prices = await count(() =>
    walked(
      (after) => erp.listItemsByKey(caller, after, PAGE),
      (row) => row.itemCode,
    ),
  );
  const stock = await count(() =>
    walked(
      (after) => erp.listStockByKey(caller, after, PAGE),
      (row) => row.itemCode,
    ),
  );
  await erp.closeAll();
  await server.close();
  const floor = RECORDS / PAGE;
  return [
    { name: '10,000 partners', unit: 'requests', ours: partners, floor, against: 'full pages; at most 25' },
    {
      name: '10,000 items with prices and stock',
      unit: 'requests',
      ours: prices + stock,
      floor,
      against: 'full pages; at most 60',
    },
  ];
}

async function walked<Row>(
  page: (after: string | null) => Promise<Page<Row>>,
  keyOf: (row: Row) => string,
): Promise<number> {
  let after: string | null = null;
  let seen = 0;
  for (;;) {
    const { rows, done }: Page<Row> = await page(after);
    seen += rows.length;
    const last = rows.at(-1);
    if (done || !last) return seen;
    after = keyOf(last);
  }
}

/** What is alive after 200,000 items have passed, against what was after the first 20,000. */
async function measureMemory(): Promise<Measure> {
  const server = await startPageServer(STREAMED);
  const { erp, caller } = connectTo(server);
  let early = 0;
  let seen = 0;
  await walked(
    async (after) => {
      const page = await erp.listItemsByKey(caller, after, PAGE);
      seen += page.rows.length;
      if (seen === STREAMED / 10) early = aliveMegabytes();
      return page;
    },
    (row) => row.itemCode,
  );
  const late = aliveMegabytes();
  await erp.closeAll();
  await server.close();
  return {
    name: '200,000 items streamed: memory alive',
    unit: 'MB',
    ours: late,
    floor: early,
    against: 'after the first 20,000; flat is 1.00',
  };
}

function aliveMegabytes(): number {
  setFlagsFromString('--expose_gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** The slowest of twenty requests through the client, against the bare HTTP client, in turn on one server. */
async function measureOverhead(): Promise<Measure> {
  const server = await startPageServer(RECORDS);
  const { erp, caller } = connectTo(server);
  const agent = new Agent({
    connect: { ca: server.certificatePem, checkServerIdentity: () => undefined },
    connections: 1,
  });
  const durations: { readonly ours: number[]; readonly bare: number[] } = { ours: [], bare: [] };
  for (let turn = 0; turn < 400; turn += 1) {
    let started = performance.now();
    await erp.countItems(caller);
    if (turn >= 50) durations.ours.push(performance.now() - started);
    started = performance.now();
    const answer = await request(`${server.url}/b1s/v2/Items/$count`, { dispatcher: agent });
    await answer.body.text();
    if (turn >= 50) durations.bare.push(performance.now() - started);
  }
  await agent.close();
  await erp.closeAll();
  await server.close();
  const ours = percentile95(durations.ours);
  const bare = percentile95(durations.bare);
  return {
    name: 'overhead of a request (p95)',
    unit: 'ms',
    ours: Math.max(0, ours - bare),
    floor: 1,
    against: `at most; the bare client took ${bare.toFixed(2)} ms`,
  };
}

function percentile95(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}

async function measurePanelRequests(): Promise<Measure> {
  const bench = await startSap();
  const { erp, caller } = connectErp(bench);
  const customer = (await erp.listPartnersByKey(caller, null, PAGE)).rows.find(({ type }) => type === 'customer');
  const items = (await erp.listItemsByKey(caller, null, PAGE)).rows.filter(({ sales }) => sales).slice(0, 20);
  const code = customer?.cardCode ?? '';
  const before = bench.sap.log.all().length;
  const asked = items.map(({ itemCode }) => ({ itemCode, quantity: '1', currency: 'EUR' }));
  await Promise.all([
    erp.viewCustomer(caller, code),
    erp.viewDocuments(caller, code, []),
    erp.quoteItems(caller, code, asked, TODAY, null),
  ]);
  const ours = bench.sap.log.all().length - before;
  await erp.closeAll();
  await bench.sap.close();
  return {
    name: 'panel of a deal with 20 lines',
    unit: 'requests',
    ours,
    floor: 3,
    against: 'side by side, one round trip deep',
  };
}

async function measureStampede(): Promise<Measure> {
  const bench = await startSap();
  const { erp, caller } = connectErp(bench);
  await erp.countItems(caller);
  bench.sap.restart();
  const before = signIns(bench.sap.log.all());
  await Promise.all(
    Array.from({ length: 100 }, () => erp.countItems({ ...caller, signal: new AbortController().signal })),
  );
  const ours = signIns(bench.sap.log.all()) - before;
  await erp.closeAll();
  await bench.sap.close();
  return { name: '100 sessions refused at once', unit: 'sign-ins', ours, floor: 1, against: 'one for all of them' };
}

/** 1,000 requests over a day with three breaks that are longer than a session lasts. */
async function measureDay(): Promise<Measure> {
  const bench = await startSap();
  const { erp, caller } = connectErp(bench);
  const breaks = new Set([250, 500, 750]);
  for (let number = 0; number < 1000; number += 1) {
    bench.clock.advance(breaks.has(number) ? 90 * MINUTE : 1.1 * MINUTE);
    await erp.countItems(caller);
  }
  const ours = signIns(bench.sap.log.all());
  await erp.closeAll();
  await bench.sap.close();
  return {
    name: '1,000 requests over a day',
    unit: 'sign-ins',
    ours,
    floor: breaks.size + 1,
    against: 'breaks longer than a session, and one',
  };
}

function signIns(log: readonly { readonly path: string }[]): number {
  return log.filter(({ path }) => path.endsWith('/Login')).length;
}

import fc from 'fast-check';
import { walkDelta } from '../../../server/app/inbound-sync/delta-walk.ts';
import type { ErpPartner, Page, Stamp } from '../../../server/app/ports/erp.ts';
import { listPartnersByKey, listPartnersChanged, newestPartnerStamp } from '../../../server/sap/resources/partners.ts';
import { localTime } from '../../practice/sap/company/local-time.ts';
import { type InProcessSap, inProcessSap } from './in-process-company.ts';

export const LIVES = Number(process.env['ORDERLINE_SEEDS'] ?? 200);
/** `ORDERLINE_SEED=<seed> npx vitest run test/integration/sap/delta-cursor.test.ts` plays the lives of that seed again. */
export const replay: { seed?: number } = process.env['ORDERLINE_SEED']
  ? { seed: Number(process.env['ORDERLINE_SEED']) }
  : {};

const MINUTE = 60_000;
/** SAP commits a record at most so long after it has stamped it. */
const LATEST_COMMIT = 5 * MINUTE;

/** Where something is likely to go wrong, as an instant in UTC: midnight, month and year ends, both DST nights of each zone. */
const ZONES = {
  'Europe/Berlin': ['2026-10-24T23:30:00Z', '2026-03-29T00:30:00Z', '2026-12-31T22:40:00Z'],
  'America/New_York': ['2026-11-01T05:30:00Z', '2026-03-08T06:30:00Z', '2026-03-01T04:40:00Z'],
  'Australia/Lord_Howe': ['2026-04-04T14:40:00Z', '2026-10-03T15:10:00Z', '2026-02-28T12:45:00Z'],
  'Africa/Cairo': ['2026-10-29T19:50:00Z', '2026-04-23T21:40:00Z', '2026-06-30T20:45:00Z'],
  'Asia/Tokyo': ['2026-03-03T14:40:00Z', '2026-03-31T14:50:00Z', '2027-12-31T14:40:00Z'],
} as const;

type Precision = 'second' | 'minute' | 'day' | 'midnight' | 'sometimes';

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.oneof(
        fc.integer({ min: 1, max: 59 }),
        fc.integer({ min: 0, max: 70 }).map((minutes) => minutes * 60),
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('update' as const), row: fc.nat(40) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('late' as const),
      row: fc.nat(40),
      after: fc.integer({ min: 1, max: 300 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('insert' as const), key: fc.nat(999), stamped: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), row: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('all' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('poll' as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

export const life = fc.record({
  place: fc
    .constantFrom(...Object.entries(ZONES))
    .chain(([zone, instants]) => fc.record({ zone: fc.constant(zone), start: fc.constantFrom(...instants) })),
  minutesBefore: fc.integer({ min: 0, max: 90 }),
  precision: fc.constantFrom<Precision[]>('second', 'minute', 'day', 'midnight', 'sometimes'),
  filters: fc.constantFrom('minute' as const, 'second' as const),
  pageSizes: fc.constantFrom('as_asked' as const, 'always_20' as const),
  version: fc.constantFrom('v1' as const, 'v2' as const),
  limit: fc.constantFrom(1, 2, 3, 5, 20),
  /** Of the app's own clock, in hours: it must not matter. */
  appIsOff: fc.integer({ min: -24, max: 24 }),
  actions: fc.array(action, { minLength: 5, maxLength: 40 }),
  /** What happens between two pages, and how many pages pass before each. */
  between: fc.array(fc.record({ pages: fc.integer({ min: 1, max: 4 }), action }), { maxLength: 12 }),
});
export type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;

/** Plays one life. @returns the records whose last change was never seen */
export async function play(drawn: Life): Promise<string[]> {
  const between = [...drawn.between];
  let pages = 0;
  const sap: InProcessSap = inProcessSap({
    settings: { timeZone: drawn.place.zone, filterTimePrecision: drawn.filters, pageSizes: drawn.pageSizes },
    version: drawn.version,
    appNow: () => sap.clock.now() + drawn.appIsOff * 60 * MINUTE,
    meanwhile() {
      pages += 1;
      const next = between[0];
      if (!next || pages < next.pages) return;
      between.shift();
      pages = 0;
      if (next.action.do !== 'poll') sapActs(people, next.action);
    },
  });
  sap.clock.set(Date.parse(drawn.place.start) - drawn.minutesBefore * MINUTE);
  const people = peopleIn(sap, drawn);
  for (let number = 0; number < 12; number += 1) people.write(keyFor(number * 7), true);
  const app = await firstLoad(sap, drawn.limit);
  for (const next of drawn.actions) {
    if (next.do === 'poll') await app.poll();
    else sapActs(people, next);
  }
  // Then SAP is left in peace, and the next look must have found everything.
  between.length = 0;
  sap.clock.advance(LATEST_COMMIT + MINUTE);
  people.commitDue();
  await app.poll();
  return people.missedBy(app.seen);
}

const keyFor = (number: number): string => `C${String(number).padStart(4, '0')}`;

type People = ReturnType<typeof peopleIn>;

/** Those who work in SAP, and its way of stamping what they do. */
function peopleIn({ books, clock }: InProcessSap, { precision, place }: Life) {
  const table = books.table('BusinessPartners');
  table.reset([]);
  const versions = new Map<string, number>();
  let late: { at: number; commit: () => void }[] = [];
  let writes = 0;

  function stampNow(date: 'UpdateDate' | 'CreateDate', time: 'UpdateTime' | 'CreateTime'): Record<string, string> {
    const now = localTime(clock.now(), place.zone);
    writes += 1;
    const told = timeOfDay(now.time, precision, writes);
    return { [date]: now.date, ...(told === undefined ? {} : { [time]: told }) };
  }

  function write(key: string, stamped: boolean, commitAfterMs = 0): void {
    const isNew = !table.has(key);
    const created = isNew ? stampNow('CreateDate', 'CreateTime') : {};
    const updated = stamped ? stampNow('UpdateDate', 'UpdateTime') : {};
    const commit = () => {
      if (!isNew && !table.has(key)) return;
      const version = (versions.get(key) ?? 0) + 1;
      versions.set(key, version);
      const { UpdateDate: _date, UpdateTime: _time, ...kept } = table.get(key) ?? {};
      const stamp = stamped
        ? updated
        : { ...(_date ? { UpdateDate: _date } : {}), ...(_time ? { UpdateTime: _time } : {}) };
      table.put(key, { ...kept, ...created, ...stamp, CardCode: key, CardName: `v${version}` });
    };
    if (commitAfterMs === 0) commit();
    else late.push({ at: clock.now() + commitAfterMs, commit });
  }

  return {
    write,
    keys: () => table.all().map((row) => String(row['CardCode'])),
    remove: (key: string) => table.remove(key),
    wait(ms: number) {
      clock.advance(ms);
      this.commitDue();
    },
    commitDue() {
      const due = late.filter(({ at }) => at <= clock.now());
      late = late.filter((entry) => !due.includes(entry));
      for (const { commit } of due) commit();
    },
    missedBy: (seen: ReadonlyMap<string, string>) =>
      table
        .all()
        .filter((row) => seen.get(String(row['CardCode'])) !== row['CardName'])
        .map((row) => `${row['CardCode']} ${row['CardName']} of ${row['UpdateDate']} ${row['UpdateTime']}`),
  };
}

function timeOfDay(time: string, precision: Precision, writes: number): string | undefined {
  switch (precision) {
    case 'second':
      return time;
    case 'minute':
      return `${time.slice(0, 5)}:00`;
    case 'day':
      return undefined;
    case 'midnight':
      return '00:00:00';
    case 'sometimes':
      return writes % 3 === 0 ? undefined : time;
  }
}

function sapActs(people: People, action: Exclude<Action, { do: 'poll' }>): void {
  const keys = people.keys();
  const key = 'row' in action ? keys[action.row % keys.length] : undefined;
  switch (action.do) {
    case 'wait':
      people.wait(action.seconds * 1000);
      return;
    case 'update':
      if (key !== undefined) people.write(key, true);
      return;
    case 'late':
      if (key !== undefined) people.write(key, true, action.after * 1000);
      return;
    case 'insert':
      if (!keys.includes(keyFor(action.key))) people.write(keyFor(action.key), action.stamped);
      return;
    case 'delete':
      if (key !== undefined && keys.length > 3) people.remove(key);
      return;
    case 'all':
      for (const each of keys) people.write(each, true);
  }
}

/** The app's side: a first load by key, then deltas from the newest stamp that SAP showed. */
async function firstLoad({ company, clock }: InProcessSap, limit: number) {
  const seen = new Map<string, string>();
  const see = ({ rows }: Page<ErpPartner>) => {
    for (const { cardCode, name } of rows) seen.set(cardCode, name);
  };
  let cursor: Stamp | null = await newestPartnerStamp(company);
  let after: string | null = null;
  for (;;) {
    const page: Page<ErpPartner> = await listPartnersByKey(company, after, limit);
    see(page);
    after = page.rows.at(-1)?.cardCode ?? after;
    if (page.done) break;
  }
  const source = {
    listChanged: (from: Stamp, position: { stamp: Stamp; key: string } | null, size: number) =>
      listPartnersChanged(company, from, position, size),
    keyOf: ({ cardCode }: ErpPartner) => cardCode,
    stampOf: ({ updated }: ErpPartner) => updated,
  };
  return {
    seen,
    async poll() {
      cursor ??= await newestPartnerStamp(company);
      if (cursor === null) return;
      for await (const { page, newest } of walkDelta(source, cursor, limit, () => clock.now())) {
        see(page);
        cursor = newest;
      }
    },
  };
}

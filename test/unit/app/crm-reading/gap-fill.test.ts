import { describe, expect, it } from 'vitest';
import { makeFillGaps } from '../../../../server/app/crm-changes/gap-fill.ts';
import type { CrmEntity } from '../../../../server/app/ports/crm-changes.ts';
import type { Settings } from '../../../../server/app/ports/settings-store.ts';
import { ForbiddenError, UnavailableError } from '../../../../server/kernel/errors.ts';
import { silentLogger } from '../../../../server/kernel/logger.ts';
import { createRandom } from '../../../practice/kernel/random.ts';
import { type ChangingSource, changingSource, LIST_NAMES, type ListName } from './changing-source.ts';
import { type AppliedRead, fakeTenant, ID, memoryFindings, memoryReadings, recordingChanges } from './fake-tenant.ts';

const START = Date.parse('2026-03-02T09:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SEEDS = Number(process.env['ORDERLINE_SEEDS'] ?? 200);
const ONLY = process.env['ORDERLINE_SEED'];
const seeds = ONLY ? [Number(ONLY)] : Array.from({ length: SEEDS }, (_, index) => index + 1);

interface Bench {
  readonly source: ChangingSource;
  readonly readings: ReturnType<typeof memoryReadings>;
  readonly changes: ReturnType<typeof recordingChanges>;
  readonly findings: ReturnType<typeof memoryFindings>;
  /** Our clock differs from the source's by this. */
  skewMs: number;
  run(): Promise<void>;
  /** Lets time pass, running every quarter of an hour. */
  pass(milliseconds: number): Promise<void>;
}

/** Deals may be on record, but none starts now. */
const SWITCHED_OFF_AGAIN: Settings['handoff'] = { enabled: false, startsAt: new Date(START).toISOString() };

function bench(
  options: {
    pageSize?: number;
    handoff?: Settings['handoff'];
    tenant?: Parameters<typeof fakeTenant>[0];
    onRead?: (read: AppliedRead) => void;
  } = {},
): Bench {
  const source = changingSource(START, options.pageSize);
  const readings = memoryReadings();
  const changes = recordingChanges(options.onRead);
  const findings = memoryFindings();
  const it: Bench = {
    source,
    readings,
    changes,
    findings,
    skewMs: 0,
    run: () => fillGaps(ID, new AbortController().signal),
    async pass(milliseconds) {
      for (let passed = 0; passed < milliseconds; passed += 15 * MINUTE) {
        source.now += Math.min(15 * MINUTE, milliseconds - passed);
        await it.run();
      }
    },
  };
  const fillGaps = makeFillGaps({
    ...fakeTenant({ handoff: options.handoff ?? SWITCHED_OFF_AGAIN, ...options.tenant }),
    clock: { now: () => new Date(source.now + it.skewMs) },
    logger: silentLogger,
    crm: source.crm,
    crmFields: { get: async () => ({}) },
    readings,
    findings,
    applyChanges: changes,
  });
  return it;
}

const ENTITY: Record<ListName, CrmEntity> = {
  deals: 'deal',
  archived_deals: 'deal',
  organizations: 'organization',
  persons: 'person',
  products: 'product',
};

/** Records whose last change was never seen. */
function missedIn({ source, changes }: Bench, since: string): string[] {
  const seen = new Set(changes.reads.map(({ entity, id, updateTime }) => `${entity} ${id} ${updateTime}`));
  return LIST_NAMES.flatMap((list) =>
    [...source.last(list)]
      .filter(([, updateTime]) => updateTime > since)
      .map(([id, updateTime]) => `${ENTITY[list]} ${id} ${updateTime}`)
      .filter((mark) => !seen.has(mark)),
  );
}

describe('filling gaps by what changed since', () => {
  it('begins where each list stands and reads no history', async () => {
    const it = bench();
    for (const list of LIST_NAMES) it.source.edit(list, 1);
    await it.run();
    expect(it.changes.reads).toEqual([]);
    it.source.now += MINUTE;
    it.source.edit('deals', 2);
    it.source.now += 14 * MINUTE;
    await it.run();
    expect(it.changes.reads.map(({ id }) => id)).toContain(2);
  });

  it('reads deals from the moment they start by themselves, also on its first run', async () => {
    const startsAt = new Date(START - HOUR).toISOString();
    const it = bench({ handoff: { enabled: true, startsAt } });
    it.source.now = START - 2 * HOUR;
    it.source.edit('deals', 1);
    it.source.now = START - HOUR + MINUTE;
    it.source.edit('deals', 2);
    it.source.now = START;
    await it.run();
    expect(it.changes.reads.map(({ id }) => id)).toEqual([2]);
    // Where the list stands is what Pipedrive's newest stamp says, not when somebody pressed a button of ours.
    const [deals] = await it.readings.list({ installationId: ID } as never);
    expect(deals?.mark.newest).toEqual(new Date(START - HOUR + MINUTE));
  });

  it.each([
    [
      'no deal ever went by itself',
      { handoff: { enabled: false, startsAt: null } },
      ['organizations', 'persons', 'products'],
    ],
    [
      'SAP is not connected',
      { tenant: { connection: 'password_refused' } },
      ['deals', 'archived_deals', 'deleted_deals'],
    ],
    ['Pipedrive is not connected', { tenant: { status: 'reauth_required' } }, []],
  ] as const)('AP-11 reads only what something can follow from while %s', async (_, options, lists) => {
    const it = bench(options);
    await it.pass(HOUR);
    await it.readings.suspect({ installationId: ID } as never, new Date(it.source.now));
    it.source.calls.length = 0;
    await it.run();
    expect(it.source.calls.map(({ list }) => list)).toEqual(lists);
  });

  it('AP-11 asks for deals alone while nothing is suspected, and for each other list at its hour', async () => {
    const it = bench();
    await it.run();
    it.source.tokens = 0;
    await it.pass(DAY);
    const asked = (list: string) => it.source.calls.filter((call) => call.list === list && call.since).length;
    expect(asked('deals')).toBe(96);
    expect(asked('archived_deals')).toBe(1);
    expect(asked('deleted_deals')).toBe(1);
    expect(asked('organizations')).toBe(2);
    expect(it.source.tokens).toBe(96 * 10 + 20 + 10 + 2 * 30);
  });

  it('WH-11 reads all lists once more when a ban can last no longer, and not before', async () => {
    const it = bench();
    await it.run();
    const now = it.source.now;
    await it.readings.suspectUntil({ installationId: ID } as never, new Date(now), new Date(now + 30 * MINUTE));
    const asked = () => it.source.calls.filter(({ list }) => list === 'organizations').length;
    const reads: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const before = asked();
      await it.pass(15 * MINUTE);
      reads.push(asked() - before);
    }
    expect(reads).toEqual([1, 1, 0, 0, 0]);
  });

  it.each([
    ['10 minutes', 10 * MINUTE],
    ['24 hours', 24 * HOUR],
    ['4 days', 96 * HOUR],
  ])(
    'WH-11 F4 F5 F6 after %s of silence reads everything at once, for 70 tokens and 10 for each 500',
    async (_, silence) => {
      const it = bench();
      await it.run();
      const before = new Date(it.source.now).toISOString();
      for (let id = 1; id <= 1_200; id += 1) {
        it.source.now += silence / 1_200;
        it.source.edit(LIST_NAMES[id % LIST_NAMES.length] ?? 'deals', id);
      }
      await it.readings.suspect({ installationId: ID } as never, new Date(it.source.now));
      it.source.tokens = 0;
      await it.run();
      expect(missedIn(it, before)).toEqual([]);
      expect(it.source.tokens).toBeLessThanOrEqual(100 + 10 * Math.ceil(1_200 / 500));
    },
  );

  it('WH-11 notices by itself that it was away, and then reads all lists', async () => {
    const it = bench();
    await it.run();
    it.source.now += 2 * HOUR;
    it.source.edit('persons', 5);
    await it.run();
    expect(it.changes.reads).toContainEqual(expect.objectContaining({ entity: 'person', id: 5 }));
  });

  it('does nothing new with a record that it has met twice', async () => {
    const it = bench();
    await it.run();
    it.source.now += MINUTE;
    it.source.edit('deals', 1);
    await it.pass(4 * HOUR);
    // Once when it is news, and once more because its second was not over for certain.
    expect(it.changes.reads.filter(({ id }) => id === 1)).toHaveLength(2);
  });

  it('SY-04 sees a second change within the same second', async () => {
    const it = bench();
    await it.run();
    it.source.now += MINUTE;
    it.source.edit('deals', 1);
    await it.run();
    it.source.edit('deals', 1);
    const before = it.changes.reads.length;
    it.source.now += 15 * MINUTE;
    await it.run();
    expect(it.changes.reads.length).toBe(before + 1);
  });

  it.each([['forbidden', new ForbiddenError('No right to see people.')]])(
    'reads the other lists when one is %s, and says so',
    async (_, error) => {
      const it = bench();
      await it.run();
      await it.readings.suspect({ installationId: ID } as never, new Date(it.source.now));
      it.source.now += MINUTE;
      it.source.edit('products', 3);
      Object.assign(it.source.crm, {
        listOrganizations: () => {
          throw error;
        },
      });
      await expect(it.run()).rejects.toBe(error);
      expect(it.changes.reads).toContainEqual(expect.objectContaining({ entity: 'product', id: 3 }));
    },
  );

  it('SY-16 passes over a record that a defect keeps from being dealt with, and tells', async () => {
    const it = bench({
      onRead({ id }) {
        if (id === 2) throw new TypeError('a defect');
      },
    });
    await it.run();
    it.source.now += MINUTE;
    for (const id of [1, 2, 3]) it.source.edit('deals', id);
    it.source.now += MINUTE;
    await it.run();
    expect([...new Set(it.changes.reads.map(({ id }) => id))]).toEqual([1, 3]);
    expect(it.findings.raised[0]).toMatchObject({
      subject: 'crm:deal',
      message: expect.stringContaining('number 2'),
      link: { resource: 'deal', id: 2 },
    });
  });

  it('SY-16 tells how many there are, once for each kind, and goes on behind them', async () => {
    const it = bench({
      pageSize: 50,
      onRead({ entity, id }) {
        if (entity === 'organization' && id <= 30) throw new TypeError('a defect');
      },
    });
    await it.run();
    it.source.now += MINUTE;
    for (let id = 1; id <= 40; id += 1) it.source.edit('organizations', id);
    await it.readings.suspect({ installationId: ID } as never, new Date(it.source.now));
    it.source.now += MINUTE;
    await it.run();
    expect([...it.findings.open]).toEqual([
      ['record_refused crm:organization', expect.stringContaining('30 organizations')],
    ]);
    expect(new Set(it.changes.reads.map(({ id }) => id)).size).toBe(10);
  });

  it('AP-11 gives deals that were deleted as they were read, and asks for none of them again', async () => {
    const it = bench();
    await it.run();
    it.source.deleteDeal(9);
    await it.pass(DAY);
    expect(it.changes.reads).toContainEqual(expect.objectContaining({ entity: 'deal', id: 9 }));
    expect(it.changes.gone).toEqual([]);
  });

  it('AP-11 goes back to one page a reading once a large edit has come to rest', async () => {
    const it = bench();
    await it.run();
    for (let id = 1; id <= 3_000; id += 1) {
      it.source.now += 100;
      it.source.edit('deals', id);
    }
    await it.pass(HOUR);
    it.source.tokens = 0;
    await it.pass(HOUR);
    expect(it.source.tokens).toBe(4 * 10);
    expect(new Set(it.changes.reads.map(({ id }) => id)).size).toBe(3_000);
    it.source.edit('deals', 1);
    await it.pass(15 * MINUTE);
    expect(it.changes.reads.at(-1)).toMatchObject({ entity: 'deal', id: 1 });
  });

  it.each([
    ['deals', 'since today'],
    ['organizations', 'since today'],
    ['products', 'from the beginning'],
  ] as const)(
    'AP-11 asks for %s, which are refused %s, no more often than for any other list',
    async (refused, when) => {
      const it = bench();
      if (when === 'since today') await it.run();
      const names = {
        deals: 'listChangedDeals',
        organizations: 'listOrganizations',
        products: 'listProducts',
      } as const;
      const refuse = () => {
        it.source.calls.push({ list: refused, since: new Date(0) });
        throw new ForbiddenError('This is not switched on.');
      };
      const { findLastChange } = it.source.crm;
      Object.assign(it.source.crm, {
        [names[refused]]: refuse,
        findLastChange: (caller: never, list: ListName) => (list === refused ? refuse() : findLastChange(caller, list)),
      });
      await it.run().catch(() => undefined);
      it.source.calls.length = 0;
      for (let round = 0; round < 96; round += 1) {
        it.source.now += 15 * MINUTE;
        await it.run().catch(() => undefined);
      }
      const asked = (list: string) => it.source.calls.filter((call) => call.list === list).length;
      expect([asked('organizations'), asked('persons'), asked('products')]).toEqual([2, 2, 2]);
      expect(asked('deleted_deals')).toBe(1);
    },
  );

  it.each([
    ['a day behind', -DAY],
    ['a day ahead', DAY],
  ])('SY-04 misses nothing with our clock %s', async (_, skew) => {
    const it = bench();
    it.skewMs = skew;
    await it.run();
    const before = new Date(it.source.now).toISOString();
    for (let id = 1; id <= 40; id += 1) {
      it.source.now += 7 * MINUTE;
      it.source.edit('deals', id);
      it.source.now += 8 * MINUTE;
      await it.run();
    }
    expect(missedIn(it, before)).toEqual([]);
  });

  it(`WH-11 SY-02 SY-04 SY-07 misses no change in ${seeds.length} lives with stops, late rows and edits while it reads`, async () => {
    for (const seed of seeds) expect({ seed, missed: await live(seed) }).toEqual({ seed, missed: [] });
  });
});

/** A few days of random edits, rows that appear late, outages and stops in the middle of a page. */
async function live(seed: number): Promise<string[]> {
  const random = createRandom(seed * 2_654_435_761);
  let stopIn = Number.POSITIVE_INFINITY;
  const it = bench({
    pageSize: random.int(1, 6),
    onRead() {
      stopIn -= 1;
      if (stopIn < 0) throw new UnavailableError('The process ends here.');
    },
  });
  it.skewMs = random.pick([0, -DAY, DAY, 90 * MINUTE]);
  const edit = () => {
    for (let count = random.int(0, 4); count > 0; count -= 1)
      it.source.edit(random.pick(LIST_NAMES), random.int(1, 12), random.chance(0.2) ? random.int(0, 5 * MINUTE) : 0);
  };
  for (let count = random.int(0, 5); count > 0; count -= 1) edit();
  await it.run();
  const before = new Date(it.source.now).toISOString();
  it.source.betweenPages = () => {
    if (!random.chance(0.4)) return;
    it.source.now += random.int(0, 2_000);
    edit();
  };
  for (let round = random.int(5, 25); round > 0; round -= 1) {
    it.source.now += random.pick([MINUTE, 15 * MINUTE, 15 * MINUTE, 10 * MINUTE, DAY, 4 * DAY]);
    edit();
    stopIn = random.chance(0.3) ? random.int(0, 6) : Number.POSITIVE_INFINITY;
    await it.run().catch(() => undefined);
  }
  stopIn = Number.POSITIVE_INFINITY;
  it.source.betweenPages = () => undefined;
  // Late rows have appeared by then; whoever suspects a gap has all lists read.
  it.source.now += 5 * MINUTE;
  await it.readings.suspect({ installationId: ID } as never, new Date(it.source.now + it.skewMs));
  await it.run();
  return missedIn(it, before);
}

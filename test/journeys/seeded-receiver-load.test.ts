import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeFillGaps } from '../../server/app/crm-changes/gap-fill.ts';
import type { CrmEntity } from '../../server/app/ports/crm-changes.ts';
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts';
import { migrate } from '../../server/db/migrate.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { queriesOf } from '../../server/db/unit-of-work.ts';
import { silentLogger } from '../../server/kernel/logger.ts';
import { migrateQueue } from '../../server/queue/migrate-queue.ts';
import { deliverySender, type Load, percentile, sendAtPace } from '../support/delivery-load.ts';
import { addNotifiedTenant, type NotifiedTenant } from '../support/delivery-world.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { type Receiver, startReceiver } from '../support/start-receiver.ts';
import { aMasterKeyText, tenantWorld } from '../support/tenants.ts';
import { type ChangingSource, changingSource, type ListName } from '../unit/app/crm-reading/changing-source.ts';
import {
  fakeTenant,
  ID,
  memoryFindings,
  memoryReadings,
  recordingChanges,
} from '../unit/app/crm-reading/fake-tenant.ts';

/**
 * The receiver in a process of its own, over real HTTP. The long run (`ORDERLINE_SEEDS` is set) takes the row's own times,
 * on a database that syncs each commit, and holds the clock against them; `ORDERLINE_LOAD_SECONDS` makes it shorter. Here
 * nothing is timed: what is acknowledged has to be there.
 */
const LONG = process.env['ORDERLINE_SEEDS'] !== undefined;
const secondsOf = (ofRow: number): number => Number(process.env['ORDERLINE_LOAD_SECONDS'] ?? ofRow);
const STEADY = { perSecond: 300, seconds: LONG ? secondsOf(600) : 1 };
const OVERLOAD = { times: 5, seconds: secondsOf(300), probe: 4_000, burst: { perSecond: 2_000, count: 1_000 } };
/** So long each commit takes while there is too much to do: what a slow disk comes to. */
const SLOW_COMMIT_SECONDS = LONG ? 0.4 : 0.7;
const MOST_MEMORY = 512 * 1_048_576;
const LIMIT_MS = LONG ? (STEADY.seconds + OVERLOAD.seconds) * 3_000 + 300_000 : 120_000;

interface Bench {
  readonly tenants: readonly NotifiedTenant[];
  readonly receiver: Receiver;
  asSuperuser(statement: string): Promise<void>;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
}, 120_000);

async function openDatabaseServer() {
  if (!LONG) {
    const fresh = await freshDatabase();
    closing.push(() => fresh.drop());
    return fresh;
  }
  const folder = mkdtempSync(join(tmpdir(), 'orderline-load-'));
  const server = await startEmbeddedPostgres({ dataDir: folder });
  closing.push(async () => {
    await server.stop();
    rmSync(server.dataDir, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });
  await migrate(server.ownerUrl, migrateQueue);
  const db = openDatabase({ url: server.appUrl });
  closing.push(() => db.destroy());
  return { ...server, db };
}

async function openBench(companies: number): Promise<Bench> {
  const { appUrl, superuserUrl, db } = await openDatabaseServer();
  const masterKeys = aMasterKeyText('k1');
  const world = tenantWorld(db, masterKeys);
  const tenants: NotifiedTenant[] = [];
  for (let index = 0; index < companies; index += 1) tenants.push(await addNotifiedTenant(world));
  const receiver = await startReceiver({ databaseUrl: appUrl, masterKeys });
  closing.push(() => receiver.kill());
  return {
    tenants,
    receiver,
    async asSuperuser(statement) {
      const url = new URL(superuserUrl);
      url.pathname = new URL(appUrl).pathname;
      const superuser = openDatabase({ url: url.href, poolSize: 1 });
      await superuser.raw(statement).finally(() => superuser.destroy());
    },
  };
}

/** As large as a record with a few fields. */
function bodyOf(tenant: NotifiedTenant, event: string, entity: CrmEntity, entityId: number, filling = 1_000): string {
  const meta = { action: 'change', entity, entity_id: String(entityId), company_id: tenant.companyId, id: event };
  return JSON.stringify({
    meta: { ...meta, timestamp: '2026-03-02T09:00:00.123Z', version: '2.0', attempt: 1 },
    data: { id: entityId, note: 'x'.repeat(filling) },
    previous: null,
  });
}

/** The events of what is stored, and how many of them wait to be read. */
async function storedEvents(tenants: readonly NotifiedTenant[]): Promise<ReadonlySet<string>> {
  const events = new Set<string>();
  for (const tenant of tenants) {
    const rows = await tenant.within((tx) =>
      queriesOf(tx)('deliveries')
        .where({ installation_id: tenant.id, state: 'new' })
        .select<{ event: string }[]>(queriesOf(tx).raw(`convert_from(body, 'UTF8')::json -> 'meta' ->> 'id' as event`)),
    );
    for (const { event } of rows) events.add(event);
  }
  return events;
}

function countOf(statuses: Load['statuses']): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** The most memory that the receiver held while the work went on. */
async function memoryDuring(receiver: Receiver, work: () => Promise<void>): Promise<number> {
  let most = 0;
  const look = async () => {
    most = Math.max(most, await receiver.memory());
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, 200);
  try {
    await work();
  } finally {
    clearInterval(timer);
    await looking;
  }
  await look();
  return most;
}

describe('the receiver under load', { timeout: LIMIT_MS }, () => {
  it(`WH-02 takes ${STEADY.perSecond} deliveries a second for ${STEADY.seconds} s, each stored and acknowledged`, async () => {
    const { tenants, receiver } = await openBench(10);
    const sender = deliverySender(receiver.url, 100);
    closing.push(() => sender.close());
    const tenantAt = (index: number) => tenants[index % tenants.length] ?? never();
    for (const tenant of tenants) await sender.send({ tenant, body: bodyOf(tenant, `warm ${tenant.id}`, 'deal', 1) });
    const count = STEADY.perSecond * STEADY.seconds;
    const { statuses, durations } = await sendAtPace(sender, {
      perSecond: STEADY.perSecond,
      count,
      deliveryAt: (index) => ({
        tenant: tenantAt(index),
        body: bodyOf(tenantAt(index), `event ${index}`, 'deal', index),
      }),
    });
    expect(Object.fromEntries(sender.unanswered)).toEqual({});
    expect(countOf(statuses)).toEqual({ 200: count });
    expect((await storedEvents(tenants)).size).toBe(count + tenants.length);
    const [p50, p99, p999, slowest] = [0.5, 0.99, 0.999, 1].map((share) => Math.round(percentile(durations, share)));
    if (!LONG) return;
    console.log(`WH-02 ${count} deliveries: p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms, slowest ${slowest} ms`);
    expect(p99).toBeLessThanOrEqual(500);
    expect(p999).toBeLessThanOrEqual(2_000);
    expect(slowest).toBeLessThanOrEqual(10_000);
  });

  it(`WH-09 F4 above capacity says come back, in bounded memory, and gap filling leaves nothing missing`, async () => {
    const { tenants, receiver, asSuperuser } = await openBench(2);
    await asSuperuser(`
      create function slow_disk() returns trigger language plpgsql as
        $$ begin perform pg_sleep(${SLOW_COMMIT_SECONDS}); return null; end $$;
      create trigger slow_disk before insert on deliveries for each statement execute function slow_disk()`);
    const sender = deliverySender(receiver.url, 1_000, !LONG);
    closing.push(() => sender.close());
    const tenantAt = (index: number) => tenants[index % tenants.length] ?? never();
    // Where nothing is timed, more at once than it ever takes.
    const capacity = LONG ? await capacityOf(sender, tenantAt) : OVERLOAD.burst.perSecond / OVERLOAD.times;
    const world = changingWorld();
    await world.fillGaps();

    const perSecond = capacity * OVERLOAD.times;
    const count = LONG ? Math.round(perSecond * OVERLOAD.seconds) : OVERLOAD.burst.count;
    let load: Load | undefined;
    const memory = await memoryDuring(receiver, async () => {
      load = await sendAtPace(sender, {
        perSecond,
        count,
        deliveryAt(index) {
          const { entity, id } = world.edit(index, 1_000 / perSecond);
          const tenant = tenantAt(index);
          // Some are large, but none so large that its sender is cut off instead of answered.
          return { tenant, body: bodyOf(tenant, `event ${index}`, entity, id, index % 20 === 0 ? 12_000 : 1_000) };
        },
      });
    });
    const { statuses, durations, perSecond: offered } = load ?? never();
    const counts = countOf(statuses);
    expect(Object.fromEntries(sender.unanswered)).toEqual({});
    expect(Object.keys(counts)).toEqual(['200', '503']);
    expect(memory).toBeLessThan(MOST_MEMORY);

    const stored = await storedEvents(tenants);
    const acknowledged = Array.from(statuses.keys()).filter((index) => statuses[index] === 200);
    expect(acknowledged.filter((index) => !stored.has(`event ${index}`))).toEqual([]);

    // What was acknowledged is read again; of the rest Pipedrive says nothing any more.
    for (const index of statuses.keys()) if (stored.has(`event ${index}`)) world.tell(index);
    expect(world.missing().length).toBeGreaterThan(0);
    await world.suspectGap();
    await world.fillGaps();
    expect(world.missing()).toEqual([]);

    if (!LONG) return;
    const refusals = durations.filter((_, index) => statuses[index] === 503);
    const p99 = Math.round(percentile(refusals, 0.99));
    console.log(
      `WH-09 capacity ${Math.round(capacity)}/s, offered ${Math.round(offered)}/s: ${JSON.stringify(counts)}, 503 within ${p99} ms (p99), at most ${Math.round(memory / 1_048_576)} MB`,
    );
    // The sender kept up, and what was taken meanwhile was no more than was found before.
    expect(offered).toBeGreaterThanOrEqual(perSecond * 0.95);
    expect((counts[200] ?? 0) / OVERLOAD.seconds).toBeLessThanOrEqual((offered / OVERLOAD.times) * 1.25);
    expect(p99).toBeLessThanOrEqual(2_000);
  });
});

/** How many it acknowledges in a second while nearly as many come as it takes at once. */
async function capacityOf(
  { send }: Pick<ReturnType<typeof deliverySender>, 'send'>,
  tenantAt: (index: number) => NotifiedTenant,
): Promise<number> {
  const started = performance.now();
  let next = 0;
  let taken = 0;
  const lane = async () => {
    while (next < OVERLOAD.probe) {
      const index = next;
      next += 1;
      const tenant = tenantAt(index);
      if ((await send({ tenant, body: bodyOf(tenant, `probe ${index}`, 'deal', 1) })) === 200) taken += 1;
    }
  };
  await Promise.all(Array.from({ length: 380 }, lane));
  return (taken * 1_000) / (performance.now() - started);
}

const KINDS: readonly { readonly entity: CrmEntity; readonly list: ListName }[] = [
  { entity: 'deal', list: 'deals' },
  { entity: 'organization', list: 'organizations' },
  { entity: 'person', list: 'persons' },
  { entity: 'product', list: 'products' },
];
const RECORDS = 2_000;

/** What people change in Pipedrive, what of it was seen, and the gap filling that has to find the rest. */
function changingWorld() {
  const source: ChangingSource = changingSource(Date.parse('2026-03-02T09:00:00Z'));
  const changes = recordingChanges();
  const readings = memoryReadings();
  const fillGaps = makeFillGaps({
    ...fakeTenant({ handoff: { enabled: false, startsAt: new Date(source.now).toISOString() } }),
    clock: { now: () => new Date(source.now) },
    logger: silentLogger,
    crm: source.crm,
    crmFields: { get: async () => ({}) },
    readings,
    findings: memoryFindings(),
    applyChanges: changes,
  });
  const told = new Set<string>();
  const edited = (index: number) => {
    const { entity, list } = KINDS[index % KINDS.length] ?? never();
    return { entity, list, id: 1 + (Math.floor(index / KINDS.length) % RECORDS) };
  };
  /** By record: the number of its last edit. */
  const lastEdit = new Map<string, number>();
  return {
    edit(index: number, passedMs: number) {
      const { entity, list, id } = edited(index);
      source.now += passedMs;
      source.edit(list, id);
      lastEdit.set(`${entity} ${id}`, index);
      return { entity, id };
    },
    /** A delivery of this edit, or of a later one of the same record, is read from the record as it is by then. */
    tell(index: number) {
      const { entity, id } = edited(index);
      if (lastEdit.get(`${entity} ${id}`) === index) told.add(`${entity} ${id}`);
    },
    async suspectGap() {
      source.now += 60_000;
      await readings.suspect({ installationId: ID } as never, new Date(source.now));
    },
    fillGaps: () => fillGaps(ID, new AbortController().signal),
    missing(): readonly string[] {
      const read = new Set(changes.reads.map(({ entity, id, updateTime }) => `${entity} ${id} ${updateTime}`));
      return KINDS.flatMap(({ entity, list }) =>
        [...source.last(list)].flatMap(([id, updateTime]) =>
          told.has(`${entity} ${id}`) || read.has(`${entity} ${id} ${updateTime}`) ? [] : [`${entity} ${id}`],
        ),
      );
    },
  };
}

function never(): never {
  throw new Error('There is none.');
}

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts';
import { migrate } from '../../server/db/migrate.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { migrateQueue } from '../../server/queue/migrate-queue.ts';
import {
  type DeliverySender,
  deliverySender,
  type LoadDelivery,
  percentile,
  sendAtPace,
} from '../support/delivery-load.ts';
import { addNotifiedTenant, type NotifiedTenant } from '../support/delivery-world.ts';
import { type Receiver, startReceiver } from '../support/start-receiver.ts';
import { aMasterKeyText, tenantWorld } from '../support/tenants.ts';
import { type Measure, perSecond } from './measure.ts';

const AT_ONCE = 100;
const WARM_UP = 500;
/** As many for the peer as for ours. */
const COUNT = 2_000;
/** Whoever comes later finds a warmer machine, so each comes first once. */
const GROUPED = [false, true, true, false];
/** So many times the peer has to be beaten. */
const BAR = 2;
/** Pipedrive's deliveries come at their own pace, whatever we answer. */
const STEADY = { perSecond: 300, seconds: 15 };

/**
 * Deliveries taken by the whole app in a process of its own, over HTTP, each committed with fsync before it is answered.
 * The peer commits each delivery by itself, everything else being the same.
 */
export async function measureWebhooks(): Promise<readonly Measure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'orderline-bench-'));
  const server = await startEmbeddedPostgres({ dataDir: folder });
  await migrate(server.ownerUrl, migrateQueue);
  const db = openDatabase({ url: server.appUrl });
  const masterKeys = aMasterKeyText('bench');
  const world = tenantWorld(db, masterKeys);
  const tenants: NotifiedTenant[] = [];
  for (let index = 0; index < 50; index += 1) tenants.push(await addNotifiedTenant(world));

  async function withReceiver<T>(grouped: boolean, work: (receiver: Receiver) => Promise<T>): Promise<T> {
    const receiver = await startReceiver({ databaseUrl: server.appUrl, masterKeys, grouped });
    try {
      return await work(receiver);
    } finally {
      await receiver.kill();
    }
  }

  try {
    const rounds: { readonly grouped: boolean; readonly rates: Rates }[] = [];
    for (const grouped of GROUPED) {
      const rates = await withReceiver(grouped, (receiver) => measureRates(receiver, tenants, COUNT));
      rounds.push({ grouped, rates });
    }
    const mean = (grouped: boolean, of: (rates: Rates) => number) => {
      const some = rounds.filter((round) => round.grouped === grouped);
      return some.reduce((sum, { rates }) => sum + of(rates), 0) / some.length;
    };
    const rate = (name: string, of: (rates: Rates) => number): Measure => ({
      name: `deliveries acknowledged, ${name}`,
      unit: '1/s',
      ours: mean(true, of),
      floor: mean(false, of),
      against,
      bar: BAR,
    });
    const steady = await withReceiver(true, (receiver) => measureSteady(receiver, tenants));
    return [
      rate('1 installation', ({ one }) => one),
      rate('50 installations', ({ fifty }) => fifty),
      {
        name: 'memory of the receiver after that load',
        unit: 'MB',
        ours: Math.max(...rounds.map(({ rates }) => rates.megabytes)),
        floor: 512,
        against: 'the most it may ever hold (WH-08, WH-09)',
        bar: 'most',
      },
      {
        name: `p99 at ${STEADY.perSecond} deliveries per second`,
        unit: 'ms',
        ours: steady.p99,
        floor: steady.p50,
        against: `the median of the same; slowest of all ${steady.slowest.toFixed(0)} ms`,
      },
    ];
  } finally {
    await db.destroy();
    await server.stop();
    rmSync(server.dataDir, { recursive: true, force: true });
  }
}

const against = 'the same with a transaction per delivery';

interface Rates {
  readonly one: number;
  readonly fifty: number;
  readonly megabytes: number;
}

async function measureRates(receiver: Receiver, tenants: readonly NotifiedTenant[], count: number): Promise<Rates> {
  const sender = deliverySender(receiver.url, AT_ONCE);
  const run = (count: number, among: readonly NotifiedTenant[]) =>
    perSecond(count, AT_ONCE, (index) => sendOne(sender, among, index));
  await run(WARM_UP, tenants);
  const one = await run(count, tenants.slice(0, 1));
  const fifty = await run(count, tenants);
  const megabytes = (await receiver.memory()) / 1_048_576;
  await sender.close();
  return { one, fifty, megabytes };
}

async function measureSteady(receiver: Receiver, tenants: readonly NotifiedTenant[]) {
  const sender = deliverySender(receiver.url, AT_ONCE);
  await perSecond(WARM_UP, AT_ONCE, (index) => sendOne(sender, tenants, index));
  const { statuses, durations } = await sendAtPace(sender, {
    perSecond: STEADY.perSecond,
    count: STEADY.perSecond * STEADY.seconds,
    deliveryAt: (index) => deliveryAt(tenants, index),
  });
  await sender.close();
  const other = statuses.find((status) => status !== 200);
  if (other !== undefined) throw new Error(`A delivery was answered with ${other}.`);
  return { p50: percentile(durations, 0.5), p99: percentile(durations, 0.99), slowest: percentile(durations, 1) };
}

async function sendOne(sender: DeliverySender, tenants: readonly NotifiedTenant[], index: number): Promise<void> {
  const status = await sender.send(deliveryAt(tenants, index));
  if (status !== 200) throw new Error(`A delivery was answered with ${status}.`);
}

function deliveryAt(tenants: readonly NotifiedTenant[], index: number): LoadDelivery {
  const tenant = tenants[index % tenants.length];
  if (!tenant) throw new Error('There is no company.');
  return { tenant, body: eventOf(tenant) };
}

/** As large as a deal with a few fields. */
function eventOf({ companyId }: NotifiedTenant): string {
  return JSON.stringify({
    meta: {
      action: 'change',
      entity: 'deal',
      entity_id: '5501',
      company_id: companyId,
      id: randomUUID(),
      timestamp: '2026-11-23T09:15:01.123Z',
      version: '2.0',
      attempt: 1,
    },
    data: { id: 5501, title: 'Desks', status: 'won', note: 'x'.repeat(1_000) },
    previous: { status: 'open' },
  });
}

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts';
import { migrate } from '../../server/db/migrate.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { migrateQueue } from '../../server/queue/migrate-queue.ts';
import { addNotifiedTenant, type NotifiedTenant } from '../support/delivery-world.ts';
import { type Receiver, startReceiver } from '../support/start-receiver.ts';
import { aMasterKeyText, tenantWorld } from '../support/tenants.ts';
import { type Measure, perSecond } from './measure.ts';

const AT_ONCE = 100;
const WARM_UP = 500;
const COUNT = { ours: 4_000, peer: 1_500 };
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
    const peer = await withReceiver(false, (receiver) => measureRates(receiver, tenants, COUNT.peer));
    const ours = await withReceiver(true, (receiver) => measureRates(receiver, tenants, COUNT.ours));
    const steady = await withReceiver(true, (receiver) => measureSteady(receiver, tenants));
    const against = 'the same with a transaction per delivery';
    return [
      { name: 'deliveries acknowledged, 1 installation', unit: '1/s', ours: ours.one, floor: peer.one, against },
      { name: 'deliveries acknowledged, 50 installations', unit: '1/s', ours: ours.fifty, floor: peer.fifty, against },
      {
        name: 'memory of the receiver after that load',
        unit: 'MB',
        ours: ours.megabytes,
        floor: 512,
        against: 'the most it may ever hold (WH-08, WH-09)',
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

async function measureRates(receiver: Receiver, tenants: readonly NotifiedTenant[], count: number) {
  const sender = createSender(receiver);
  const run = (count: number, among: readonly NotifiedTenant[]) =>
    perSecond(count, AT_ONCE, (index) => sender.send(among[index % among.length]));
  await run(WARM_UP, tenants);
  const one = await run(count, tenants.slice(0, 1));
  const fifty = await run(count, tenants);
  const megabytes = (await receiver.memory()) / 1_048_576;
  await sender.close();
  return { one, fifty, megabytes };
}

async function measureSteady(receiver: Receiver, tenants: readonly NotifiedTenant[]) {
  const sender = createSender(receiver);
  await perSecond(WARM_UP, AT_ONCE, (index) => sender.send(tenants[index % tenants.length]));
  const durations: number[] = [];
  const started = performance.now();
  const underWay: Promise<void>[] = [];
  for (let index = 0; index < STEADY.perSecond * STEADY.seconds; index += 1) {
    const due = started + (index * 1_000) / STEADY.perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    // Counted from when it was due: a sender that is late itself does not make us look fast.
    underWay.push(
      sender.send(tenants[index % tenants.length]).then(() => void durations.push(performance.now() - due)),
    );
  }
  await Promise.all(underWay);
  await sender.close();
  durations.sort((a, b) => a - b);
  const at = (share: number) => durations[Math.floor((durations.length - 1) * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), slowest: at(1) };
}

function createSender(receiver: Receiver) {
  const { origin, pathname } = new URL(receiver.url);
  const pool = new Pool(origin, { connections: AT_ONCE });
  return {
    async send(tenant: NotifiedTenant | undefined): Promise<void> {
      if (!tenant) throw new Error('There is no company.');
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: `${pathname}/${tenant.secret}`,
        headers: { authorization: tenant.authorization, 'content-type': 'application/json' },
        body: eventOf(tenant),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`A delivery was answered with ${statusCode}.`);
    },
    close: () => pool.destroy(),
  };
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

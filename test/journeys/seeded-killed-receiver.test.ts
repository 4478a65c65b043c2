import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readDelivery } from '../../server/app/deliveries/delivery-reader.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts';
import { migrate } from '../../server/db/migrate.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { migrateQueue } from '../../server/queue/migrate-queue.ts';
import { createRandom } from '../practice/kernel/random.ts';
import { addNotifiedTenant, type NotifiedTenant } from '../support/delivery-world.ts';
import { goodBody } from '../support/seeded/delivery-bodies.ts';
import { type Receiver, startReceiver } from '../support/start-receiver.ts';
import { aMasterKeyText, tenantWorld } from '../support/tenants.ts';

/** 20 here, 200 in the long run. `ORDERLINE_SEED` draws other moments. */
const KILLS = Math.min(200, Number(process.env['ORDERLINE_SEEDS'] ?? 20));
const SEED = Number(process.env['ORDERLINE_SEED'] ?? 1);
const SENDERS = 20;
const PATIENCE = { timeout: 60_000, interval: 10 };

describe('kill -9 while deliveries come in', { timeout: KILLS * 10_000 + 60_000 }, () => {
  const masterKeys = aMasterKeyText('k1');
  const receivers: Receiver[] = [];
  let folder: string;
  let server: EmbeddedPostgres;
  let db: Knex;
  let tenant: NotifiedTenant;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orderline-kills-'));
    server = await startEmbeddedPostgres({ dataDir: folder });
    await prepare();
    await migrate(server.ownerUrl, migrateQueue);
    db = openDatabase({ url: server.appUrl });
    tenant = await addNotifiedTenant(tenantWorld(db, masterKeys));
  }, 120_000);
  afterAll(async () => {
    for (const receiver of receivers) await receiver.kill();
    // A server that is told to stop while it recovers may never do so.
    await vi.waitFor(() => db?.raw('select 1'), PATIENCE);
    await db?.destroy();
    await server?.stop();
    if (server) rmSync(server.dataDir, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  /** A server that by itself answers before a commit is on disk, as some are set up: the app must ask for more. */
  async function prepare(): Promise<void> {
    const asSuperuser = openDatabase({ url: server.superuserUrl, poolSize: 1 });
    try {
      await asSuperuser.raw('alter role orderline_app set synchronous_commit = off');
      // It recovers the same, but does not sync each file of its folder by itself first.
      if (process.platform === 'linux') await asSuperuser.raw(`alter system set recovery_init_sync_method = 'syncfs'`);
      await asSuperuser.raw('select pg_reload_conf()');
    } finally {
      await asSuperuser.destroy();
    }
  }

  async function start(): Promise<Receiver> {
    const receiver = await startReceiver({ databaseUrl: server.appUrl, masterKeys });
    receivers.push(receiver);
    return receiver;
  }

  /** One of the processes that serve the receiver's connections: the database crashes with it, and recovers. */
  async function killDatabase(): Promise<void> {
    await vi.waitFor(async () => {
      // A database that still recovers from the last time takes no connection.
      const asSuperuser = openDatabase({ url: server.superuserUrl, poolSize: 1 });
      try {
        const { rows } = await asSuperuser.raw<{ rows: { pid: number }[] }>(
          `select pid from pg_stat_activity where application_name = 'orderline' and usename = 'orderline_app'`,
        );
        const [backend] = rows;
        if (!backend) throw new Error('The receiver has no connection.');
        process.kill(backend.pid, 'SIGKILL');
      } finally {
        await asSuperuser.destroy();
      }
    }, PATIENCE);
  }

  it('WH-01 F1 F4 F5 every delivery that was acknowledged is in the inbox, with its job', async () => {
    const setting = (name: string) => db.raw<{ rows: unknown[] }>(`show ${name}`).then(({ rows }) => rows);
    expect(await setting('fsync')).toEqual([{ fsync: 'on' }]);
    expect(await setting('synchronous_commit')).toEqual([{ synchronous_commit: 'off' }]);
    const random = createRandom(SEED);
    const acknowledged = new Set<string>();
    let unanswered = 0;
    let over = false;
    let serving = start();
    let spare = start();

    async function sendUntilOver(): Promise<void> {
      while (!over) {
        const id = randomUUID();
        const receiver = await serving;
        const status = await post(receiver, tenant, id).catch(() => undefined);
        if (status === 200) acknowledged.add(id);
        else {
          unanswered += 1;
          await pause(50);
        }
      }
    }

    const senders = Array.from({ length: SENDERS }, sendUntilOver);
    try {
      for (let kill = 0; kill < KILLS; kill += 1) {
        const moment = acknowledged.size + 5 + Math.floor(random.next() * 60);
        await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThanOrEqual(moment), PATIENCE);
        if (random.next() < 0.75) {
          await killDatabase();
          continue;
        }
        await (await serving).kill();
        serving = spare;
        if (kill < KILLS - 1) spare = start();
      }
      const last = acknowledged.size + 20;
      await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThanOrEqual(last), PATIENCE);
    } finally {
      over = true;
      await Promise.all([...senders, spare]);
    }

    const stored = await tenant.rows();
    const events = new Set(stored.map(({ body }) => readDelivery(body)?.eventId));
    expect([...acknowledged].filter((id) => !events.has(id))).toEqual([]);
    expect(unanswered).toBeGreaterThan(0);
    // A row and its job are one: nothing that is stored waits for ever, and nothing is worked on that is not stored.
    expect([...(await tenant.jobs())].sort()).toEqual(stored.map(({ id }) => id).sort());
  });
});

async function post({ url }: Receiver, tenant: NotifiedTenant, id: string): Promise<number> {
  const answer = await fetch(`${url}/${tenant.secret}`, {
    method: 'POST',
    headers: { authorization: tenant.authorization },
    body: goodBody(tenant.companyId, id),
  });
  await answer.arrayBuffer();
  return answer.status;
}

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCrmWebhookStore } from '../../../server/db/crm-webhook-store.ts';
import { createDeliveryInbox } from '../../../server/db/delivery-inbox.ts';
import { deliveryStore } from '../../../server/db/delivery-store.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { createUnitOfWork, queriesOf } from '../../../server/db/unit-of-work.ts';
import { addNotifiedTenant, inboxDelivery, type NotifiedTenant } from '../../support/delivery-world.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const FINDING = {
  kind: 'delivery_unreadable',
  subject: 'deliveries',
  message: 'Not readable.',
  action: 'Nothing.',
  link: null,
} as const;

let database: FreshDatabase;
let world: TenantWorld;
let left: NotifiedTenant;
let right: NotifiedTenant;
beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  left = await addNotifiedTenant(world);
  right = await addNotifiedTenant(world);
});
afterAll(() => database.drop());

/** An inbox that counts the transactions its work took. */
function countingInbox() {
  const seen: string[] = [];
  const db = openDatabase({ url: database.appUrl });
  db.on('query', ({ sql }: { sql: string }) => seen.push(sql));
  return {
    inbox: createDeliveryInbox(db),
    stores: () => seen.filter((sql) => sql.includes('take_deliveries')).length,
    close: () => db.destroy(),
  };
}

/** A way to the database on which nothing gets through any more from `stall` on, but on new connections. */
async function stallingRelay(to: number) {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    stall: () => open.forEach((socket) => void socket.unpipe()),
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

describe('the inbox', () => {
  it('WH-01 WH-08 keeps any bytes, with their job, as one', async () => {
    const inbox = createDeliveryInbox(database.db);
    const delivery = inboxDelivery(left);
    expect(await inbox.store(delivery)).toBe('stored');
    const found = await left.within((tx) => deliveryStore.find(tx, delivery.id));
    expect(found && { ...found, body: Uint8Array.from(found.body) }).toEqual({
      id: delivery.id,
      source: 'pipedrive',
      fingerprint: delivery.fingerprint,
      receivedAt: delivery.receivedAt,
      headers: delivery.headers,
      body: delivery.body,
      size: delivery.size,
      state: 'new',
    });
    expect(await left.jobs()).toEqual([delivery.id]);
    await left.within((tx) => deliveryStore.setState(tx, delivery.id, 'processed', new Date(), null));
    expect(await left.within((tx) => deliveryStore.find(tx, delivery.id))).toBeUndefined();
  });

  it.each([1, 2, 7, 20])(
    'WH-06 F28 makes one row and one job of %d equal ones at once, over processes',
    async (copies) => {
      const inboxes = [createDeliveryInbox(database.db), createDeliveryInbox(database.db)];
      const fingerprint = 'a'.repeat(64);
      const outcomes = await Promise.all(
        Array.from({ length: copies }, (_, index) => inboxes[index % 2]?.store(inboxDelivery(left, { fingerprint }))),
      );
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(copies - 1);
      expect(await left.rows()).toHaveLength(1);
      expect(await left.jobs()).toHaveLength(1);
      // The same event of another company is another event.
      expect(await inboxes[0]?.store(inboxDelivery(right, { fingerprint }))).toBe('stored');
    },
  );

  it('WH-02 commits what came in meanwhile together: 300 deliveries of two companies in a few transactions', async () => {
    const { inbox, stores, close } = countingInbox();
    const deliveries = Array.from({ length: 300 }, (_, index) => inboxDelivery(index % 3 === 0 ? right : left));
    const outcomes = await Promise.all(deliveries.map((delivery) => inbox.store(delivery)));
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
    expect(stores()).toBeLessThanOrEqual(3);
    expect((await left.rows()).map(({ id }) => id).sort()).toEqual(
      deliveries
        .filter((_, index) => index % 3 !== 0)
        .map(({ id }) => id)
        .sort(),
    );
    expect(await right.jobs()).toHaveLength(100);
    await close();
  });

  it('SE-29 keeps each row of a group under its own tenant', async () => {
    const { inbox, stores, close } = countingInbox();
    const first = inbox.store(inboxDelivery(left));
    // One of the group names another tenant than its own address and credentials do.
    const foreign = inbox.store({ ...inboxDelivery(left), installationId: right.id });
    const own = inbox.store(inboxDelivery(right));
    expect(await Promise.all([first, foreign, own])).toEqual(['stored', 'not_ours', 'stored']);
    expect(stores()).toBe(2);
    expect([(await left.rows()).length, (await right.rows()).length]).toEqual([1, 1]);
    await close();
  });

  it('WH-08 one that cannot be stored fails alone, and its neighbours are kept', async () => {
    const inbox = createDeliveryInbox(database.db);
    const first = inbox.store(inboxDelivery(left));
    const good = Array.from({ length: 5 }, () => inboxDelivery(left));
    const poison = inboxDelivery(left, { size: 2 ** 40 });
    const results = await Promise.allSettled([
      first,
      ...good.slice(0, 3).map((one) => inbox.store(one)),
      inbox.store(poison),
      ...good.slice(3).map((one) => inbox.store(one)),
      inbox.store(inboxDelivery(right)),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 4 }, () => 'fulfilled'),
      'rejected',
      ...Array.from({ length: 3 }, () => 'fulfilled'),
    ]);
    expect(await left.rows()).toHaveLength(6);
    expect(await left.jobs()).toHaveLength(6);
    expect(await right.rows()).toHaveLength(1);
  });

  it('F8 one tenant that is held up by a lock fails alone, and its neighbours are kept', async () => {
    const owner = openDatabase({ url: database.ownerUrl });
    // As when somebody else's transaction hangs over one of its rows for too long.
    await owner.raw(`
      create function held_up() returns trigger language plpgsql as
      $$ begin raise exception 'held up' using errcode = '40P01'; end $$;
      create trigger held_up before insert on deliveries for each row
      when (new.installation_id = '${left.id}') execute function held_up()`);
    try {
      const inbox = createDeliveryInbox(database.db);
      const first = inbox.store(inboxDelivery(right));
      const results = await Promise.allSettled([
        first,
        ...[left, left, right, left, right].map((tenant) => inbox.store(inboxDelivery(tenant))),
      ]);
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        ...['rejected', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
      ]);
      expect(await right.rows()).toHaveLength(3);
    } finally {
      await owner.raw('drop trigger held_up on deliveries; drop function held_up()');
      await owner.destroy();
    }
  });

  it('WH-08 reports what is unreadable once a group, and a duplicate not at all', async () => {
    const inbox = createDeliveryInbox(database.db);
    const unreadable = () => inboxDelivery(left, { state: 'unreadable', job: null, finding: FINDING });
    const one = unreadable();
    await Promise.all([inbox.store(one), ...Array.from({ length: 9 }, () => inbox.store(unreadable()))]);
    const open = () => left.within((tx) => findingStore.listOpen(tx, 10));
    expect(await open()).toMatchObject([{ kind: 'delivery_unreadable', count: 2 }]);
    expect(await inbox.store({ ...unreadable(), fingerprint: one.fingerprint })).toBe('duplicate');
    expect(await open()).toMatchObject([{ count: 2 }]);
    expect(await left.rows()).toHaveLength(10);
    expect(await left.jobs()).toEqual([]);
  });

  it.each([
    ['', {}],
    [' with something to report', { state: 'unreadable', job: null, finding: FINDING } as const],
  ])('F4 a connection%s that nothing comes back on any more stops no later delivery', async (_what, values) => {
    const relay = await stallingRelay(Number(new URL(database.appUrl).port));
    const url = new URL(database.appUrl);
    url.port = String(relay.port);
    const db = openDatabase({ url: url.href, poolSize: 2 });
    const inbox = createDeliveryInbox(db, { patienceMs: 300 });
    expect(await inbox.store(inboxDelivery(left, values))).toBe('stored');
    relay.stall();
    await expect(inbox.store(inboxDelivery(left, values))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await inbox.store(inboxDelivery(left, values))).toBe('stored');
    relay.close();
    await db.destroy();
  });

  it('F4 says unavailable to all of a group at once when the database is away', async () => {
    const away = openDatabase({ url: 'postgres://nobody:secret@127.0.0.1:1/none' });
    const inbox = createDeliveryInbox(away);
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => inbox.store(inboxDelivery(left))));
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
    await away.destroy();
  });
});

describe('what was let in is judged again when it is stored', () => {
  const installations = () => createInstallationStore(world.vault);

  it.each<[string, () => Promise<unknown>]>([
    ['an app that was removed', () => left.within((tx) => installations().setUninstalled(tx))],
    ['an app that was erased', () => left.within((tx) => installations().erase(tx))],
    ['a webhook that was removed', () => left.within((tx) => createCrmWebhookStore(world.vault).remove(tx, left.user))],
    [
      'an address that is no longer ours',
      () => left.within((tx) => queriesOf(tx)('installations').update({ webhook_secret_hash: Buffer.from('other') })),
    ],
  ])('WH-04 WH-12 nothing is stored for %s', async (_what, change) => {
    const inbox = createDeliveryInbox(database.db);
    expect(await inbox.store(inboxDelivery(left))).toBe('stored');
    const before = (await left.rows()).length;
    await change();
    expect(await inbox.store(inboxDelivery(left))).toBe('not_ours');
    expect((await left.rows()).length).toBeLessThanOrEqual(before);
  });

  it('where signatures are required, one without is refused from the next delivery on', async () => {
    const inbox = createDeliveryInbox(database.db);
    await left.within((tx) => queriesOf(tx)('installations').update({ signature: 'required' }));
    const before = (await left.rows()).length;
    expect(await inbox.store(inboxDelivery(left))).toBe('unsigned');
    expect(await left.rows()).toHaveLength(before);
    expect(await inbox.store(inboxDelivery(left, { signed: true }))).toBe('stored');
    expect(await inbox.store(inboxDelivery(right))).toBe('stored');
  });

  it('5.10.3 WH-12 an erasure under way keeps its own deliveries waiting, nobody else’s, and ends with no row', async () => {
    const inbox = createDeliveryInbox(database.db);
    let erased = (): void => undefined;
    let mayEnd = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      erased = resolve;
    });
    const end = new Promise<void>((resolve) => {
      mayEnd = resolve;
    });
    const erasing = createUnitOfWork(database.db).within(left.id, async (tx) => {
      await installations().erase(tx);
      erased();
      await end;
    });
    await done;
    // More than the pool has connections.
    const own = Promise.allSettled(Array.from({ length: 50 }, () => inbox.store(inboxDelivery(left))));
    for (let round = 0; round < 3; round += 1) {
      const others = await Promise.all([inbox.store(inboxDelivery(right)), inbox.store(inboxDelivery(right))]);
      expect(others).toEqual(['stored', 'stored']);
    }
    mayEnd();
    await erasing;
    expect(await own).toEqual(Array.from({ length: 50 }, () => ({ status: 'fulfilled', value: 'not_ours' })));
    expect(await left.rows()).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NotifiedTenant } from '../../support/delivery-world.ts';
import { type ReceiverBench, startReceiverBench } from '../../support/receiver-bench.ts';
import { goodBody } from '../../support/seeded/delivery-bodies.ts';

let bench: ReceiverBench;
let tenant: NotifiedTenant;
beforeAll(async () => {
  bench = await startReceiverBench({ answerMs: 2_000 });
  tenant = await bench.addTenant();
});
afterAll(() => bench?.close());

/** Ports that sockets of this process were opened to while the work ran. */
async function portsDialled(work: () => Promise<unknown>): Promise<Set<number>> {
  const ports = new Set<number>();
  const note = (message: unknown): void => {
    const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined;
    if (socket instanceof Socket) socket.on('connectionAttempt', (_address: string, port: number) => ports.add(port));
  };
  subscribe('net.client.socket', note);
  try {
    await work();
  } finally {
    unsubscribe('net.client.socket', note);
  }
  return ports;
}

describe('the receiver', () => {
  it('WH-03 opens no socket but to its own database, whatever comes in', async () => {
    const database = Number(new URL(bench.database.appUrl).port);
    const bodies = [goodBody(tenant.companyId, randomUUID()), '', 'nonsense', `${' '.repeat(1_100_000)}{}`];
    const ports = await portsDialled(async () => {
      for (const body of bodies) expect(await bench.send(tenant, body)).toBe(200);
      expect(await bench.send({ ...tenant, authorization: 'Basic eDp5' }, '{}')).toBe(401);
      expect(await bench.send({ ...tenant, secret: 'guess' }, '{}')).toBe(401);
    });
    // Port by port: the test's own calls of the receiver, and the pool of the database.
    expect([...ports].filter((port) => port !== bench.port && port !== database)).toEqual([]);
    expect(ports).toContain(bench.port);
  });

  it('WH-03 such a socket would be seen', async () => {
    const ports = await portsDialled(async () => {
      const socket = connect(9, '127.0.0.1');
      await once(socket, 'connect').catch(() => undefined);
      socket.destroy();
    });
    expect(ports).toEqual(new Set([9]));
  });

  it('WH-09 600 deliveries at once are all stored or told to come back, and those are stored the next time', async () => {
    let left = Array.from({ length: 600 }, () => randomUUID());
    let rounds = 0;
    while (left.length > 0 && rounds < 10) {
      const answers = await Promise.all(
        left.map(async (id) => [id, await bench.send(tenant, goodBody(tenant.companyId, id))] as const),
      );
      expect(answers.map(([, status]) => status).filter((status) => status !== 200 && status !== 503)).toEqual([]);
      left = answers.flatMap(([id, status]) => (status === 200 ? [] : [id]));
      rounds += 1;
    }
    expect(left).toEqual([]);
    const events = (await tenant.rows()).filter(({ state }) => state === 'new');
    expect(events.length).toBeGreaterThanOrEqual(600);
    expect(await tenant.jobs()).toHaveLength(events.length);
  });

  it('F8 says come back when the database has no room, and takes deliveries again afterwards', async () => {
    const other = await bench.addTenant();
    // Every connection of the pool is taken: what a full disk or an empty pool looks like from here.
    const taken = await Promise.all(Array.from({ length: 10 }, () => bench.database.db.transaction()));
    const waiting = bench.send(other, goodBody(other.companyId, randomUUID()));
    const status = await waiting;
    await Promise.all(taken.map((tx) => tx.rollback()));
    expect(status).toBe(503);
    expect(await bench.send(other, goodBody(other.companyId, randomUUID()))).toBe(200);
  });
});

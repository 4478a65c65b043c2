import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../server/app/deliveries/delivery-fingerprint.ts';
import { readDelivery } from '../../server/app/deliveries/delivery-reader.ts';
import { queriesOf } from '../../server/db/unit-of-work.ts';
import type { NotifiedTenant } from '../support/delivery-world.ts';
import { type ReceiverBench, startReceiverBench } from '../support/receiver-bench.ts';
import { goodBody, oddBody, oddHeaders } from '../support/seeded/delivery-bodies.ts';

/** Ten bodies a seed: 5,000 here, 100,000 in the long run. `ORDERLINE_SEED=17` sends those of seed 17 again. */
const EACH = 10;
const ONE = process.env['ORDERLINE_SEED'];
const COUNT = ONE === undefined ? Number(process.env['ORDERLINE_SEEDS'] ?? 500) : 1;
const FIRST = ONE === undefined ? 1 : Number(ONE);
const AT_ONCE = 100;
const MOST_MEMORY = 512 * 1_048_576;

describe('bodies that nobody should send', { timeout: COUNT * 300 + 60_000 }, () => {
  let bench: ReceiverBench;
  let tenant: NotifiedTenant;
  let neighbour: NotifiedTenant;
  beforeAll(async () => {
    bench = await startReceiverBench();
    tenant = await bench.addTenant();
    neighbour = await bench.addTenant();
  });
  afterAll(() => bench?.close());

  it('WH-08 5.1 are all answered 200 and stored, take no neighbour with them, and memory stays bounded', async () => {
    const wrong: string[] = [];
    const odd = new Set<string>();
    const good: string[] = [];
    let next = 0;

    async function sendSeed(seed: number): Promise<void> {
      for (let index = 0; index < EACH; index += 1) {
        const drawn = (seed - 1) * EACH + index + 1;
        const body = oddBody(drawn, tenant.companyId);
        const event = readDelivery(body);
        const expected = event?.companyId && event.companyId !== tenant.companyId ? 401 : 200;
        if (expected === 200) odd.add(fingerprintOf(tenant.user, event, body));
        const status = await bench.send(tenant, body, oddHeaders(drawn));
        if (status !== expected) wrong.push(`seed ${seed}, body ${index}: ${status} instead of ${expected}`);
      }
      const id = randomUUID();
      const status = await bench.send(neighbour, goodBody(neighbour.companyId, id));
      if (status === 200) good.push(id);
      else wrong.push(`a good neighbour of seed ${seed}: ${status}`);
    }

    const lane = async (): Promise<void> => {
      while (next < COUNT) {
        next += 1;
        await sendSeed(FIRST + next - 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));

    expect(wrong.slice(0, 20).join('\n')).toBe('');
    expect(process.memoryUsage.rss()).toBeLessThan(MOST_MEMORY);
    const kept = await tenant.within((tx) =>
      queriesOf(tx)('deliveries').where({ installation_id: tenant.id }).pluck<Buffer[]>('fingerprint'),
    );
    expect(kept.map(String).sort()).toEqual([...odd].sort());
    const stored = (await neighbour.rows()).map(({ body }) => readDelivery(body)?.eventId);
    expect(new Set(stored)).toEqual(new Set(good));
    expect(await neighbour.jobs()).toHaveLength(COUNT);
  });
});

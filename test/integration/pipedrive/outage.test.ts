import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ products: [{ id: 1, name: 'Desk' }] });
  await bench.install(11);
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.practice.faults.clear();
  bench.practice.log.clear();
});

describe('AP-04: a total outage of ten minutes', () => {
  it.each([
    ['a 502', { kind: 'status', status: 502 }],
    ['a broken connection', { kind: 'drop_before' }],
  ] as const)('%s is not answered with a flood', async (_name, fault) => {
    // A process of its own: the last outage has left its marks on the one before.
    const crm = bench.secondProcess();
    const read = () => crm.getProduct(bench.caller('service', 'delta', new AbortController().signal), 1);
    const arrived = () => bench.practice.log.all().filter(({ path }) => path.includes('products')).length;
    for (let call = 0; call < 100; call += 1) await read();
    const healthy = arrived();
    const outage = bench.practice.faults.add({ match: { path: /products/ }, times: 1e6, fault });
    let calls = 0;
    for (let second = 0; second < 600; second += 2) {
      bench.clock.advance(2_000);
      calls += 1;
      await read().catch(() => undefined);
    }
    expect(outage.struck()).toBeLessThanOrEqual(calls * 1.1);
    expect(outage.struck()).toBeGreaterThan(5);
    // The circuit has kept most of them back altogether, and the repeats are a tenth of all that was sent.
    expect(outage.struck()).toBeLessThanOrEqual(calls * 0.2);
    expect(outage.struck() - calls).toBeLessThanOrEqual(0.1 * (healthy + outage.struck()));
    outage.remove();
    bench.clock.advance(6 * 60_000);
    await expect(read()).resolves.toMatchObject({ id: 1 });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../support/seeded/house.ts';
import { dropUniqueKeys, withBlindRetry, withoutDeadline, withoutFence } from '../support/seeded/planted-bugs.ts';
import { drawScenario } from '../support/seeded/scenario.ts';
import { searchBrokenSeed } from '../support/seeded/search.ts';

/** Far fewer than a regular run plays. */
const SEEDS = 100;

describe('mistakes that the seeded journeys must find', { timeout: 120_000 }, () => {
  let house: House;

  beforeAll(async () => {
    house = await startHouse();
  });
  afterAll(async () => {
    await house?.close();
  });

  it('a write that is repeated blindly (EO-04, EO-05, TE-02)', async () => {
    const found = await searchBrokenSeed(house, SEEDS, { adapt: withBlindRetry });
    expect(found?.broken.join()).toContain('a write without a look-up before it');
  });

  it('a result that is accepted from an attempt of the past (EO-08)', async () => {
    const found = await searchBrokenSeed(house, SEEDS, { adapt: withoutFence });
    expect(found?.scenario.stop?.how).toBe('stalled');
    expect(found?.broken.join()).toContain('handoff_posted 2 times');
  });

  it('a write that leaves although its lease has long run out (EO-08)', async () => {
    const stalled = (seed: number) => ({ ...drawScenario(seed), stallMs: 10 * 60_000 });
    const found = await searchBrokenSeed(house, SEEDS, { adapt: withoutDeadline }, stalled);
    expect(found?.scenario.stop?.how).toBe('stalled');
    expect(found?.broken.join()).toContain('2 documents in SAP');
  });

  it('a hand-off that no unique key keeps single (EO-01)', async () => {
    await dropUniqueKeys(house);
    const pressedTwiceAtOnce = (seed: number) => ({
      ...drawScenario(seed),
      triggers: [{ kind: 'send', times: 2 }] as const,
    });
    const found = await searchBrokenSeed(house, SEEDS, {}, pressedTwiceAtOnce);
    expect(found?.broken.join()).toContain('2 hand-offs for one deal');
  });
});

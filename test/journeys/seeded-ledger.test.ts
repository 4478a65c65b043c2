import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type WorkerLike } from '../support/seeded/house.ts';
import { describeScenario, drawScenario } from '../support/seeded/scenario.ts';
import { playAndCheck } from '../support/seeded/search.ts';

/** Other lives than those played without a ledger. */
const FIRST = 100_001;
const SEEDS = Array.from({ length: Number(process.env['ORDERLINE_SEEDS'] ?? 20) }, (_, index) => FIRST + index);

describe('won deals under faults where SAP has the ledger', { timeout: SEEDS.length * 10_000 + 30_000 }, () => {
  let house: House;
  let standing: WorkerLike;

  beforeAll(async () => {
    house = await startHouse({ ledger: true });
    standing = house.startWorker();
  });
  afterAll(async () => {
    await standing?.close();
    await house?.close();
  });

  it('EO-06 makes one order of each, and one row with it', async () => {
    const found: string[] = [];
    for (const seed of SEEDS) {
      const scenario = drawScenario(seed);
      const { broken } = await playAndCheck(house, standing, scenario);
      if (broken.length > 0) found.push(`Seed ${seed}: ${broken.join('; ')}.\n${describeScenario(scenario)}`);
    }
    expect(found.join('\n\n')).toBe('');
  });
});

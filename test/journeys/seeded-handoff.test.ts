import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAuditChain } from '../../server/db/audit-chain.ts';
import { type House, startHouse, unitOfWorkOf, type WorkerLike } from '../support/seeded/house.ts';
import { describeScenario, drawScenario } from '../support/seeded/scenario.ts';
import { type BrokenSeed, playAndCheck } from '../support/seeded/search.ts';

/** How many are played; `ORDERLINE_SEED` plays one (`17`) or a range (`10-17`) again. */
const SEEDS = seedsOf(process.env['ORDERLINE_SEED'] ?? `1-${process.env['ORDERLINE_SEEDS'] ?? 200}`);

describe('won deals under faults, drawn from seeds', { timeout: SEEDS.length * 3_000 + 30_000 }, () => {
  let house: House;
  let standing: WorkerLike;

  beforeAll(async () => {
    house = await startHouse();
    standing = house.startWorker();
  });
  afterAll(async () => {
    await standing?.close();
    await house?.close();
  });

  it('makes one order of each (EO-01, EO-02, EO-04, EO-05, EO-07 to EO-10, EO-12, WH-05, WH-06)', async () => {
    const found: BrokenSeed[] = [];
    for (const seed of SEEDS) {
      const broken = await playAndCheck(house, standing, drawScenario(seed));
      if (broken) found.push(broken);
    }
    expect(found.map(sentence).join('\n\n')).toBe('');
    const chain = await unitOfWorkOf(house).within(house.installation, (tx) => verifyAuditChain(tx));
    expect(chain).toMatchObject({ intact: true });
  });
});

function seedsOf(range: string): number[] {
  const [first = 1, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function sentence({ scenario, broken }: BrokenSeed): string {
  return [
    `Seed ${scenario.seed}: ${broken.join('; ')}.`,
    `Again: ORDERLINE_SEED=${scenario.seed} npx vitest run test/journeys/seeded-handoff.test.ts`,
    describeScenario(scenario),
  ].join('\n');
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAuditChain } from '../../server/db/audit-chain.ts';
import { type House, startHouse, unitOfWorkOf, type WorkerLike } from '../support/seeded/house.ts';
import { describeScenario, drawScenario, type Scenario } from '../support/seeded/scenario.ts';
import { type BrokenSeed, playAndCheck } from '../support/seeded/search.ts';
import type { StopPoint } from '../support/seeded/stoppable-database.ts';

/** How many are played; `ORDERLINE_SEED` plays one (`17`) or a range (`10-17`) again. */
const SEEDS = seedsOf(process.env['ORDERLINE_SEED'] ?? `1-${process.env['ORDERLINE_SEEDS'] ?? 100}`);

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
      const scenario = drawScenario(seed);
      const { broken } = await playAndCheck(house, standing, scenario);
      if (broken.length > 0) found.push({ scenario, broken });
    }
    expect(found.map(sentence).join('\n\n')).toBe('');
    const chain = await unitOfWorkOf(house).within(house.installation, (tx) => verifyAuditChain(tx));
    expect(chain).toMatchObject({ intact: true });
  });

  it.each<StopPoint['how']>(['killed', 'stalled'])(
    'a worker may be %s at every one of its transactions (EO-07, EO-08, EO-12)',
    async (how) => {
      for (let transaction = 1; ; transaction += 1) {
        const before = await stopAt({ how, from: 'start', transaction, moment: 'before_commit' });
        // For one that goes on later, after this commit is before the next.
        if (how === 'killed' && before) await stopAt({ how, from: 'start', transaction, moment: 'after_commit' });
        if (!before) return expect(transaction).toBeGreaterThan(30);
      }
    },
  );

  /** @returns whether there is such a point */
  async function stopAt(stop: StopPoint): Promise<boolean> {
    const scenario: Scenario = {
      ...drawScenario(1),
      triggers: [{ kind: 'win', webhook: null }],
      sapFaults: [],
      crmFaults: [],
      approval: false,
      stop,
      stallMs: 10 * 60_000,
    };
    const { broken, hasStopped } = await playAndCheck(house, standing, scenario);
    expect({ stop, broken }).toEqual({ stop, broken: [] });
    return hasStopped;
  }
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

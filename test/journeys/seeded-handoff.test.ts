import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAuditChain } from '../../server/db/audit-chain.ts';
import { type House, startHouse, unitOfWorkOf, type WorkerLike } from '../support/seeded/house.ts';
import { findBrokenPromises } from '../support/seeded/outcome.ts';
import { type Played, play } from '../support/seeded/play.ts';
import { describeScenario, drawScenario } from '../support/seeded/scenario.ts';

const SEEDS = Number(process.env['ORDERLINE_SEEDS'] ?? 200);
const ONLY = process.env['ORDERLINE_SEED'];

describe('won deals under faults, drawn from seeds', () => {
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

  it('makes one order of each deal (EO-01, EO-02, EO-04, EO-05, EO-07, EO-08, EO-10, EO-12, WH-05, WH-06)', {
    timeout: 20 * 60_000,
  }, async () => {
    const seeds = ONLY === undefined ? Array.from({ length: SEEDS }, (_, index) => index + 1) : [Number(ONLY)];
    const failed: string[] = [];
    for (const seed of seeds) {
      const scenario = drawScenario(seed);
      const players = {
        standing,
        startStopping: (stop: NonNullable<typeof scenario.stop>) => house.startWorker({ stop }),
      };
      const began = process.hrtime.bigint();
      const played: Played = await play(house, players, scenario);
      const broken = await findBrokenPromises(house, scenario, played);
      if (process.env['ORDERLINE_TRACE'])
        console.log(seed, Number(process.hrtime.bigint() - began) / 1e6, played.faultsHit);
      if (broken.length > 0) failed.push(sentence(seed, broken));
    }
    expect(failed.join('\n\n')).toBe('');
    const chain = await unitOfWorkOf(house).within(house.installation, (tx) => verifyAuditChain(tx));
    expect(chain).toMatchObject({ intact: true });
  });
});

function sentence(seed: number, broken: readonly string[]): string {
  return [
    `Seed ${seed}: ${broken.join('; ')}.`,
    `Again: ORDERLINE_SEED=${seed} npx vitest run test/journeys/seeded-handoff.test.ts`,
    describeScenario(drawScenario(seed)),
  ].join('\n');
}

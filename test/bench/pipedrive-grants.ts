import { startGrantCallers } from '../support/grant-callers.ts';
import { ADMIN, startGrantHouse } from '../support/grant-house.ts';
import type { Measure } from './measure.ts';

/** 50 callers over four processes. */
const CALLS = [13, 13, 12, 12];
const ROUNDS = 3;

/** How many refreshes one expired token costs, however many ask at once. */
export async function measurePipedriveGrants(): Promise<readonly Measure[]> {
  const house = await startGrantHouse();
  await house.install(ADMIN);
  const callers = await startGrantCallers(house, CALLS);
  try {
    house.practice.grants.rotateRefreshTokens = true;
    let most = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      house.clock.advance(57 * 60_000);
      const mark = house.practice.log.all().length;
      await callers.ask();
      most = Math.max(most, house.tokenAnswers(mark).length);
    }
    const against = 'one refresh, at most what it may be';
    return [{ name: 'refreshes for 50 callers in 4 processes', unit: '', ours: most, floor: 1, against, bar: 'most' }];
  } finally {
    callers.stop();
    await house.close();
  }
}

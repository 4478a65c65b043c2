import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrantCallers, startGrantCallers } from '../../support/grant-callers.ts';
import { ADMIN, type GrantHouse, startGrantHouse } from '../../support/grant-house.ts';

/** 50 callers over four processes. */
const CALLS = [13, 13, 12, 12];

describe('grants over processes', () => {
  let house: GrantHouse;
  let callers: GrantCallers;
  beforeAll(async () => {
    house = await startGrantHouse();
    await house.install(ADMIN);
    callers = await startGrantCallers(house, CALLS);
  });
  afterAll(async () => {
    callers?.stop();
    await house?.close();
  });

  it.each([true, false])('AP-10 50 callers in 4 processes make one refresh, tokens rotating: %s', async (rotating) => {
    house.practice.grants.rotateRefreshTokens = rotating;
    house.clock.advance(57 * 60_000);
    const mark = house.practice.log.all().length;
    expect(await callers.ask()).toEqual(CALLS);
    expect(house.tokenAnswers(mark)).toEqual([200]);
  });
});

import { expect, it } from 'vitest';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { createGrantProver } from '../../../server/pipedrive/grant-prover.ts';
import { createOwnBooks } from '../../../server/pipedrive/own-books.ts';
import { createTraffic } from '../../../server/pipedrive/traffic.ts';
import { grantOf, INSTALLATION, memoryGrants, memoryLedger } from '../../integration/pipedrive/bench.ts';
import { movableClock } from '../../support/movable-clock.ts';

const DAY = 24 * 60 * 60_000;

it('AP-05: a window that stays shut for longer than the question may take is no defect', async () => {
  const clock = movableClock();
  const traffic = createTraffic({
    clock,
    random: () => 0.5,
    // As the real one, once the question's own time is over.
    sleep: async () => {
      throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    },
    elapsed: () => clock.now().getTime(),
    books: createOwnBooks(clock),
  });
  await traffic.of(INSTALLATION).gate.refused(clock.now(), 10_000);
  const { prove } = createGrantProver({
    clock,
    logger: silentLogger,
    grants: memoryGrants(),
    identify: async () => {
      throw new Error('Nothing may be asked.');
    },
    ledger: memoryLedger(),
    traffic,
  });
  const tokens = { accessToken: 'access', refreshToken: 'refresh', expiresAt: clock.now(), scopes: [] };
  const unproven = { ...grantOf(1, { ...tokens, apiDomain: 'https://acme.pipedrive.com' }), provenAt: null };
  const caller = {
    installationId: INSTALLATION,
    as: 'service',
    purpose: 'status',
    signal: new AbortController().signal,
  } as const;
  await expect(prove(caller, unproven)).rejects.toMatchObject({ kind: 'unavailable' });
  // One that was proven before is used as it is.
  const due = { ...unproven, provenAt: new Date(clock.now().getTime() - 2 * DAY) };
  expect(await prove(caller, due)).toBe(due);
});

import { describe, expect, it } from 'vitest';
import type { Tx } from '../../../server/app/ports/unit-of-work.ts';
import { makeTrial, type TrialDeps } from '../../../server/app/settings/trial.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { movableClock } from '../../support/movable-clock.ts';

const ID = installationId('4ad0ff3c-6c0f-4a40-9c3e-6a6c2f2a3c11');
const PRINCIPAL = { installationId: ID, companyId: '7', userId: 1, isAdmin: true };
/** How long the extension waits for the answer to a change (`extension/shared/api/api-client.ts`). */
const EXTENSION_WAITS_MS = 45_000;

/** When a server that gives no answer for so long is said to be silent, in milliseconds after the start. */
async function saidAfter(silentFor: number): Promise<number> {
  const clock = movableClock();
  const start = clock.now().getTime();
  const deps: TrialDeps = {
    clock,
    unitOfWork: { within: (id, work) => work({ installationId: id } as Tx) },
    trials: { book: async () => undefined },
    sleep: async (milliseconds) => clock.advance(milliseconds),
  };
  const tried = makeTrial(deps)(PRINCIPAL, new AbortController().signal, async () => {
    clock.advance(silentFor);
    throw new UnavailableError('Nobody answers.');
  });
  await expect(tried).rejects.toThrow('Nobody answers.');
  return clock.now().getTime() - start;
}

describe('SE-06 a server that is tried out', () => {
  it('is called silent at one of three moments', async () => {
    const moments = await Promise.all([1, 4_000, 6_001, 11_000, 12_001, 30_000, 41_000].map(saidAfter));
    expect(new Set(moments).size).toBe(3);
  });

  it('is called silent while somebody still waits for the answer', async () => {
    const moments = await Promise.all([1, 11_000, 30_000, 41_000].map(saidAfter));
    expect(Math.max(...moments)).toBeLessThanOrEqual(EXTENSION_WAITS_MS - 2_000);
  });
});

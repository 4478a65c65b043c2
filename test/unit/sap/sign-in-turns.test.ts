import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ErpSlots } from '../../../server/app/ports/erp-slots.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';
import { createSignInTurns } from '../../../server/sap/sign-in-turns.ts';
import { manualTime } from '../../support/manual-time.ts';

const connection = { installationId: installationId(randomUUID()), connectionId: connectionId(randomUUID()) };

/** Turns over one book; `lost`: the claim is written down, its answer does not come back. */
function aBook() {
  const time = manualTime();
  const state = { holder: undefined as string | undefined, lost: false };
  const slots: ErpSlots = {
    share: () => Promise.reject(new Error('not asked here')),
    async claimSignIn(_installation, _connection, holder) {
      if (state.holder !== undefined && state.holder !== holder) return false;
      state.holder = holder;
      if (state.lost) throw new UnavailableError('The database cannot be reached at the moment.');
      return true;
    },
    async releaseSignIn(_installation, _connection, holder) {
      if (state.holder === holder) state.holder = undefined;
    },
  };
  return { time, state, turns: createSignInTurns(slots, time.startTimer) };
}

describe('turns to sign in', () => {
  it('are one after the other, also when one of them fails', async () => {
    const { time, turns } = aBook();
    const steps: string[] = [];
    const sign = (name: string, fails = false) =>
      turns
        .take(connection, async () => {
          steps.push(`${name} begins`);
          await new Promise<void>((resolve) => void time.startTimer(1_000, resolve));
          steps.push(`${name} ends`);
          if (fails) throw new UnavailableError('no');
        })
        .catch(() => undefined);
    void sign('a', true);
    void sign('b');
    await time.pass(3_000);
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('hold nobody up whose claim was written down and then not answered', async () => {
    const { state, turns } = aBook();
    state.lost = true;
    await expect(turns.take(connection, async () => 1)).rejects.toBeInstanceOf(UnavailableError);
    state.lost = false;
    await expect(turns.take(connection, async () => 1)).resolves.toBe(1);
  });
});

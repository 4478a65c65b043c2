import { describe, expect, it } from 'vitest';
import { createTokenAccounting } from '../../../server/app/access/token-accounting.ts';
import type { TokenLedger, TokenUse } from '../../../server/app/ports/token-ledger.ts';
import type { Tx, UnitOfWork } from '../../../server/app/ports/unit-of-work.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { movableClock } from '../../support/movable-clock.ts';

const ID = installationId('00000000-0000-4000-8000-000000000001');
const HOUR = 3_600_000;

/** A ledger in memory; nothing in it looks at the transaction. */
function start() {
  const clock = movableClock();
  const uses: (TokenUse & { at: Date; operation: string })[] = [];
  let daily: { limit: number; remaining: number; at: Date } | undefined;
  const ledger: TokenLedger = {
    async add(_tx, at, use) {
      uses.push({ ...use, at });
    },
    async spentSince(_tx, since) {
      return uses.filter(({ at }) => at >= since);
    },
    async saveDaily(_tx, day) {
      daily = day;
    },
    async findDaily() {
      return daily;
    },
  };
  const unitOfWork: UnitOfWork = { within: (id, work) => work({ installationId: id } as Tx) };
  return { clock, uses, accounting: createTokenAccounting({ clock, unitOfWork, ledger }) };
}

describe('the day’s tokens', () => {
  it('TB-01 nothing is held up before Pipedrive said anything', async () => {
    const { accounting } = start();
    expect(await accounting.maySpend(ID, 'background', 1e9)).toEqual({ ok: true });
  });

  it('the last fifth is kept for orders', async () => {
    const { accounting, clock } = start();
    await accounting.saw(ID, { limit: 1_000, remaining: 210 });
    expect(await accounting.maySpend(ID, 'person', 10)).toEqual({ ok: true });
    const retryAt = new Date(clock.now().getTime() + 15 * 60_000);
    expect(await accounting.maySpend(ID, 'person', 11)).toEqual({ ok: false, retryAt });
    expect(await accounting.maySpend(ID, 'status', 11)).toEqual({ ok: false, retryAt });
    expect(await accounting.maySpend(ID, 'order', 210)).toEqual({ ok: true });
  });

  it('background work takes two fifths of the day and no more', async () => {
    const { accounting } = start();
    await accounting.saw(ID, { limit: 1_000, remaining: 1_000 });
    await accounting.charge(ID, 'background', 'POST /organizations', 395);
    await accounting.charge(ID, 'person', 'GET /deals/{id}', 300);
    expect(await accounting.maySpend(ID, 'background', 5)).toEqual({ ok: true });
    expect(await accounting.maySpend(ID, 'background', 6)).toMatchObject({ ok: false });
    expect(await accounting.maySpend(ID, 'person', 6)).toEqual({ ok: true });
  });

  it('a new day begins anew', async () => {
    const { accounting, clock } = start();
    await accounting.saw(ID, { limit: 1_000, remaining: 1_000 });
    await accounting.charge(ID, 'background', 'POST /organizations', 400);
    expect(await accounting.maySpend(ID, 'background', 5)).toMatchObject({ ok: false });
    clock.advance(24 * HOUR);
    await accounting.saw(ID, { limit: 1_000, remaining: 1_000 });
    expect(await accounting.maySpend(ID, 'background', 5)).toEqual({ ok: true });
  });

  it('what was said a quarter of an hour ago holds nobody up: whoever asks next is told anew', async () => {
    const { accounting, clock } = start();
    await accounting.saw(ID, { limit: 1_000, remaining: 0 });
    expect(await accounting.maySpend(ID, 'person', 1)).toMatchObject({ ok: false });
    clock.advance(15 * 60_000 - 1);
    expect(await accounting.maySpend(ID, 'person', 1)).toMatchObject({ ok: false });
    clock.advance(1);
    expect(await accounting.maySpend(ID, 'person', 1)).toEqual({ ok: true });
    await accounting.saw(ID, { limit: 1_000, remaining: 0 });
    expect(await accounting.maySpend(ID, 'background', 1)).toMatchObject({ ok: false });
  });

  it('every call is booked with its purpose', async () => {
    const { accounting, uses } = start();
    await accounting.charge(ID, 'order', 'PATCH /deals/{id}', 5);
    expect(uses).toMatchObject([{ purpose: 'order', operation: 'PATCH /deals/{id}', tokens: 5, calls: 1 }]);
  });
});

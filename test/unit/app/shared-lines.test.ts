import { describe, expect, it } from 'vitest';
import { createSharedLines } from '../../../server/app/panel/shared-lines.ts';
import type { CrmCaller, CrmDeal } from '../../../server/app/ports/crm.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { decimal } from '../../../server/kernel/money.ts';
import { movableClock } from '../../support/movable-clock.ts';

const MINUTE = 60_000;
const DEAL: CrmDeal = {
  id: 7,
  title: 'Desks',
  status: 'open',
  wonAt: null,
  organizationId: 1,
  personId: null,
  ownerId: 11,
  currency: 'EUR',
  value: decimal('100'),
  expectedCloseDate: null,
  updateTime: '2026-03-02T08:00:00Z',
  isArchived: false,
  isDeleted: false,
  customFields: {},
};

const caller = (id: string, as: number): CrmCaller => ({
  installationId: installationId(`00000000-0000-4000-8000-00000000000${id}`),
  as,
  purpose: 'person',
  signal: new AbortController().signal,
});

function start() {
  const clock = movableClock();
  const asked: (number | 'service')[] = [];
  let away = false;
  let held: Promise<void> | undefined;
  const shared = createSharedLines({
    clock,
    crm: {
      async listDealLines({ as, signal }) {
        asked.push(as);
        await held;
        signal.throwIfAborted();
        if (away) throw new UnavailableError('away');
        return [];
      },
    },
  });
  /** @returns what lets them go on */
  const holdAnswers = () => {
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    return () => release();
  };
  return { clock, asked, shared, goAway: (is: boolean) => (away = is), holdAnswers };
}

describe('a deal’s lines for the panel (AP-02: 11 tokens a view, 1 where they are known)', () => {
  it('are asked for once in five minutes for all people of a company', async () => {
    const { shared, asked, clock } = start();
    await shared.of(caller('1', 11), DEAL, false);
    await shared.of(caller('1', 12), DEAL, false);
    clock.advance(5 * MINUTE - 1);
    await shared.of(caller('1', 11), DEAL, false);
    expect(asked).toEqual([11]);
    clock.advance(1);
    await shared.of(caller('1', 12), DEAL, false);
    expect(asked).toEqual([11, 12]);
  });

  it('SE-20 are forgotten after that, also where nobody asks', async () => {
    const { shared, asked, clock } = start();
    await shared.of(caller('1', 11), DEAL, false);
    clock.advance(5 * MINUTE);
    shared.forgetOld();
    clock.advance(-1);
    await shared.of(caller('1', 12), DEAL, false);
    expect(asked).toEqual([11, 12]);
    shared.forgetOld();
    await shared.of(caller('1', 11), DEAL, false);
    expect(asked).toEqual([11, 12]);
  });

  it('are asked for again as soon as the deal has changed', async () => {
    const { shared, asked } = start();
    await shared.of(caller('1', 11), DEAL, false);
    await shared.of(caller('1', 11), { ...DEAL, updateTime: '2026-03-02T09:00:00Z' }, false);
    await shared.of(caller('1', 11), { ...DEAL, updateTime: '2026-03-02T09:00:00Z', value: decimal('90') }, false);
    expect(asked).toHaveLength(3);
  });

  it('are never another company’s, nor another deal’s, and a failure is not kept', async () => {
    const { shared, asked, goAway } = start();
    goAway(true);
    await expect(shared.of(caller('1', 11), DEAL, false)).rejects.toThrow('away');
    goAway(false);
    await shared.of(caller('1', 11), DEAL, false);
    await shared.of(caller('2', 11), DEAL, false);
    await shared.of(caller('1', 11), { ...DEAL, id: 8 }, false);
    expect(asked).toHaveLength(4);
  });

  it('are asked for once by all who look at the same time, whoever of them goes away', async () => {
    const { shared, asked, holdAnswers } = start();
    const gone = new AbortController();
    const release = holdAnswers();
    const first = shared.of({ ...caller('1', 11), signal: gone.signal }, DEAL, false);
    const others = [12, 13, 14].map((as) => shared.of(caller('1', as), DEAL, true));
    expect(asked).toEqual([11]);
    gone.abort();
    release();
    await expect(first).rejects.toThrow();
    await expect(Promise.all(others)).resolves.toHaveLength(3);
    expect(asked).toEqual([11, 12]);
  });

  it('fail alike for all who wait, and nobody of them asks again', async () => {
    const { shared, asked, goAway, holdAnswers } = start();
    goAway(true);
    const release = holdAnswers();
    const all = [11, 12].map((as) => shared.of(caller('1', as), DEAL, false));
    release();
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toEqual([11]);
  });

  it('are not held in memory when their time is over, so that those of now are not pushed out by them', async () => {
    const { shared, asked, clock } = start();
    for (let id = 1; id < 2_000; id += 1) await shared.of(caller('1', 11), { ...DEAL, id }, false);
    clock.advance(5 * MINUTE);
    const before = asked.length;
    for (const id of [5_001, 5_002, 5_001]) await shared.of(caller('1', 11), { ...DEAL, id }, false);
    expect(asked).toHaveLength(before + 2);
  });

  it('are asked for again by hand, five times in five minutes for each person', async () => {
    const { shared, asked, clock } = start();
    await shared.of(caller('1', 11), DEAL, true);
    for (let press = 0; press < 20; press += 1) await shared.of(caller('1', 11), DEAL, true);
    expect(asked).toHaveLength(6);
    await shared.of(caller('1', 12), DEAL, true);
    await shared.of(caller('2', 11), DEAL, false);
    await shared.of(caller('2', 11), DEAL, true);
    expect(asked.slice(6)).toEqual([12, 11, 11]);
    clock.advance(5 * MINUTE - 1);
    const before = asked.length;
    await shared.of(caller('1', 12), DEAL, false);
    await shared.of(caller('1', 11), DEAL, true);
    expect(asked).toHaveLength(before);
    clock.advance(1);
    await shared.of(caller('1', 12), DEAL, false);
    await shared.of(caller('1', 11), DEAL, true);
    expect(asked.slice(before)).toEqual([12, 11]);
  });
});

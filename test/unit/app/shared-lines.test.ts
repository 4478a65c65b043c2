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
  const shared = createSharedLines({
    clock,
    crm: {
      async listDealLines({ as }) {
        asked.push(as);
        if (away) throw new UnavailableError('away');
        return [];
      },
    },
  });
  return { clock, asked, shared, goAway: (is: boolean) => (away = is) };
}

describe('a deal’s lines for the panel (AP-02: 11 tokens a view, 1 where they are known)', () => {
  it('are asked for once in five minutes for all people of a company', async () => {
    const { shared, asked, clock } = start();
    await shared.of(caller('1', 11), DEAL);
    await shared.of(caller('1', 12), DEAL);
    clock.advance(5 * MINUTE - 1);
    await shared.of(caller('1', 11), DEAL);
    expect(asked).toEqual([11]);
    clock.advance(1);
    await shared.of(caller('1', 12), DEAL);
    expect(asked).toEqual([11, 12]);
  });

  it('are asked for again as soon as the deal has changed', async () => {
    const { shared, asked } = start();
    await shared.of(caller('1', 11), DEAL);
    await shared.of(caller('1', 11), { ...DEAL, updateTime: '2026-03-02T09:00:00Z' });
    await shared.of(caller('1', 11), { ...DEAL, updateTime: '2026-03-02T09:00:00Z', value: decimal('90') });
    expect(asked).toHaveLength(3);
  });

  it('are never another company’s, nor another deal’s, and a failure is not kept', async () => {
    const { shared, asked, goAway } = start();
    goAway(true);
    await expect(shared.of(caller('1', 11), DEAL)).rejects.toThrow('away');
    goAway(false);
    await shared.of(caller('1', 11), DEAL);
    await shared.of(caller('2', 11), DEAL);
    await shared.of(caller('1', 11), { ...DEAL, id: 8 });
    expect(asked).toHaveLength(4);
  });
});

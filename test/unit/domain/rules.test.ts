import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handoffKey } from '../../../server/domain/handoff-key.ts';
import { MOVES } from '../../../server/domain/order-handoff.ts';
import { addressLine, CREDIT_STATUS_TEXT } from '../../../server/domain/partner-mapping.ts';
import {
  type ChangeStamp,
  compareStamps,
  newer,
  OVERLAP_MINUTES,
  SET_BACK_OVERLAP_MINUTES,
  startOfDelta,
} from '../../../server/domain/sync-cursor.ts';
import { decide, type VerdictInput } from '../../../server/domain/verdict.ts';
import { money, quantity } from '../../../server/domain/wording.ts';

describe('handoffKey', () => {
  const identity = { companyId: '1001', sapCompany: 'NORDLICHT', dealId: 7, step: 'order', generation: 1 } as const;

  it('EO-01 is the same for the same deal, and another for everything else', () => {
    expect(handoffKey(identity)).toBe(handoffKey({ ...identity }));
    const others = [
      { ...identity, companyId: '1002' },
      { ...identity, sapCompany: 'NORDLICHT2' },
      { ...identity, dealId: 8 },
      { ...identity, generation: 2 },
    ];
    expect(new Set([identity, ...others].map(handoffKey)).size).toBe(5);
  });

  it('fits the field, keeps 64 bits of its own, and shows the deal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (dealId) => {
        const key = handoffKey({ ...identity, dealId });
        expect(key).toMatch(new RegExp(`^PD${dealId}-[0-9a-f]{16,}$`));
        expect(key.length).toBeLessThanOrEqual(64);
      }),
    );
  });

  it('does not mix up names that run into each other', () => {
    expect(handoffKey({ ...identity, companyId: '1', sapCompany: '23' })).not.toBe(
      handoffKey({ ...identity, companyId: '12', sapCompany: '3' }),
    );
  });
});

describe('MOVES', () => {
  it('nothing leads out of what is over, and everything else leads there', () => {
    // But for a draft that becomes its order, which the deal is told.
    expect(MOVES.written_back).toEqual(['posted']);
    expect(MOVES.cancelled).toEqual([]);
    for (const start of Object.keys(MOVES)) {
      const seen = new Set<string>([start]);
      for (const state of seen)
        for (const next of Object.entries(MOVES).find(([name]) => name === state)?.[1] ?? []) seen.add(next);
      expect(seen.has('written_back') || seen.has('cancelled')).toBe(true);
    }
  });

  it('EO-05 an unconfirmed hand-off is neither called off nor sent anew before it was looked up', () => {
    expect(MOVES.unconfirmed).toEqual(['posting']);
    expect(MOVES.posting).not.toContain('cancelled');
    expect(MOVES.posted).toEqual(['written_back']);
  });
});

describe('the delta’s cursor', () => {
  it('SY-03 looks back over midnight, the end of a month and a leap day', () => {
    expect(startOfDelta({ date: '2026-04-01', time: '00:05:00' })).toEqual({ date: '2026-03-31', time: '23:50:00' });
    expect(startOfDelta({ date: '2028-03-01', time: '00:14:59' })).toEqual({ date: '2028-02-29', time: '23:59:59' });
    expect(startOfDelta({ date: '2026-01-01', time: '00:00:00' })).toEqual({ date: '2025-12-31', time: '23:45:00' });
    expect(startOfDelta({ date: '2026-03-02', time: '10:15:30' })).toEqual({ date: '2026-03-02', time: '10:00:30' });
  });

  it('always starts one of the two overlaps earlier, on the source’s own clock', () => {
    const stamps = fc
      .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2090-01-01T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString())
      .map((text) => ({ date: text.slice(0, 10), time: text.slice(11, 19) }));
    fc.assert(
      fc.property(stamps, (seen) => {
        expect(compareStamps(startOfDelta(seen), seen)).toBe(-1);
        expect([OVERLAP_MINUTES, SET_BACK_OVERLAP_MINUTES]).toContain(minutesBack(seen));
      }),
    );
  });

  it('SY-04 looks back far enough wherever in the world clocks are set back', () => {
    const found = Intl.supportedValuesOf('timeZone').flatMap(repeatedHours);
    expect(found.length).toBeGreaterThan(100);
    for (const { zone, first, last, minutes } of found) {
      // The newest stamp of the first time round, when the same hour comes again.
      for (let at = first; at <= last; at += 60_000) {
        const text = new Date(at).toISOString();
        const back = minutesBack({ date: text.slice(0, 10), time: text.slice(11, 19) });
        expect(back, `${zone} ${text}`).toBeGreaterThanOrEqual(minutes);
      }
    }
  });

  it('the newer of two stamps wins, and any stamp over none', () => {
    const old = { date: '2026-03-01', time: '23:59:59' };
    const young = { date: '2026-03-02', time: '00:00:00' };
    expect(newer(old, young)).toBe(young);
    expect(newer(young, old)).toBe(young);
    expect(newer(null, old)).toBe(old);
    expect(newer(old, null)).toBe(old);
    expect(newer(null, null)).toBeNull();
    expect(compareStamps(old, { ...old })).toBe(0);
  });
});

describe('decide', () => {
  const credit = {
    status: 'within_limit',
    exposure: '100',
    headroom: '900',
    daysOverdue: 0,
    currency: 'EUR',
    holdAfterDays: 30,
  } as const;
  const input = (values: Partial<VerdictInput> = {}): VerdictInput => ({
    customer: { active: true, type: 'customer' },
    credit,
    lines: [{ name: 'Desk', quantity: '2', available: '5', hasItem: true }],
    ...values,
  });

  it('ships what is in stock for a customer within the rules', () => {
    expect(decide(input())).toMatchObject({ verdict: 'ship', title: 'Ship now' });
    expect(decide(input({ lines: [{ name: 'Desk', quantity: '5', available: '5', hasItem: true }] })).verdict).toBe(
      'ship',
    );
  });

  it('ships part of what is short, and says of what', () => {
    const lines = [
      { name: 'Desk', quantity: '8', available: '5', hasItem: true },
      { name: 'Chair', quantity: '1', available: '-3', hasItem: true },
    ];
    expect(decide(input({ lines }))).toEqual({
      verdict: 'ship_part',
      title: 'Ship part now',
      reasons: ['5 of 8 × Desk in stock', 'None of 1 × Chair in stock'],
    });
  });

  it('holds for a deactivated customer, the credit limit and old debt, most important first', () => {
    const verdict = decide(
      input({
        customer: { active: false, type: 'customer' },
        credit: { ...credit, status: 'on_hold', headroom: '-250.5', daysOverdue: 45 },
        lines: [{ name: 'Desk', quantity: '8', available: '0', hasItem: true }],
      }),
    );
    expect(verdict.verdict).toBe('hold');
    expect(verdict.reasons).toEqual([
      'The customer is deactivated in SAP',
      'The oldest open invoice is overdue by 45 days; the limit is 30',
      '€250.50 over the credit limit',
      'None of 8 × Desk in stock',
    ]);
  });

  it('never ships on what is not known', () => {
    expect(decide(input({ credit: null })).verdict).toBe('unknown');
    expect(decide(input({ customer: null })).verdict).toBe('unknown');
    expect(decide(input({ lines: null })).verdict).toBe('unknown');
    expect(decide(input({ lines: [{ name: 'Desk', quantity: '1', available: null, hasItem: true }] })).verdict).toBe(
      'unknown',
    );
    expect(decide(input({ notAsked: 0 })).verdict).toBe('ship');
    expect(decide(input({ notAsked: 1 }))).toMatchObject({
      verdict: 'unknown',
      reasons: ['The stock of one more line was not asked'],
    });
    expect(decide(input({ notAsked: 2 })).reasons).toEqual(['The stock of 2 more lines was not asked']);
  });

  it('what stops it counts even when something else is not known', () => {
    expect(decide(input({ credit: { ...credit, headroom: '-1' }, lines: null })).verdict).toBe('hold');
  });

  it('holds a line whose product SAP does not have, and says so instead of guessing its stock', () => {
    const lines = [{ name: 'Gift card', quantity: '1', available: null, hasItem: false }];
    expect(decide(input({ lines }))).toMatchObject({ verdict: 'hold', reasons: ['“Gift card” has no item in SAP'] });
  });

  it('holds a line whose item is deactivated in SAP, however much of it there is', () => {
    const lines = [{ name: 'Desk', quantity: '1', available: '9', hasItem: true, active: false }];
    expect(decide(input({ lines }))).toMatchObject({ verdict: 'hold', reasons: ['“Desk” is deactivated in SAP'] });
  });

  it('does not call a deal within the credit rules that it could not count', () => {
    const uncounted = { ...credit, dealCounted: false };
    expect(decide(input({ credit: uncounted }))).toMatchObject({
      verdict: 'unknown',
      reasons: [`This deal’s value in ${credit.currency} is not known, so credit was checked without it`],
    });
    expect(decide(input({ credit: { ...uncounted, headroom: '-1' } })).verdict).toBe('hold');
    expect(decide(input({ credit: { ...uncounted, status: 'no_limit', headroom: null } })).verdict).toBe('ship');
  });

  it('holds for a lead: orders need a customer', () => {
    const { verdict, reasons } = decide(input({ customer: { active: true, type: 'lead' } }));
    expect(verdict).toBe('hold');
    expect(reasons[0]).toContain('a lead in SAP');
  });

  it('mentions what is overdue below the limit, last', () => {
    const { verdict, reasons } = decide(input({ credit: { ...credit, daysOverdue: 12 } }));
    expect(verdict).toBe('ship');
    expect(reasons.at(-1)).toBe('An invoice is overdue by 12 days');
  });

  it('without lines it speaks of the customer alone', () => {
    expect(decide(input({ lines: [] }))).toMatchObject({ verdict: 'ship', title: 'Good to sell' });
  });
});

describe('words', () => {
  it('amounts and quantities read like a person wrote them', () => {
    expect(money('2140.5', 'EUR')).toBe('€2,140.50');
    expect(money('5000', 'EUR')).toBe('€5,000');
    expect(money('-12.34', 'CHF')).toMatch(/12\.34/);
    expect(quantity('2.500000')).toBe('2.5');
    expect(quantity('1200')).toBe('1,200');
  });

  it('a currency that ISO does not know is shown as SAP has it', () => {
    expect(money('10', '##')).toBe('10 ##');
    expect(money('10.5', 'EURO')).toBe('10.50 EURO');
  });

  it('an address is one line of what is there', () => {
    const full = { street: 'Hafenstr. 4', postalCode: '20457', city: 'Hamburg', country: 'DE' };
    expect(addressLine(full)).toBe('Hafenstr. 4, 20457 Hamburg, DE');
    expect(addressLine({ ...full, street: null, postalCode: null })).toBe('Hamburg, DE');
    expect(addressLine({ street: null, postalCode: null, city: null, country: null })).toBe('');
  });

  it('every credit status has its own text', () => {
    expect(new Set(Object.values(CREDIT_STATUS_TEXT)).size).toBe(4);
  });
});

function minutesBack(seen: ChangeStamp): number {
  const start = startOfDelta(seen);
  return (Date.parse(`${seen.date}T${seen.time}Z`) - Date.parse(`${start.date}T${start.time}Z`)) / 60_000;
}

/** Where a zone's wall clock is set back in 2026 and 2027: the repeated stretch, in wall time read as if it were UTC. */
function repeatedHours(zone: string): { zone: string; first: number; last: number; minutes: number }[] {
  const offset = offsetsOf(zone);
  const found = [];
  for (let day = Date.UTC(2026, 0, 1); day < Date.UTC(2028, 0, 1); day += WEEK) {
    const before = offset(day);
    if (offset(day + WEEK) >= before) continue;
    let [low, high] = [day, day + WEEK];
    while (high - low > 60_000) {
      const middle = Math.floor((low + high) / 120_000) * 60_000;
      if (offset(middle) === before) low = middle;
      else high = middle;
    }
    found.push({
      zone,
      first: high + offset(high),
      last: high + before - 60_000,
      minutes: (before - offset(high)) / 60_000,
    });
  }
  return found;
}

/** No zone goes back and forth within one. */
const WEEK = 7 * 86_400_000;

function offsetsOf(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  return (instant) => {
    const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const wall = `${part['year']}-${part['month']}-${part['day']}T${part['hour']}:${part['minute']}:00Z`;
    return Date.parse(wall) - Math.floor(instant / 60_000) * 60_000;
  };
}

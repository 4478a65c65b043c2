import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countRefusal,
  enterGate,
  forgetRefusals,
  type GateBook,
  giveTurns,
  isRefusedTooOften,
  OPEN_BOOK,
  openGate,
  pauseGate,
  shutGate,
  type TurnWish,
} from '../../../server/domain/crm-gate.ts';

const MINUTE = 60_000;
const WISH: TurnWish = { kind: 'api', urgent: true, turns: 1, capacity: 48, holdMs: 0 };

/** Gives turns, one wish after the other. */
function play(wishes: readonly (Partial<TurnWish> & { gap?: number })[], book = OPEN_BOOK, start = 1e12) {
  let now = start;
  const given: { at: number; kind: TurnWish['kind']; turns: number; wish: TurnWish }[] = [];
  let current: GateBook = book;
  for (const { gap = 0, ...wish } of wishes) {
    now += gap;
    const answer = giveTurns(current, { ...WISH, ...wish }, now);
    current = answer.book;
    given.push({ at: answer.at - start, kind: wish.kind ?? 'api', turns: answer.turns, wish: { ...WISH, ...wish } });
  }
  return { book: current, given };
}

describe('turns in a window that all processes share', () => {
  it('48 at once and the 49th two seconds later', () => {
    const { given } = play(Array.from({ length: 49 }, () => ({})));
    expect(given.filter(({ at }) => at === 0)).toHaveLength(48);
    expect(given.at(-1)?.at).toBe(2_000);
  });

  it('what nobody waits for leaves a quarter of the window to people and orders', () => {
    const { given } = play([
      ...Array.from({ length: 40 }, () => ({ urgent: false })),
      ...Array.from({ length: 6 }, () => ({})),
    ]);
    expect(given.slice(0, 40).filter(({ at }) => at === 0)).toHaveLength(36);
    expect(given.slice(40).every(({ at }) => at === 0)).toBe(true);
  });

  it('F21: people and orders do not queue behind what nobody waits for, however much of that is on its way', () => {
    const { given } = play([
      ...Array.from({ length: 100 }, () => ({ urgent: false })),
      ...Array.from({ length: 20 }, () => ({})),
      { urgent: false },
    ]);
    expect(given[99]?.at).toBeGreaterThanOrEqual(4_000);
    expect(given.slice(100, 120).map(({ at }) => at)).toEqual([
      ...Array.from({ length: 12 }, () => 0),
      ...Array.from({ length: 8 }, () => 2_000),
    ]);
    expect(given[120]?.at).toBeGreaterThanOrEqual(4_000);
  });

  it('eight searches in two seconds, and each counts in both windows', () => {
    const { given, book } = play([...Array.from({ length: 9 }, () => ({ kind: 'search' as const }))]);
    expect(given.map(({ at }) => at)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 2_000]);
    expect(
      play(
        Array.from({ length: 41 }, () => ({})),
        book,
      ).given.filter(({ at }) => at === 0),
    ).toHaveLength(40);
  });

  it('AP-03: no two seconds ever see more than the window holds, whoever asks for how many and when they are taken', () => {
    const wish = fc.record({
      gap: fc.integer({ min: 0, max: 700 }),
      turns: fc.integer({ min: 1, max: 4 }),
      urgent: fc.boolean(),
      kind: fc.constantFrom('api' as const, 'api' as const, 'api' as const, 'search' as const),
      late: fc.integer({ min: 0, max: 500 }),
    });
    fc.assert(
      fc.property(fc.array(wish, { minLength: 30, maxLength: 80 }), (wishes) => {
        const { given } = play(wishes.map(({ late: _late, ...one }) => ({ ...one, holdMs: 500 })));
        const takenOf = (kinds: readonly string[]) =>
          given
            .flatMap(({ at, kind, turns }, index) =>
              kinds.includes(kind) ? Array.from({ length: turns }, () => at + (wishes[index]?.late ?? 0)) : [],
            )
            .sort((a, b) => a - b);
        const fits = (taken: readonly number[], most: number) =>
          taken.every((at, index) => index < most || at - (taken[index - most] ?? 0) >= 2_000);
        return fits(takenOf(['api', 'search']), 48) && fits(takenOf(['search']), 8);
      }),
      { numRuns: 60 },
    );
  });

  it('a pause holds everybody back, and a clock that was set back holds nobody for long', () => {
    const paused = pauseGate(OPEN_BOOK, 5_000, 1e12);
    expect(play([{}], paused).given[0]?.at).toBe(5_000);
    const full = play(
      Array.from({ length: 48 }, () => ({})),
      paused,
    ).book;
    expect(play([{}], full, 1e12 - 86_400_000).given[0]?.at).toBe(0);
  });

  it('while calls are refused one at a time tries, and the others ask again later', () => {
    const refused = countRefusal(OPEN_BOOK, 1, 2);
    const { given, book } = play([{ turns: 4 }, {}, { gap: 2_000 }], refused);
    expect(given.map(({ at, turns }) => [at, turns])).toEqual([
      [0, 1],
      [2_000, 0],
      [2_000, 1],
    ]);
    expect(play([{}, {}], forgetRefusals(book, 3)).given.map(({ turns }) => turns)).toEqual([1, 1]);
  });
});

describe('a gate that is shut', () => {
  it('AP-03: calls that were on their way together are refused once; the third refusal in a row means the day', () => {
    let book = countRefusal(OPEN_BOOK, 100, 150);
    book = countRefusal(book, 120, 160);
    book = countRefusal(book, 150, 170);
    expect([book.rounds, isRefusedTooOften(book)]).toEqual([1, false]);
    book = countRefusal(countRefusal(book, 200, 250), 300, 350);
    expect([book.rounds, isRefusedTooOften(book)]).toEqual([3, true]);
    expect([forgetRefusals(book, 350).rounds, forgetRefusals(book, 351).rounds]).toEqual([3, 0]);
  });

  it('AP-03: lets one probe through after a quarter of an hour, and after a refused one stays shut twice as long', () => {
    const start = 1e12;
    let book = shutGate(OPEN_BOOK, { reason: 'day', sentAt: start }, start);
    expect(enterGate(book, start).entry).toEqual({ kind: 'shut', reason: 'day', until: start + 15 * MINUTE });
    const entered = enterGate(book, start + 15 * MINUTE);
    expect(entered.entry).toEqual({ kind: 'probe' });
    // Its answer is a matter of seconds, so the others come back soon.
    expect(enterGate(entered.book, start + 15 * MINUTE).entry).toMatchObject({ until: start + 15 * MINUTE + 20_000 });
    // It never came: the next one asks after as long again.
    expect(enterGate(entered.book, start + 16 * MINUTE).entry).toMatchObject({ until: start + 30 * MINUTE });
    book = shutGate(entered.book, { reason: 'day', sentAt: start + 15 * MINUTE }, start + 15 * MINUTE + 100);
    expect(book.shut).toMatchObject({ refusals: 2, until: start + 45 * MINUTE + 100 });
    expect(enterGate(openGate(book), start).entry).toEqual({ kind: 'open' });
  });

  it('is not shut anew by calls that had left before', () => {
    const book = shutGate(OPEN_BOOK, { reason: 'day', sentAt: 1_000 }, 1_100);
    expect(shutGate(book, { reason: 'day', sentAt: 1_050 }, 1_200)).toBe(book);
  });

  it('AP-03: stays shut for half an hour after the guard’s page, every time', () => {
    const first = shutGate(OPEN_BOOK, { reason: 'guard', sentAt: 0 }, 0);
    const again = shutGate(first, { reason: 'guard', sentAt: 30 * MINUTE }, 30 * MINUTE);
    expect([first.shut?.until, again.shut?.until]).toEqual([30 * MINUTE, 60 * MINUTE]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOOKUP_SLOT, type SlotBook, type SlotWish, shareSlots } from '../../../server/domain/slot-share.ts';

const EMPTY: SlotBook = { slots: [], waits: [] };
const taken = (...holders: readonly string[]) => holders.map((holder, index) => ({ slot: index + 1, holder }));

function wish(holder: string, ordinary: number, changes: Partial<SlotWish> = {}): SlotWish {
  return {
    holder,
    keep: { ordinary: 0, lookup: false },
    want: { ordinary, lookup: false },
    waiting: 'person',
    ...changes,
  };
}

describe('the slots of one SAP server', () => {
  it('are three, and one for look-ups', () => {
    expect(shareSlots(EMPTY, wish('a', 9)).slots).toEqual([1, 2, 3]);
    const both = wish('a', 9, { want: { ordinary: 9, lookup: true }, waiting: 'lookup' });
    expect(shareSlots(EMPTY, both).slots).toEqual([1, 2, 3, LOOKUP_SLOT]);
  });

  it('are not taken from those who use them', () => {
    const book: SlotBook = { slots: taken('b', 'b'), waits: [] };
    expect(shareSlots(book, wish('a', 3)).slots).toEqual([3]);
  });

  it('leave the look-ups theirs while all others hang (F11)', () => {
    const book: SlotBook = { slots: taken('b', 'b', 'b'), waits: [] };
    const look = wish('a', 0, { want: { ordinary: 0, lookup: true }, waiting: 'lookup' });
    expect(shareSlots(book, look).slots).toEqual([LOOKUP_SLOT]);
  });

  it('let a second look-up take an ordinary one', () => {
    const book: SlotBook = { slots: [{ slot: LOOKUP_SLOT, holder: 'b' }], waits: [] };
    const look = wish('a', 0, { want: { ordinary: 0, lookup: true }, waiting: 'lookup' });
    expect(shareSlots(book, look).slots).toEqual([1]);
  });

  it('go to people before background work, wherever they wait', () => {
    const book: SlotBook = {
      slots: taken('night', 'night'),
      waits: [{ holder: 'rep', lane: 'person', wanted: 1, since: 9 }],
    };
    const night = wish('night', 3, { keep: { ordinary: 2, lookup: false }, waiting: 'background' });
    expect(shareSlots(book, night)).toMatchObject({ slots: [1, 2], others: { lane: 'person', held: 0 } });
    expect(shareSlots(book, wish('rep', 1)).slots).toEqual([3]);
  });

  it('go to whoever has less, then to whoever waits longer', () => {
    const waits = [
      { holder: 'a', lane: 'background', wanted: 3, since: 1 },
      { holder: 'b', lane: 'background', wanted: 3, since: 2 },
    ] as const;
    const later = wish('b', 3, { waiting: 'background' });
    expect(shareSlots({ slots: taken('c', 'c'), waits }, later).slots).toEqual([]);
    const has = wish('a', 3, { keep: { ordinary: 1, lookup: false }, waiting: 'background' });
    expect(shareSlots({ slots: taken('a', 'c'), waits }, has).slots).toEqual([1]);
  });

  it('are never more than four, nor one twice, whoever asks for what (AP-07)', () => {
    const asks = fc.array(
      fc.record({
        holder: fc.constantFrom('a', 'b', 'c'),
        keep: fc.record({ ordinary: fc.nat(3), lookup: fc.boolean() }),
        want: fc.record({ ordinary: fc.nat(9), lookup: fc.boolean() }),
        waiting: fc.constantFrom('lookup', 'person', 'background', null),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(asks, (wishes) => {
        let book = EMPTY;
        for (const asked of wishes) {
          const { slots } = shareSlots(book, asked);
          const others = book.slots.filter(({ holder }) => holder !== asked.holder);
          const all = [...others, ...slots.map((slot) => ({ slot, holder: asked.holder }))];
          expect(new Set(all.map(({ slot }) => slot)).size).toBe(all.length);
          expect(all.every(({ slot }) => slot >= 1 && slot <= LOOKUP_SLOT)).toBe(true);
          const waits = book.waits.filter(({ holder }) => holder !== asked.holder);
          const wait = asked.waiting && { holder: asked.holder, lane: asked.waiting, wanted: 1, since: 0 };
          book = { slots: all, waits: wait ? [...waits, wait] : waits };
        }
      }),
    );
  });
});

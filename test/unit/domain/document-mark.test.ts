import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DocumentMark,
  isNew,
  LATE_DOCUMENTS,
  moveOn,
  readAbove,
  startAt,
} from '../../../server/domain/document-mark.ts';

/** One look at a set in which these documents are committed. @returns those that were met for the first time */
function look(mark: DocumentMark, committed: Iterable<number>): { mark: DocumentMark; met: number[] } {
  const rows = [...committed].filter((number) => number > readAbove(mark));
  return { mark: moveOn(mark, new Set(rows)), met: rows.filter((number) => isNew(mark, number)) };
}

describe('a mark in a set of documents', () => {
  it('waits for one that is committed after a later one, and meets it once', () => {
    const first = look({ last: 10, missing: [] }, [1, 9, 10, 11, 13]);
    expect(first).toEqual({ mark: { last: 13, missing: [12] }, met: [11, 13] });
    const second = look(first.mark, [1, 9, 10, 11, 12, 13]);
    expect(second).toEqual({ mark: { last: 13, missing: [] }, met: [12] });
    expect(look(second.mark, [1, 9, 10, 11, 12, 13]).met).toEqual([]);
  });

  it('begins with the last few as not seen', () => {
    const mark = startAt(100);
    expect(readAbove(mark)).toBe(80);
    expect(look(mark, [79, 80, 81, 100]).met).toEqual([81, 100]);
    expect(startAt(0)).toEqual({ last: 0, missing: [] });
  });

  it('does not wait for ever for a number that never became a document', () => {
    const { mark } = look({ last: 1, missing: [] }, [1, 3]);
    expect(mark.missing).toEqual([2]);
    expect(look(mark, [3, 2 + LATE_DOCUMENTS]).mark.missing).not.toContain(2);
  });

  it('meets every document exactly once, however late it is committed within the last few', () => {
    const delays = fc.array(fc.integer({ min: 0, max: LATE_DOCUMENTS - 1 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(delays, fc.array(fc.nat({ max: 5 })), (late, pauses) => {
        // Document n appears when document n + late has been begun.
        const at = late.map((by, index) => ({ number: index + 1, at: index + 1 + by }));
        let mark = startAt(0);
        const met: number[] = [];
        let pause = 0;
        for (let begun = 1; begun <= late.length + LATE_DOCUMENTS; begun += 1) {
          if (pause > 0 && begun <= late.length) {
            pause -= 1;
            continue;
          }
          pause = pauses.shift() ?? 0;
          const result = look(
            mark,
            at.filter((one) => one.at <= begun).map(({ number }) => number),
          );
          mark = result.mark;
          met.push(...result.met);
        }
        expect(met.sort((a, b) => a - b)).toEqual(at.map(({ number }) => number));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allOf,
  anyOf,
  compare,
  count,
  inPieces,
  integer,
  isNull,
  keyed,
  list,
  one,
  text,
} from '../../../server/sap/odata.ts';

/** Reads one OData string literal as the platform's grammar has it: quoted, a doubled quote stands for one. */
function readLiteral(source: string): { readonly value: string; readonly rest: string } {
  if (!source.startsWith("'")) throw new Error('no literal');
  let value = '';
  for (let at = 1; at < source.length; at += 1) {
    if (source[at] !== "'") value += source[at];
    else if (source[at + 1] === "'") {
      value += "'";
      at += 1;
    } else return { value, rest: source.slice(at + 1) };
  }
  throw new Error('the literal does not end');
}

const queryOf = (target: string, option: string) => {
  const pair = target
    .split('?')[1]
    ?.split('&')
    .find((part) => part.startsWith(`${option}=`));
  return decodeURIComponent(pair?.slice(option.length + 1) ?? '');
};

const wellFormed = fc.string({ unit: 'grapheme' });

describe('literals', () => {
  it('come back as they went in, and nothing leaks out of the quotes', () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        const target = list('BusinessPartners', { filter: compare('CardCode', 'eq', text(value)) });
        const filter = queryOf(target, '$filter');
        expect(readLiteral(filter.slice('CardCode eq '.length))).toEqual({ value, rest: '' });
      }),
    );
  });

  it('come back from a key too, whatever stands in it', () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        const path = keyed('BusinessPartners', text(value));
        expect(path).toMatch(/^BusinessPartners\([^/?#& ]*\)$/);
        const inner = decodeURIComponent(path.slice('BusinessPartners('.length, -1));
        expect(readLiteral(inner)).toEqual({ value, rest: '' });
      }),
    );
  });

  it('never break a request line, whatever text comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const target = one('Items', text(value), ['ItemCode']);
        expect(target).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });

  it('replace half a surrogate pair instead of failing', () => {
    expect(keyed('Items', text('a\uD800b'))).toBe("Items('a%EF%BF%BDb')");
  });

  it('refuse what is no exact integer', () => {
    expect(() => integer(2 ** 53)).toThrow(RangeError);
    expect(() => integer(1.5)).toThrow(RangeError);
  });
});

describe('queries', () => {
  it('put conditions in brackets', () => {
    const filter = allOf<'Invoices'>(
      anyOf(compare('CardCode', 'eq', text('A')), compare('CardCode', 'eq', text('B'))),
      isNull('DocDueDate'),
    );
    expect(filter).toBe("((CardCode eq 'A') or (CardCode eq 'B')) and (DocDueDate eq null)");
  });

  it('send blanks as %20, commas as they are', () => {
    const target = list('Orders', { select: ['DocEntry', 'U_PD_Key'], orderBy: ['DocEntry desc'], top: 5 });
    expect(target).toBe('Orders?$select=DocEntry,U_PD_Key&$orderby=DocEntry%20desc&$top=5');
  });

  it('ask for a number', () => {
    expect(count('Items')).toBe('Items/$count');
    expect(count('Items', compare('Frozen', 'eq', text('tNO')))).toBe("Items/$count?$filter=Frozen%20eq%20'tNO'");
  });

  it('need at least one condition', () => {
    expect(() => anyOf()).toThrow(RangeError);
  });

  it('cut long lists into pieces', () => {
    expect(inPieces([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  });
});

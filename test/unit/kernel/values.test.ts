import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, contentHash } from '../../../server/kernel/canonical-json.ts';
import { addDays, daysBetween, isLocalDate, localDateIn } from '../../../server/kernel/local-date.ts';
import {
  add,
  compare,
  decimal,
  multiply,
  percentOf,
  round,
  subtract,
  toJsonNumber,
} from '../../../server/kernel/money.ts';

describe('decimal', () => {
  it('keeps what JSON carries exactly', () => {
    expect(decimal(0.1)).toBe('0.1');
    expect(decimal('1250.50')).toBe('1250.5');
    expect(decimal(1e-7)).toBe('0.0000001');
    expect(decimal(-0)).toMatch(/^-?0$/);
  });

  it('5.7.13 refuses what it could only round', () => {
    for (const bad of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1e21,
      '1,000.00',
      'abc',
      '',
      '1234567890123456',
      '0.1234567890123456',
    ])
      expect(() => decimal(bad)).toThrow(RangeError);
  });

  it('any amount of 15 digits goes into JSON and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e14, max: 1e14 }), fc.integer({ min: 0, max: 6 }), (digits, places) => {
        const text = decimal((BigInt(digits) / 1n).toString());
        const amount = multiply(text, (1 / 10 ** places).toFixed(places));
        expect(decimal(JSON.parse(JSON.stringify(toJsonNumber(amount))))).toBe(decimal(amount));
      }),
    );
  });
});

describe('sums', () => {
  it('are exact', () => {
    expect(add('0.1', '0.2')).toBe('0.3');
    expect(add()).toBe('0');
    expect(subtract('1', '0.9')).toBe('0.1');
    expect(multiply('3', '33.33')).toBe('99.99');
    expect(percentOf('19.99', '10')).toBe('1.999');
    expect(compare('10.0', '10')).toBe(0);
  });

  it('round half away from zero, as invoices do', () => {
    expect(round('2.345', 2)).toBe('2.35');
    expect(round('-2.345', 2)).toBe('-2.35');
    expect(round('1.005', 2)).toBe('1.01');
    expect(round('7', 2)).toBe('7.00');
  });
});

describe('local dates', () => {
  it('know which days exist', () => {
    expect(isLocalDate('2028-02-29')).toBe(true);
    for (const bad of ['2026-02-29', '2026-02-31', '2026-13-01', '2026-1-1', '20260101', '2026-01-01T00:00:00Z', ''])
      expect(isLocalDate(bad)).toBe(false);
  });

  it('count days over every clock change', () => {
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2);
    expect(daysBetween('2026-03-02', '2026-03-01')).toBe(-1);
    fc.assert(
      fc.property(fc.integer({ min: -20_000, max: 20_000 }), (days) => {
        expect(daysBetween('2026-03-02', addDays('2026-03-02', days))).toBe(days);
      }),
    );
  });

  it('today is the company’s own', () => {
    const late = new Date('2026-03-02T23:30:00Z');
    expect(localDateIn('Europe/Berlin', late)).toBe('2026-03-03');
    expect(localDateIn('America/New_York', late)).toBe('2026-03-02');
    expect(localDateIn('Europe/Berlin', new Date('2026-03-29T00:59:59Z'))).toBe('2026-03-29');
  });
});

describe('canonicalJson', () => {
  it('SY-10 equal values have one text, whatever the order of their members', () => {
    expect(canonicalJson({ b: 1, a: [{ d: null, c: 'x' }] })).toBe('{"a":[{"c":"x","d":null}],"b":1}');
    expect(contentHash({ a: 1, b: undefined })).toBe(contentHash({ a: 1 }));
    expect(contentHash({ a: null })).not.toBe(contentHash({}));
    expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
  });

  it('parses back to the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.constant(null))), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

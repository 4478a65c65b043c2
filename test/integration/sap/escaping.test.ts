import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readOne, readPage } from '../../../server/sap/lists.ts';
import { compare, keyedBy, one, text } from '../../../server/sap/odata.ts';
import { inProcessSap } from './in-process-company.ts';
import { connectErp, type Sap, startSap } from './sap-bench.ts';

/**
 * SE-33: text that comes from people goes into filters and keys through one place, and what comes back is the very record
 * or none. 10,000 texts against the practice company's own parser; a few hundred of them over the wire.
 */
const TEXTS = 10_000;
const AT_ONCE = 200;

const PIECES = [
  "'",
  "''",
  "'''",
  '%27',
  '%2527',
  '%',
  '%00',
  ')',
  '(',
  "')",
  "') or (1 eq 1",
  "' or CardCode ne '",
  ' or ',
  ' eq null',
  'null',
  "datetime'",
  '&',
  '&$top=0',
  '&$filter=',
  '#',
  '?',
  '/',
  '//',
  '\\',
  '+',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '$1',
  ',',
  ';',
  '=',
  '"',
  '\u0000',
  '\u2018',
  '\u2019',
  '\u02BC',
  '\uFF07',
  '\u0027\u0301',
  '\u202E',
  '\uFEFF',
  '\uFFFD',
  '\uD800',
  '\uDC00',
  'é',
  'e\u0301',
  'ß',
  'ＡＢ',
  '😀',
  '👩‍👩‍👧',
  'İ',
  'a',
  'Z',
  '0',
  '--b',
  '{{',
  '<script>',
  '$batch',
  'HTTP/1.1',
];

const nastyText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }).map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }) },
);

/** What a database can hold: half a surrogate pair is no text. */
const canBeStored = (value: string) =>
  !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value);
const Name = z.object({ CardCode: z.string(), CardName: z.string() });

function drawTexts(count: number, seed: number): string[] {
  return [...new Set(fc.sample(nastyText, { numRuns: count * 2, seed }))].slice(0, count);
}

describe('SE-33 a text in a filter, and in a key', () => {
  it(`finds its record or none, ${TEXTS} times`, async () => {
    const sap = inProcessSap();
    const table = sap.books.table('BusinessPartners');
    const texts = drawTexts(TEXTS, 33);
    expect(texts).toHaveLength(TEXTS);
    for (let from = 0; from < TEXTS; from += AT_ONCE) {
      const some = texts.slice(from, from + AT_ONCE);
      table.reset(some.filter(canBeStored).map((value) => [value, { CardCode: value, CardName: value }]));
      for (const value of some) {
        const expected = canBeStored(value) ? [{ CardCode: value, CardName: value }] : [];
        const query = { select: ['CardCode', 'CardName'], orderBy: ['CardCode'], top: 20 } as const;
        const filter = compare<'BusinessPartners'>('CardName', 'eq', text(value));
        const { rows } = await readPage(sap.company, 'BusinessPartners', { ...query, filter }, Name);
        // The stand-in for half a pair may stand in a record of its own: then it is that one, and the caller sees its code.
        if (canBeStored(value)) expect(rows).toEqual(expected);
        else expect(rows.every(({ CardName }) => CardName === value.replace(/[\uD800-\uDFFF]/g, '\uFFFD'))).toBe(true);
        if (!canBeStored(value)) continue;
        const found = await sap.company.read(
          () => ({ method: 'GET', target: one('BusinessPartners', text(value), ['CardCode', 'CardName']) }),
          (answer) => readOne(answer, Name),
        );
        expect(found).toEqual({ CardCode: value, CardName: value });
      }
    }
  });
});

describe('SE-33 a key of two texts', () => {
  it('finds the record of exactly these two', async () => {
    const sap = inProcessSap();
    const texts = drawTexts(1_000, 35).filter(canBeStored);
    const pairs = texts.map((ItemCode, at) => ({ ItemCode, CardCode: texts[texts.length - 1 - at] ?? '' }));
    sap.books
      .table('SpecialPrices')
      .reset(pairs.map((pair) => [`${pair.ItemCode}\u0000${pair.CardCode}`, { ...pair, Currency: 'EUR' }]));
    const Pair = z.object({ ItemCode: z.string(), CardCode: z.string() });
    for (const pair of pairs) {
      const key = keyedBy('SpecialPrices', { CardCode: text(pair.CardCode), ItemCode: text(pair.ItemCode) });
      const found = await sap.company.read(
        () => ({ method: 'GET', target: key }),
        (answer) => readOne(answer, Pair),
      );
      expect(found).toEqual(pair);
    }
  });
});

describe('SE-33 the same over the wire', () => {
  let bench: Sap;
  beforeAll(async () => {
    bench = await startSap();
  });
  afterAll(() => bench.close());

  it('finds exactly those that are there, one by one and many at once', async () => {
    const { erp, caller } = connectErp(bench);
    const texts = drawTexts(300, 34).filter((value) => canBeStored(value) && value.trim() !== '');
    const there = texts.filter((_value, index) => index % 2 === 0);
    for (const value of there)
      bench.office.enter('BusinessPartners', { CardCode: value, CardName: value, CardType: 'cCustomer' });
    const found = await erp.getPartners(caller, texts);
    expect(found.map(({ cardCode }) => cardCode).sort()).toEqual([...there].sort());
    for (const value of there.slice(0, 60)) {
      expect((await erp.viewCustomer(caller, value)).partner.cardCode).toBe(value);
    }
  });
});

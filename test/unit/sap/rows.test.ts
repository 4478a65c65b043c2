import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import type { SapCompany } from '../../../server/sap/company.ts';
import { V2 } from '../../../server/sap/dialect.ts';
import { parseExactly } from '../../../server/sap/exact-json.ts';
import { NoAnswerError } from '../../../server/sap/exchange.ts';
import { eachPage, PAGE_SIZE, type Rows, readAll, readOne, readPage, readRows } from '../../../server/sap/lists.ts';
import { readablePage } from '../../../server/sap/resources/readable.ts';
import { inProcessSap } from '../../integration/sap/in-process-company.ts';

const answer = (body: string, headers: Readonly<Record<string, string>> = {}) => ({
  status: 200,
  header: (name: string) => headers[name],
  setCookies: [],
  body,
});
const page = (rows: unknown[], more: Record<string, unknown> = {}) => JSON.stringify({ value: rows, ...more });
const Row = z.object({ Code: z.string(), Amount: z.number().nullish(), Frozen: z.string().nullish() });
const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ Code: `C${index}` }));

describe('numbers of an answer', () => {
  it.each([
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['12345678901234567.89', '12345678901234567.89'],
    ['123456789012345', 123456789012345],
    ['0.30000000000000004', 0.30000000000000004],
    ['1249.9900000000001', Number('1249.9900000000001')],
    ['1e400', Number.POSITIVE_INFINITY],
  ])('%s is read without being rounded', (digits, expected) => {
    expect(parseExactly(`{"a":[{"DocEntry":${digits}}]}`)).toEqual({ a: [{ DocEntry: expected }] });
    expect(parseExactly(`{ "DocEntry" : ${digits} }`)).toEqual({ DocEntry: expected });
    expect(parseExactly(digits)).toBe(expected);
  });

  it('inside of texts are left alone, whatever stands around them', () => {
    const value = { a: ':9007199254740993', b: 'x "[ 9007199254740993', c: '\\', d: '\\"', e: [9007199254740991] };
    expect(parseExactly(JSON.stringify(value))).toEqual({ ...value, e: ['9007199254740991'] });
  });

  it('in what is no JSON are nothing', () => {
    expect(parseExactly('{"a":9007199254740993')).toBeUndefined();
    expect(parseExactly('')).toBeUndefined();
  });
});

describe('a page', () => {
  it.each([
    ['a link of v4', rowsOf(5), { '@odata.nextLink': 'x' }, {}, true],
    ['a link of v3', rowsOf(5), { 'odata.nextLink': 'x' }, {}, true],
    ['as many rows as were asked for', rowsOf(50), {}, {}, true],
    ['fewer rows than any page holds', rowsOf(19), {}, {}, false],
    [
      'fewer rows than asked, of a server that says it did as asked',
      rowsOf(30),
      {},
      { 'preference-applied': 'odata.maxpagesize=50' },
      false,
    ],
    ['fewer rows than asked, of one that does not say so', rowsOf(20), {}, {}, true],
    ['no rows, whatever the link says', [], { '@odata.nextLink': 'x' }, {}, false],
  ])('with %s', (_name, rows, links, headers, more) => {
    expect(readRows(answer(page(rows, links), headers), Row, 50).more).toBe(more);
  });

  it('SY-16 names the records that cannot be read, and gives the others', () => {
    const rows = [{ Code: 'A' }, { Code: 'B', Amount: {} }, { Code: 'C', Amount: '1.000,50' }, { Code: 'D' }];
    const body = page(rows).replace('{"Code":"D"}', '{"Code":"D","Amount":9007199254740993}');
    expect(readRows(answer(body), Row, 50, 'Code')).toEqual({
      rows: [{ Code: 'A' }],
      more: false,
      unreadable: [
        { key: 'B', reason: 'SAP sends Amount in a form that cannot be read.' },
        { key: 'C', reason: 'SAP sends Amount in a form that cannot be read.' },
        { key: 'D', reason: 'SAP sends Amount with more digits than can be carried exactly.' },
      ],
    });
  });

  it('is unreadable where no record names itself, or nobody asked for names', () => {
    const bad = answer(page([{ Amount: {} }]));
    expect(() => readRows(bad, Row, 50, 'Code')).toThrow(UnavailableError);
    expect(() => readRows(answer(page([{ Code: 'A', Amount: {} }])), Row, 50)).toThrow(UnavailableError);
  });

  it('of which nothing can be read ends no walk', () => {
    const all = answer(page(rowsOf(50).map((row) => ({ ...row, Amount: {} }))));
    expect(() => readRows(all, Row, 50, 'Code')).toThrow(UnavailableError);
  });

  it.each(['', '<html>', '[]', '{"value":{}}', '{"error":{"code":"1"}}', 'null'])('is never made of %j', (body) => {
    expect(() => readRows(answer(body), Row, 50)).toThrow(UnavailableError);
  });
});

describe('values of another make', () => {
  it.each([
    [{ Amount: '12.5' }, { Amount: 12.5 }],
    [{ Amount: '-7' }, { Amount: -7 }],
    [{ Frozen: true }, { Frozen: 'tYES' }],
    [{ Frozen: false }, { Frozen: 'tNO' }],
    [{ Frozen: 7 }, { Frozen: '7' }],
  ])('%o means %o', (sent, meant) => {
    expect(readOne(answer(JSON.stringify({ Code: 'A', ...sent })), Row)).toEqual({ Code: 'A', ...meant });
  });

  it.each(['12,5', '1.000.000', '1e3', '0x10', '', ' 7', '007', '12.5678901', '1234567890123456', 'NaN'])(
    '%j is no number',
    (Amount) => {
      expect(() => readOne(answer(JSON.stringify({ Code: 'A', Amount })), Row)).toThrow(UnavailableError);
    },
  );
});

describe('walks', () => {
  const of = (rows: { Code: string }[], more: boolean): Rows<{ Code: string }> => ({ rows, more, unreadable: [] });

  it('go on behind the last row, one page at a time', async () => {
    const asked: (string | undefined)[] = [];
    const pages = eachPage<{ Code: string }>(async (last) => {
      asked.push(last?.Code);
      return of([{ Code: `${last?.Code ?? ''}a` }, { Code: `${last?.Code ?? ''}b` }], asked.length < 3);
    });
    const seen: number[] = [];
    for await (const rows of pages) {
      seen.push(rows.length);
      expect(asked).toHaveLength(seen.length);
    }
    expect(asked).toEqual([undefined, 'b', 'bb']);
  });

  it('end where a server gives a page again, or two in turn', async () => {
    let asked = 0;
    const same = readAll(async () => {
      asked += 1;
      return of(rowsOf(3), true);
    });
    await expect(same).rejects.toBeInstanceOf(UnavailableError);
    expect(asked).toBe(2);
    const inTurn = readAll(async () => {
      asked += 1;
      return of([{ Code: asked % 2 === 0 ? 'even' : 'odd' }], true);
    });
    await expect(inTurn).rejects.toBeInstanceOf(UnavailableError);
  });

  it('end where a list has no end', async () => {
    let next = 0;
    const endless = readAll(async () => {
      next += 1;
      return of(
        Array.from({ length: PAGE_SIZE }, (_, index) => ({ Code: `${next}-${index}` })),
        true,
      );
    });
    await expect(endless).rejects.toBeInstanceOf(UnavailableError);
  });
});

describe('a page that is too large for one answer', () => {
  it('is asked for in smaller ones, from then on', async () => {
    const { company } = inProcessSap();
    const tops: number[] = [];
    const small: SapCompany = {
      ...company,
      async read(build, parse, lane) {
        const top = Number(/\$top=(\d+)/.exec(build(V2).target)?.[1]);
        tops.push(top);
        if (top <= 125) return company.read(build, parse, lane);
        const cause = Object.assign(new Error('too large'), { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' });
        throw new UnavailableError('too large', { cause: new NoAnswerError(true, cause) });
      },
    };
    const query = { select: ['ItemCode'], orderBy: ['ItemCode'], top: 500 } as const;
    const Code = z.object({ ItemCode: z.string() });
    expect((await readPage(small, 'Items', query, Code)).rows).toHaveLength(1);
    await readPage(small, 'Items', query, Code);
    expect(tops).toEqual([500, 250, 125, 125]);
    expect(company.memory.largestPage.get('BusinessPartners')).toBeUndefined();
  });
});

describe('a record with an amount that would have to be rounded', () => {
  const map = (row: { Code: string }) => {
    if (row.Code === 'C1') throw new RangeError('too many digits');
    return row.Code;
  };

  it('is named and left out', () => {
    const { rows, unreadable } = readablePage({ rows: rowsOf(3), more: false, unreadable: [] }, (row) => row.Code, map);
    expect(rows).toEqual(['C0', 'C2']);
    expect(unreadable).toMatchObject([{ key: 'C1' }]);
  });

  it('is no excuse for a defect', () => {
    const broken = () => {
      throw new TypeError('a defect');
    };
    expect(() => readablePage({ rows: rowsOf(1), more: false, unreadable: [] }, (row) => row.Code, broken)).toThrow(
      TypeError,
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { ErpCapabilities } from '../../../server/app/ports/erp-capabilities.ts';
import { factsOf, guardOf } from '../../../server/app/settings/capability-facts.ts';

const RECORD: ErpCapabilities = {
  dialect: 'v2',
  version: '1000330',
  companyName: 'Nordlicht',
  localCurrency: 'EUR',
  batch: 'yes',
  userTables: 'yes',
  keyField: 'yes',
  ledger: 'no',
  sqlQueries: 'forbidden',
  webhooks: 'no',
  etag: 'yes',
  approvals: 'yes',
  branches: 'no',
  decimals: { totals: 2, prices: 6, quantities: 3, rates: 6, percentages: 6 },
  collectionSelect: 'yes',
  preview: 'no',
  itemPrice: 'yes',
  pageSize: null,
  clock: {
    skewMs: -4_200,
    offsetMinutes: null,
    stamps: 'minute',
    newest: { date: '2026-03-04', time: '09:00:00' },
    lookedAt: '2026-03-04T09:00:00.000Z',
  },
};

const facts = (changes: Partial<ErpCapabilities> = {}, zone = 'Europe/Berlin') =>
  new Map(factsOf({ ...RECORD, ...changes }, zone).map(({ name, value, note }) => [name, { value, note }]));
const clock = (changes: Partial<ErpCapabilities['clock']>) => ({ clock: { ...RECORD.clock, ...changes } });

describe('what SAP can do, in words', () => {
  it('names the guard of the hand-off', () => {
    const name = 'Orders made twice are prevented by';
    expect(facts().get(name)?.value).toBe('Looking for the key before sending again');
    expect(facts({ ledger: 'yes' }).get(name)?.value).toBe('A unique key in SAP');
    expect(facts({ keyField: 'no' }).get(name)?.value).toContain('Not ready');
    expect([guardOf(undefined), guardOf(RECORD), guardOf({ ...RECORD, ledger: 'yes' })]).toEqual([
      'settle',
      'settle',
      'ledger',
    ]);
  });

  it('tells a missing right from a missing thing', () => {
    expect(facts().get('SQL queries')?.value).toBe('The user has no right to it');
    expect(facts({ sqlQueries: 'unknown' }).get('SQL queries')?.value).toBe('Could not be told');
  });

  it('says how sure the time zone is', () => {
    const note = (changes: Partial<ErpCapabilities['clock']>, zone?: string) =>
      facts(clock(changes), zone).get('Times of changes')?.note;
    expect(note({})).toBe('UTC+1:00, from the company’s country');
    expect(note({ offsetMinutes: 60 })).toBe('UTC+1:00, measured');
    expect(note({ offsetMinutes: -210 })).toBe('UTC−3:30, measured; UTC+1:00 was assumed');
    expect(note({ newest: { date: '2026-03-04', time: '14:30:00' } })).toContain('Ahead of UTC+1:00');
  });

  it('says how far the server’s clock is off', () => {
    const value = (skewMs: number | null) => facts(clock({ skewMs })).get('Server’s clock')?.value;
    expect([value(-4_200), value(61_000), value(900)]).toEqual(['4 seconds behind', '61 seconds ahead', 'Right']);
    expect(value(null)).toContain('no ping');
  });
});

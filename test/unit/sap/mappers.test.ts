import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toInvoice, toOrder } from '../../../server/sap/mappers/document.ts';
import { PartnerRow, toPartner } from '../../../server/sap/mappers/partner.ts';
import { amount, clockTime, day, isActiveOn, stamp } from '../../../server/sap/mappers/values.ts';

const TODAY = '2026-03-04';

describe('amounts', () => {
  it.each([
    [0.1 + 0.2, '0.3'],
    [Number('1249.9900000000001'), '1249.99'],
    [12345678901.23, '12345678901.23'],
    [-17.4, '-17.4'],
    [1e-6, '0.000001'],
    [0, '0'],
    [null, '0'],
    [undefined, '0'],
  ])('%s is %s', (value, text) => {
    expect(amount(value)).toBe(text);
  });

  it('of SAP’s six decimals come through exactly, within fifteen digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15 + 1, max: 1e15 - 1 }), (units) => {
        const value = units / 1e6;
        expect(Math.round(Number(amount(value)) * 1e6)).toBe(units);
      }),
    );
  });

  it('beyond that are refused, never rounded', () => {
    expect(() => amount(Number('1234567890123456.7'))).toThrow(RangeError);
    expect(() => amount(Number.NaN)).toThrow(RangeError);
  });
});

describe('days and times', () => {
  it('are cut from both dialects, never shifted', () => {
    expect(day('2026-03-04')).toBe('2026-03-04');
    expect(day('2026-03-04T00:00:00Z')).toBe('2026-03-04');
    expect(day('2026-02-30')).toBeNull();
    expect(day('')).toBeNull();
    expect(clockTime('14:05:09')).toBe('14:05:09');
    expect(clockTime('14:05')).toBe('14:05:00');
    expect(stamp('2026-03-04T00:00:00Z', '23:59:59')).toEqual({ date: '2026-03-04', time: '23:59:59' });
    expect(stamp(null, '10:00')).toBeNull();
  });
});

describe('who is active', () => {
  const row = (changes: Record<string, string>) => ({ Valid: 'tYES', Frozen: 'tNO', ...changes });
  it.each([
    [{}, true],
    [{ Frozen: 'tYES' }, false],
    [{ Valid: 'tNO' }, true],
    [{ Frozen: 'tYES', FrozenFrom: '2026-03-05' }, true],
    [{ Frozen: 'tYES', FrozenFrom: '2026-03-01', FrozenTo: '2026-03-04T00:00:00Z' }, false],
    [{ Frozen: 'tYES', FrozenTo: '2026-03-03' }, true],
    [{ ValidFrom: '2026-03-05' }, false],
    [{ ValidTo: '2026-03-04' }, true],
    [{ ValidTo: '2026-03-03' }, false],
  ])('%o: %s', (changes, active) => {
    expect(isActiveOn(row(changes), TODAY)).toBe(active);
  });
});

describe('a partner', () => {
  const parsed = (changes: Record<string, unknown>) =>
    toPartner(PartnerRow.parse({ CardCode: 'C1', ...changes }), TODAY);

  it('of which SAP tells next to nothing is still one', () => {
    expect(parsed({})).toMatchObject({
      name: 'C1',
      type: 'customer',
      active: true,
      vatNumber: null,
      contacts: [],
      credit: { limit: '0', headOffice: null },
      updated: null,
    });
  });

  it('has the default bill-to address', () => {
    const address = (name: string, type: string, city: string) => ({
      AddressName: name,
      AddressType: type,
      City: city,
    });
    const BPAddresses = [
      address('A', 'bo_ShipTo', 'Ship'),
      address('B', 'bo_BillTo', 'First'),
      address('C', 'bo_BillTo', 'Default'),
    ];
    expect(parsed({ BPAddresses, BilltoDefault: 'C' }).address.city).toBe('Default');
    expect(parsed({ BPAddresses }).address.city).toBe('First');
    expect(parsed({ BPAddresses: [], City: 'Own' }).address.city).toBe('Own');
  });

  it('for any currency has none, and a lead is a lead', () => {
    expect(parsed({ Currency: '##', CardType: 'cLid' })).toMatchObject({ currency: null, type: 'lead' });
  });

  it('counts from its creation until it is changed', () => {
    expect(parsed({ CreateDate: '2026-01-01', CreateTime: '08:00:00' }).updated).toEqual({
      date: '2026-01-01',
      time: '08:00:00',
    });
  });
});

describe('documents', () => {
  const row = {
    DocEntry: 5,
    DocNum: 500,
    CardCode: 'C1',
    DocDate: '2026-03-04T00:00:00Z',
    DocCurrency: 'EUR',
    DocTotal: 119,
    DocTotalFc: 0,
    DocumentStatus: 'bost_Open',
    Cancelled: 'tNO',
    AuthorizationStatus: 'dasWithout',
    DocumentLines: [],
    U_PD_Key: 'K',
  };

  it('in a foreign currency carry their own total', () => {
    expect(toOrder({ ...row, DocCurrency: 'CHF', DocTotalFc: 130 }, 'order', 'EUR')).toMatchObject({
      total: '130',
      currency: 'CHF',
    });
    expect(toOrder(row, 'order', 'EUR')).toMatchObject({ total: '119', currency: 'EUR' });
  });

  it.each([
    ['order', {}, 'open'],
    ['order', { DocumentStatus: 'bost_Close' }, 'closed'],
    ['order', { DocumentStatus: 'bost_Close', Cancelled: 'tYES' }, 'cancelled'],
    ['draft', { AuthorizationStatus: 'dasPending' }, 'waiting_for_approval'],
    ['draft', { AuthorizationStatus: 'dasApproved' }, 'approved'],
    ['draft', { AuthorizationStatus: 'dasRejected' }, 'rejected'],
    ['draft', { AuthorizationStatus: 'dasCancelled' }, 'cancelled'],
    ['draft', { AuthorizationStatus: 'dasGenerated' }, 'closed'],
    ['draft', { AuthorizationStatus: 'dasWithout', DocumentStatus: 'bost_Close' }, 'closed'],
    ['draft', { AuthorizationStatus: 'dasApproved', DocumentStatus: 'C' }, 'closed'],
  ] as const)('%s %o is %s', (document, changes, status) => {
    expect(toOrder({ ...row, ...changes }, document, 'EUR').status).toBe(status);
  });

  it('owe what is not paid; a credit note owes the other way', () => {
    const invoice = {
      DocEntry: 1,
      DocNum: 1,
      DocDate: '2026-03-01',
      DocDueDate: '2026-03-15',
      DocTotal: 100.1,
      PaidToDate: 40,
    };
    expect(toInvoice(invoice, 1)).toMatchObject({ open: '60.1', total: '100.1', dueDate: '2026-03-15' });
    expect(toInvoice(invoice, -1)).toMatchObject({ open: '-60.1', total: '-100.1' });
    expect(toInvoice({ ...invoice, DocDueDate: null }, 1).dueDate).toBe('2026-03-01');
  });
});

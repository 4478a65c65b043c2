import { describe, expect, it } from 'vitest';
import { ifVersion } from '../../../server/sap/etag.ts';
import { DocumentRow, toDocument } from '../../../server/sap/mappers/any-document.ts';

const BASE = { DocEntry: 7, DocNum: 30_007, CardCode: 'C1', DocDate: '2026-03-04T00:00:00Z' };
const read = (values: Record<string, unknown>, isDraft = false) =>
  toDocument(DocumentRow.parse({ ...BASE, ...values }), 'order', isDraft, 'EUR');
const line = (values: Record<string, unknown>) => read({ DocumentLines: [{ LineNum: 0, ...values }] }).lines[0];

describe('a document', () => {
  it('is read with next to nothing in it', () => {
    expect(read({})).toEqual({
      kind: 'order',
      isDraft: false,
      docEntry: 7,
      docNum: 30_007,
      cardCode: 'C1',
      customerReference: null,
      status: 'open',
      approval: 'none',
      date: '2026-03-04',
      dueDate: null,
      currency: 'EUR',
      total: '0',
      key: '',
      version: null,
      lines: [],
    });
  });

  it.each([
    [{ Cancelled: 'tYES', DocumentStatus: 'bost_Close' }, 'cancelled'],
    [{ Cancelled: 'Y' }, 'cancelled'],
    [{ CancelStatus: 'csCancellation' }, 'cancelled'],
    [{ DocumentStatus: 'bost_Close' }, 'closed'],
    [{ DocumentStatus: 'C' }, 'closed'],
    [{ DocumentStatus: 'bost_Open' }, 'open'],
    [{ DocumentStatus: 'bost_SomethingNew' }, 'open'],
  ])('5.8.12 %o is %s', (values, status) => {
    expect(read(values).status).toBe(status);
  });

  it.each([
    ['dasWithout', 'none'],
    ['dasPending', 'pending'],
    ['W', 'pending'],
    ['dasApproved', 'approved'],
    ['dasRejected', 'rejected'],
    ['dasGeneratedbyAuthorizer', 'generated'],
    ['P', 'generated'],
    ['dasCancelled', 'cancelled'],
    ['dasSomethingNew', 'none'],
  ])('an approval status %s is %s', (AuthorizationStatus, approval) => {
    expect(read({ AuthorizationStatus }, true).approval).toBe(approval);
  });

  it('in another currency it has its own total', () => {
    expect(read({ DocCurrency: 'USD', DocTotal: 90, DocTotalFc: 100 })).toMatchObject({
      total: '100',
      currency: 'USD',
    });
    expect(read({ DocCurrency: 'EUR', DocTotal: 90, DocTotalFc: 0 })).toMatchObject({ total: '90', currency: 'EUR' });
  });

  it('a line refers to its base only where that is a document that we know', () => {
    expect(line({ BaseType: 23, BaseEntry: 4, BaseLine: 1 })?.base).toEqual({
      kind: 'quotation',
      docEntry: 4,
      lineNum: 1,
    });
    expect(line({ BaseType: -1, BaseEntry: null, BaseLine: null })?.base).toBeNull();
    expect(line({ BaseType: 1_470_000_113, BaseEntry: 4, BaseLine: 1 })?.base).toBeNull();
  });
});

describe('ifVersion', () => {
  it('is the weak form of the SHA-1 of the number, in capitals: SAP passes over any other', () => {
    expect(ifVersion(1)).toEqual({ 'if-match': 'W/"356A192B7913B04C54574D18C28D46E6395428AB"' });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readErpEvents } from '../../../server/app/erp-events/event-reader.ts';

const read = (value: unknown) => readErpEvents(new TextEncoder().encode(JSON.stringify(value)));

/** As SAP's guide shows one. */
const EVENT = {
  id: 'c0ffee00-0000-4000-8000-000000000001',
  specversion: '1.0',
  source: '/default/sap.b1/ACME_PROD',
  type: 'sap.b1.Orders.Updated.v1',
  subject: '1234',
  time: '2026-03-04T13:05:11.120Z',
  datacontenttype: 'application/json',
  data: { DocEntry: '1234' },
};

describe('readErpEvents', () => {
  it('reads an array, as SAP always sends one, and a single event', () => {
    const expected = [
      { id: EVENT.id, stream: 'credit', at: new Date('2026-03-04T13:05:11.120Z'), companyDb: 'ACME_PROD' },
    ];
    expect(read([EVENT])).toEqual(expected);
    expect(read(EVENT)).toEqual(expected);
  });

  it.each([
    ['sap.b1.BusinessPartners.Created.v1', 'partners'],
    ['sap.b1.Items.Deleted.v1', 'items'],
    ['sap.b1.IncomingPayments.Cancelled.v2', 'credit'],
  ])('%s belongs to the stream %s', (type, stream) => {
    expect(read([{ ...EVENT, type }])).toMatchObject([{ stream }]);
  });

  it('takes keys as numbers too, as newer feature packs send them, since it looks at none', () => {
    expect(read([{ ...EVENT, subject: 1234, data: { DocEntry: 1234 } }])).toHaveLength(1);
  });

  it('leaves out what it cannot use and keeps the rest', () => {
    const others = [
      { ...EVENT, type: 'sap.b1.Activities.Created.v1' },
      { ...EVENT, type: 'something else' },
      { ...EVENT, id: 7 },
      { ...EVENT, time: 'yesterday' },
      null,
      'x',
    ];
    expect(read([...others, EVENT])).toHaveLength(1);
  });

  it.each(['constructor', '__proto__', 'toString'])('has no stream for an object called %s', (name) => {
    expect(read([{ ...EVENT, type: `sap.b1.${name}.Updated.v1` }])).toEqual([]);
  });

  it.each([
    ['a zero byte, which no database text holds', 'c0ffee\u0000'],
    ['half a character', 'c0ffee\ud800'],
    ['a line break', 'c0ffee\n'],
  ])('leaves out an event whose id has %s', (_name, id) => {
    expect(read([{ ...EVENT, id }])).toEqual([]);
  });

  it('WH-08 never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readErpEvents(bytes).length >= 0));
    fc.assert(fc.property(fc.json(), (text) => readErpEvents(new TextEncoder().encode(text)).length >= 0));
  });
});

import { describe, expect, it } from 'vitest';
import { chooseDocument } from '../../../server/app/order-handoff/found-documents.ts';
import type { ErpOrder } from '../../../server/app/ports/erp.ts';

const order = (docEntry: number, status: ErpOrder['status']): ErpOrder => ({
  docEntry,
  docNum: 30_000 + docEntry,
  document: 'order',
  cardCode: 'C1',
  status,
  date: '2026-03-02',
  total: '10',
  currency: 'EUR',
  key: 'PD7-0123456789abcdef',
  lines: [],
});

describe('which of the documents with one key a deal shows', () => {
  it('none where there is none', () => {
    expect(chooseDocument([])).toBeUndefined();
  });

  it('5.8.14 the first of two, and both are told to a person', () => {
    const both = [order(1, 'open'), order(2, 'closed')];
    expect(chooseDocument(both)).toEqual({ order: both[0], tooMany: both });
  });

  it('5.8.15 the one that counts, when the other was cancelled: which is how two become one again', () => {
    const [cancelled, open] = [order(1, 'cancelled'), order(2, 'open')];
    expect(chooseDocument([cancelled, open])).toEqual({ order: open, tooMany: [] });
  });

  it('5.8.15 the order, when a draft of the same key was turned down', () => {
    const [draft, made] = [{ ...order(1, 'rejected'), document: 'draft' as const }, order(2, 'open')];
    expect(chooseDocument([made, draft])).toEqual({ order: made, tooMany: [] });
    expect(chooseDocument([draft])).toEqual({ order: draft, tooMany: [] });
    expect(chooseDocument([order(3, 'cancelled'), draft])).toEqual({ order: draft, tooMany: [] });
  });

  it('5.8.15 a cancelled one where there is nothing else: it was made, and is not made again', () => {
    const cancelled = [order(1, 'cancelled'), order(2, 'cancelled')];
    expect(chooseDocument(cancelled)).toEqual({ order: cancelled[0], tooMany: [] });
  });
});

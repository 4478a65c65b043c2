import type { Fields, Json } from '../../kernel/json.ts';
import { numberOf, textOf } from '../../kernel/json.ts';
import type { RowChange } from '../company/table.ts';
import { without } from '../documents/change.ts';
import { typeOfSet } from '../schema/schema.ts';

export type Transaction = 'Created' | 'Updated' | 'Deleted' | 'Cancelled' | 'Reopened' | 'Closed';

export interface CatalogEntry {
  /** The business object's number, as text. */
  readonly objectType: string;
  readonly transactions: readonly Transaction[];
}

const MASTER = ['Created', 'Updated', 'Deleted'] as const;
const DOCUMENT = ['Created', 'Updated', 'Deleted', 'Closed', 'Cancelled', 'Reopened'] as const;

/** What the practice company tells about, by entity set. */
export const CATALOG: Readonly<Record<string, CatalogEntry>> = {
  BusinessPartners: { objectType: '2', transactions: MASTER },
  Items: { objectType: '4', transactions: MASTER },
  Quotations: { objectType: '23', transactions: DOCUMENT },
  Orders: { objectType: '17', transactions: DOCUMENT },
  DeliveryNotes: { objectType: '15', transactions: DOCUMENT },
  Invoices: { objectType: '13', transactions: DOCUMENT },
  CreditNotes: { objectType: '14', transactions: DOCUMENT },
  PurchaseOrders: { objectType: '22', transactions: DOCUMENT },
  IncomingPayments: { objectType: '24', transactions: ['Created', 'Updated', 'Cancelled'] },
  JournalEntries: { objectType: '30', transactions: ['Created', 'Updated'] },
};

export interface BusinessEvent {
  readonly object: string;
  readonly objectType: string;
  readonly transaction: Transaction;
  /** Key properties with their values. */
  readonly keys: readonly (readonly [name: string, value: Json])[];
}

/** An event with the notification that tells it. */
export interface CloudEvent {
  readonly event: BusinessEvent;
  readonly message: Fields;
}

/** The event that a changed row is, or undefined where nobody is told. */
export function eventOf({ set, before, after }: RowChange): BusinessEvent | undefined {
  const entry = CATALOG[set];
  const row = after ?? before;
  const transaction = transactionOf(before, after);
  if (entry === undefined || row === undefined || transaction === undefined) return undefined;
  if (!entry.transactions.includes(transaction)) return undefined;
  const keys = typeOfSet(set).key.map((name) => [name, row[name] ?? ''] as const);
  return { object: set, objectType: entry.objectType, transaction, keys };
}

function transactionOf(before: Fields | undefined, after: Fields | undefined): Transaction | undefined {
  if (before === undefined) return 'Created';
  if (after === undefined) return 'Deleted';
  const turned = (name: string, value: string) => textOf(before, name) !== value && textOf(after, name) === value;
  if (turned('Cancelled', 'tYES')) return 'Cancelled';
  if (turned('DocumentStatus', 'bost_Close')) return 'Closed';
  if (turned('DocumentStatus', 'bost_Open')) return 'Reopened';
  return changedByHand(before, after) ? 'Updated' : undefined;
}

/** Moved balances raise a partner's version without being a change of the partner; moved stock does not raise an item's. */
const BOOKKEEPING = [
  'CurrentAccountBalance',
  'OpenOrdersBalance',
  'OpenDeliveryNotesBalance',
  'OpenChecksBalance',
  'DataVersion',
];

function changedByHand(before: Fields, after: Fields): boolean {
  if ('DataVersion' in after && numberOf(before, 'DataVersion') === numberOf(after, 'DataVersion')) return false;
  return JSON.stringify(without(before, BOOKKEEPING)) !== JSON.stringify(without(after, BOOKKEEPING));
}

import type { LocalDate } from '../kernel/local-date.ts';
import type { Decimal } from '../kernel/money.ts';

export const HANDOFF_STATES = [
  'pending',
  'posting',
  'unconfirmed',
  'needs_attention',
  'posted',
  'written_back',
  'cancelled',
] as const;
export type HandoffState = (typeof HANDOFF_STATES)[number];

/**
 * The only moves there are. An `unconfirmed` hand-off is looked up before anything else: it goes through `posting` again.
 * One that was written back is `posted` anew when its draft has become an order, or was turned down: the deal is to say so.
 */
export const MOVES = {
  pending: ['posting', 'needs_attention', 'cancelled'],
  posting: ['posted', 'pending', 'unconfirmed', 'needs_attention'],
  unconfirmed: ['posting'],
  needs_attention: ['pending', 'cancelled'],
  posted: ['written_back'],
  written_back: ['posted'],
  cancelled: [],
} as const satisfies Record<HandoffState, readonly HandoffState[]>;

/** Where an attempt can end. */
export type AttemptEnd = (typeof MOVES)['posting'][number];

/** States from which this one can be reached. */
export function statesBefore(state: HandoffState): readonly HandoffState[] {
  return HANDOFF_STATES.filter((from) => MOVES[from].some((to) => to === state));
}

/** The sales order as it will be posted, frozen before the first attempt. Warehouse and tax are left to SAP. */
export interface OrderDraft {
  readonly cardCode: string;
  readonly documentDate: LocalDate;
  readonly dueDate: LocalDate;
  readonly currency: string;
  readonly comments: string;
  readonly lines: readonly OrderDraftLine[];
}

export interface OrderDraftLine {
  /** Pipedrive's line id. */
  readonly lineId: number;
  readonly itemCode: string;
  readonly quantity: Decimal;
  /** Without tax, before the discount, in the document's currency. */
  readonly unitPrice: Decimal;
  readonly discountPercent: Decimal;
}

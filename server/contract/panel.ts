import { z } from 'zod';
import { DateText, DecimalText, Instant, MoneyView, ProblemView, section } from './common.ts';

export const DealParams = z.object({ dealId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });
export const OrganizationParams = z.object({
  organizationId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER),
});
export const PersonParams = z.object({ personId: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });

/** `refresh`: asked for by hand, so that what is known in Pipedrive for up to five minutes is read again. */
export const PanelQuery = z.object({ refresh: z.enum(['yes']).optional() });

/** May it be sold and shipped? With the reasons, most important first. */
export const VerdictView = z.object({
  verdict: z.enum(['ship', 'ship_part', 'hold', 'unknown']),
  /** e.g. `Ship part now` */
  title: z.string(),
  reasons: z.array(z.string()),
});
export type VerdictView = z.infer<typeof VerdictView>;

export const CustomerView = z.object({
  cardCode: z.string(),
  name: z.string(),
  type: z.enum(['customer', 'lead', 'supplier']),
  active: z.boolean(),
  segment: z.string().nullable(),
  priceList: z.string().nullable(),
  paymentTerms: z.string().nullable(),
});
export type CustomerView = z.infer<typeof CustomerView>;

/** All in the SAP company's local currency. `headroom` = limit − balance − open orders − what this deal has not yet posted, with tax. */
export const CreditView = z.object({
  status: z.enum(['within_limit', 'over_limit', 'on_hold', 'no_limit']),
  limit: MoneyView.nullable(),
  balance: MoneyView,
  openOrders: MoneyView,
  /** Null on an organization or person, and where the deal's currency has no rate. */
  thisDeal: MoneyView.nullable(),
  headroom: MoneyView.nullable(),
  /** Says in words what was left out, e.g. that the deal is in another currency. */
  note: z.string().nullable(),
});
export type CreditView = z.infer<typeof CreditView>;

export const WarehouseStockView = z.object({ code: z.string(), name: z.string(), available: DecimalText });
export const LineView = z.object({
  lineId: z.number(),
  name: z.string(),
  /** Null: this product has no SAP item. */
  itemCode: z.string().nullable(),
  quantity: DecimalText,
  unitPrice: MoneyView,
  discountPercent: DecimalText.nullable(),
  enabled: z.boolean(),
  /** The customer's own price in SAP; null with `problem`. */
  sapPrice: MoneyView.nullable(),
  /** How the deal's net price compares: `same`, `lower`, `higher`; null where it cannot be compared. */
  comparison: z.enum(['same', 'lower', 'higher']).nullable(),
  /** Whole percent by which the deal's net price lies below or above SAP's. */
  differencePercent: z.number().nullable(),
  /** On hand less committed, per warehouse. */
  warehouses: z.array(WarehouseStockView),
  availability: z.enum(['in_stock', 'part', 'none', 'unknown']),
  /** Over all warehouses, less what lines of the same item before this one take; null: not known, or not kept in stock. */
  available: DecimalText.nullable(),
  problem: z.string().nullable(),
});
export type LineView = z.infer<typeof LineView>;

export const LinesView = z.object({
  lines: z.array(LineView),
  /** Lines beyond the 20 that are priced in one view. */
  notShown: z.number(),
  /** Lines with an amount that cannot be carried exactly; switched-off ones too. */
  unreadable: z.array(z.object({ lineId: z.number(), name: z.string(), problem: z.string() })),
});
export type LinesView = z.infer<typeof LinesView>;

export const BalanceView = z.object({
  balance: MoneyView,
  notDue: MoneyView,
  days1To30: MoneyView,
  days31To60: MoneyView,
  daysOver60: MoneyView,
  openInvoices: z.object({ count: z.number(), sum: MoneyView }),
  /** Balance less open invoices: payments on account, credit notes, journal entries. Ageing + this = balance. */
  otherEntries: MoneyView,
  invoices: z.array(
    z.object({ docNum: z.number(), date: DateText, dueDate: DateText, daysOverdue: z.number(), open: MoneyView }),
  ),
});
export type BalanceView = z.infer<typeof BalanceView>;

export const HandoffView = z.object({
  id: z.string(),
  step: z.literal('order'),
  state: z.enum(['pending', 'posting', 'unconfirmed', 'needs_attention', 'posted', 'written_back', 'cancelled']),
  /** One plain sentence: what is happening, or what happened. */
  sentence: z.string(),
  problems: z.array(ProblemView),
  docNum: z.number().nullable(),
  document: z.enum(['order', 'draft']).nullable(),
  /** Live from SAP where it answered. */
  documentStatus: z.enum(['open', 'closed', 'cancelled', 'waiting_for_approval', 'rejected']).nullable(),
  total: MoneyView.nullable(),
  date: DateText.nullable(),
  /** Link into SAP's Web Client, if the admin gave its address. */
  link: z.url().nullable(),
  updatedAt: Instant,
});
export type HandoffView = z.infer<typeof HandoffView>;

/** What the one button does now. */
export const SendView = z.object({
  action: z.enum(['send', 'check_again', 'wait', 'done', 'not_allowed']),
  label: z.string(),
  /** Why the button is not there or cannot be pressed; null otherwise. */
  reason: z.string().nullable(),
  /** What stops the deal from becoming an order, as far as can be seen now. */
  problems: z.array(ProblemView),
});
export type SendView = z.infer<typeof SendView>;

export const DealPanelView = z.object({
  dealId: z.number(),
  verdict: VerdictView,
  customer: section(CustomerView),
  credit: section(CreditView),
  lines: section(LinesView),
  handoffs: z.array(HandoffView),
  balance: section(BalanceView),
  send: SendView,
});
export type DealPanelView = z.infer<typeof DealPanelView>;

export const OrganizationPanelView = z.object({
  organizationId: z.number(),
  name: z.string(),
  verdict: VerdictView,
  customer: section(CustomerView),
  credit: section(CreditView),
  balance: section(BalanceView),
  /** Open and won deals that are not in SAP yet. */
  unsentDeals: z.array(
    z.object({ dealId: z.number(), title: z.string(), status: z.enum(['open', 'won']), value: MoneyView.nullable() }),
  ),
  /** There are older deals, which were not looked at. */
  moreDeals: z.boolean(),
});
export type OrganizationPanelView = z.infer<typeof OrganizationPanelView>;

/** A person shows its organization's panel; `organization` is null where the person has none. */
export const PersonPanelView = z.object({ personId: z.number(), organization: OrganizationPanelView.nullable() });
export type PersonPanelView = z.infer<typeof PersonPanelView>;

/** Answer to Send and Check again, and what the panel polls while a hand-off is on its way. */
export const DealHandoffView = z.object({ handoffs: z.array(HandoffView), send: SendView });
export type DealHandoffView = z.infer<typeof DealHandoffView>;

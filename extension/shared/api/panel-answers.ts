import type {
  BalanceView,
  CreditView,
  CustomerView,
  DealHandoffView,
  DealPanelView,
  HandoffView,
  LinesView,
  LineView,
  OrganizationPanelView,
  PersonPanelView,
  SendView,
  VerdictView,
} from '../../../server/contract/panel.ts';
import { isMoney, isProblem, isSection } from './common-answers.ts';
import { count, day, decimal, exactly, flag, instant, list, nullable, object, text } from './guard.ts';

const isVerdict = object<VerdictView>({
  verdict: exactly('ship', 'ship_part', 'hold', 'unknown'),
  title: text,
  reasons: list(text),
});

const isCustomer = object<CustomerView>({
  cardCode: text,
  name: text,
  type: exactly('customer', 'lead', 'supplier'),
  active: flag,
  segment: nullable(text),
  priceList: nullable(text),
  paymentTerms: nullable(text),
});

const isCredit = object<CreditView>({
  status: exactly('within_limit', 'over_limit', 'on_hold', 'no_limit'),
  limit: nullable(isMoney),
  balance: isMoney,
  openOrders: isMoney,
  thisDeal: nullable(isMoney),
  headroom: nullable(isMoney),
  note: nullable(text),
});

const isLine = object<LineView>({
  lineId: count,
  name: text,
  itemCode: nullable(text),
  quantity: decimal,
  unitPrice: isMoney,
  discountPercent: nullable(decimal),
  enabled: flag,
  sapPrice: nullable(isMoney),
  comparison: nullable(exactly('same', 'lower', 'higher')),
  differencePercent: nullable(count),
  warehouses: list(object<LineView['warehouses'][number]>({ code: text, name: text, available: decimal })),
  availability: exactly('in_stock', 'part', 'none', 'unknown'),
  available: nullable(decimal),
  problem: nullable(text),
});

const isLines = object<LinesView>({
  lines: list(isLine),
  notShown: count,
  unreadable: list(object<LinesView['unreadable'][number]>({ lineId: count, name: text, problem: text })),
});

const isBalance = object<BalanceView>({
  balance: isMoney,
  notDue: isMoney,
  days1To30: isMoney,
  days31To60: isMoney,
  daysOver60: isMoney,
  openInvoices: object<BalanceView['openInvoices']>({ count, sum: isMoney }),
  otherEntries: isMoney,
  invoices: list(
    object<BalanceView['invoices'][number]>({
      docNum: count,
      date: day,
      dueDate: day,
      daysOverdue: count,
      open: isMoney,
    }),
  ),
});

const isHandoff = object<HandoffView>({
  id: text,
  step: exactly('order'),
  state: exactly('pending', 'posting', 'unconfirmed', 'needs_attention', 'posted', 'written_back', 'cancelled'),
  sentence: text,
  problems: list(isProblem),
  docNum: nullable(count),
  document: nullable(exactly('order', 'draft')),
  documentStatus: nullable(exactly('open', 'closed', 'cancelled', 'waiting_for_approval', 'rejected')),
  total: nullable(isMoney),
  date: nullable(day),
  link: nullable(text),
  updatedAt: instant,
});

const isSend = object<SendView>({
  action: exactly('send', 'check_again', 'wait', 'done', 'not_allowed'),
  label: text,
  reason: nullable(text),
  problems: list(isProblem),
});

export const isDealPanel = object<DealPanelView>({
  dealId: count,
  verdict: isVerdict,
  customer: isSection(isCustomer),
  credit: isSection(isCredit),
  lines: isSection(isLines),
  handoffs: list(isHandoff),
  balance: isSection(isBalance),
  send: isSend,
});

export const isOrganizationPanel = object<OrganizationPanelView>({
  organizationId: count,
  name: text,
  verdict: isVerdict,
  customer: isSection(isCustomer),
  credit: isSection(isCredit),
  balance: isSection(isBalance),
  unsentDeals: list(
    object<OrganizationPanelView['unsentDeals'][number]>({
      dealId: count,
      title: text,
      status: exactly('open', 'won'),
      value: nullable(isMoney),
    }),
  ),
  moreDeals: flag,
});

export const isPersonPanel = object<PersonPanelView>({ personId: count, organization: nullable(isOrganizationPanel) });

export const isDealHandoff = object<DealHandoffView>({ handoffs: list(isHandoff), send: isSend });

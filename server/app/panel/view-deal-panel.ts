import type { Section } from '../../contract/common.ts';
import type { DealPanelView, LinesView, LineView } from '../../contract/panel.ts';
import { type CustomerForOrder, type DraftResult, draftOrder } from '../../domain/order-draft.ts';
import { decide } from '../../domain/verdict.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Problem } from '../../kernel/errors.ts';
import { type LocalDate, localDateIn } from '../../kernel/local-date.ts';
import { type DealAccess, isDaySpent } from '../deal-access.ts';
import { viewHandoff, viewSend } from '../handoff-view.ts';
import { type PartedLines, partLines } from '../listed-lines.ts';
import type { Crm, CrmCaller, CrmDeal, CrmDealLine, CrmListedLine } from '../ports/crm.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { Erp, ErpCaller, ErpItemQuote, ErpQuotes } from '../ports/erp.ts';
import type { Handoff, HandoffStore } from '../ports/handoff-store.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { Principal } from '../principal.ts';
import { getWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';
import { grossOfDeal, isInSap } from './deal-gross.ts';
import { MOST_LINES, type OwnCommitment, viewLines } from './figures.ts';
import type { LastKnown } from './last-known.ts';
import { type CustomerSections, readCustomer } from './read-customer.ts';
import type { SharedLines } from './shared-lines.ts';

export interface ViewDealPanelDeps extends TenantDeps {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly links: LinkStore;
  readonly handoffs: HandoffStore;
  readonly crm: Crm;
  readonly erp: Erp;
  readonly access: DealAccess;
  readonly lastKnown: LastKnown;
  readonly sharedLines: SharedLines;
}

/** All of SAP's answers together may take this long; what is late is shown as last known, or as missing. */
export const SAP_DEADLINE_MS = 2_500;

interface Linked {
  readonly cardCode: string | null;
  readonly codes: ReadonlyMap<number, string>;
  readonly handoffs: readonly Handoff[];
}

/**
 * Everything about a deal's customer and lines, live: three requests side by side in SAP, and in Pipedrive 11 tokens, or 1
 * where the lines are known. The deal itself is always asked for with the person's own rights. Where the rest of the day is
 * kept for orders, its lines are left out, and the deal can be sent all the same.
 */
export function makeViewDealPanel(deps: ViewDealPanelDeps) {
  /** @throws {ForbiddenError} {NotFoundError} */
  return async function viewDealPanel(
    principal: Principal,
    dealId: number,
    signal: AbortSignal,
    anew = false,
  ): Promise<DealPanelView> {
    const workplace = await getWorkplace(deps, principal.installationId);
    const deal = await deps.access.read(principal, dealId, signal);
    const listed = await readLines(
      { installationId: principal.installationId, as: principal.userId, purpose: 'person', signal },
      deal,
      anew,
    );
    const parted = partLines(listed ?? []);
    const linked = await findLinks(principal, workplace, deal, parted.lines);
    const today = localDateIn(workplace.connection.timeZone, deps.clock.now());
    const caller: ErpCaller = {
      installationId: principal.installationId,
      connectionId: workplace.connection.id,
      priority: 'person',
      signal: deps.deadline(SAP_DEADLINE_MS, signal),
    };
    const read = { ...parted, deal, listed, linked, today };
    const answer = readQuotes(caller, read);
    const [sections, quotes] = await Promise.all([readSections(caller, workplace, read, answer), answer]);
    return assemble({ ...read, principal, workplace, sections, quotes, now: deps.clock.now() });
  };

  /** Null: what is left of the day is kept for orders. */
  async function readLines(caller: CrmCaller, deal: CrmDeal, anew: boolean): Promise<readonly CrmListedLine[] | null> {
    try {
      return await deps.sharedLines.of(caller, deal, anew);
    } catch (error) {
      if (isDaySpent(error)) return null;
      throw error;
    }
  }

  async function findLinks(
    principal: Principal,
    workplace: Workplace,
    deal: CrmDeal,
    lines: readonly CrmDealLine[],
  ): Promise<Linked> {
    return deps.unitOfWork.within(principal.installationId, async (tx) => {
      const partner =
        deal.organizationId === null
          ? undefined
          : await deps.links.findByPipedriveId(tx, workplace.connection.id, 'partner', deal.organizationId);
      const productIds = [...new Set(lines.map((line) => line.productId))];
      const items = await deps.links.findByPipedriveIds(tx, workplace.connection.id, 'item', productIds);
      return {
        cardCode: partner?.state === 'linked' ? partner.sapKey : null,
        codes: new Map(
          items.flatMap((link) => (link.pipedriveId === null ? [] : [[link.pipedriveId, link.sapKey] as const])),
        ),
        handoffs: await deps.handoffs.listByDeal(tx, deal.id),
      };
    });
  }

  async function readSections(
    caller: ErpCaller,
    workplace: Workplace,
    { deal, listed, linked, today }: DealRead,
    quotes: Promise<Section<ErpQuotes>>,
  ): Promise<CustomerSections | null> {
    if (linked.cardCode === null) return null;
    return readCustomer(deps.erp, deps.lastKnown, {
      caller,
      cardCode: linked.cardCode,
      keys: linked.handoffs.map((handoff) => handoff.key),
      settings: workplace.settings,
      today,
      gross: async (localCurrency, orders) => {
        const answered = await quotes;
        const preview = 'data' in answered ? answered.data.gross : null;
        return grossOfDeal(deal, listed, linked.handoffs, localCurrency, preview, orders);
      },
    });
  }

  async function readQuotes(caller: ErpCaller, read: DealRead): Promise<Section<ErpQuotes>> {
    const { deal, lines, linked, today } = read;
    const items = lines.slice(0, MOST_LINES).flatMap((line) => {
      const itemCode = linked.codes.get(line.productId);
      return itemCode === undefined ? [] : [{ itemCode, quantity: line.quantity, currency: deal.currency }];
    });
    if (linked.cardCode === null || items.length === 0) {
      return { status: 'ready', data: { items: [], gross: null }, asOf: deps.clock.now().toISOString() };
    }
    const prospect = isInSap(linked.handoffs)
      ? null
      : prospectOf(read, { cardCode: linked.cardCode, type: 'customer', active: true }, []);
    const order = prospect?.ok ? prospect.draft : null;
    // The deal's own prices are part of the question: SAP's total answers for these alone. Which lines they stand on is not.
    const question = JSON.stringify([items, order?.lines.map((line) => ({ ...line, lineId: 0 })) ?? null]);
    const key = `quotes:${caller.installationId}:${caller.connectionId}:${linked.cardCode}:${question}`;
    return deps.lastKnown.section(key, deps.erp.quoteItems(caller, linked.cardCode, items, today, order));
  }
}

/** The deal as far as it is known without asking SAP. */
interface DealRead extends PartedLines {
  readonly deal: CrmDeal;
  /** Null: not read. */
  readonly listed: readonly CrmListedLine[] | null;
  readonly linked: Linked;
  readonly today: LocalDate;
}

interface Parts extends DealRead {
  readonly principal: Principal;
  readonly workplace: Workplace;
  readonly sections: CustomerSections | null;
  readonly quotes: Section<ErpQuotes>;
  readonly now: Date;
}

function assemble(parts: Parts): DealPanelView {
  const { deal, listed, linked, sections, quotes, workplace, principal } = parts;
  const linesSection = viewLinesSection(parts);
  const notLinked = { status: 'not_linked', reason: notLinkedReason(deal) } as const;
  const customer = sections?.customer ?? notLinked;
  const shown = 'data' in linesSection ? linesSection.data.lines.filter((line) => line.enabled) : [];
  const verdict = sections
    ? decide({
        customer: 'data' in sections.customer ? sections.customer.data : null,
        credit: sections.assessment,
        lines: 'data' in quotes ? shown.map((line) => forVerdict(line, quotes.data.items)) : null,
        notAsked: countNotAsked(parts),
        linesNotRead: listed === null,
      })
    : { verdict: 'unknown' as const, title: 'No customer in SAP', reasons: [notLinked.reason] };
  const { settings } = workplace;
  return {
    dealId: deal.id,
    verdict: { ...verdict, reasons: [...verdict.reasons] },
    customer,
    credit: sections?.credit ?? notLinked,
    lines: linesSection,
    handoffs: linked.handoffs.map((handoff) => {
      const order = sections?.documents?.orders.find((one) => one.key === handoff.key);
      return viewHandoff(handoff, order, settings.webClientUrl);
    }),
    balance: sections?.balance ?? notLinked,
    send: viewSend(linked.handoffs, foreseeProblems(parts, sections, quotes), principal, settings),
  };
}

function countNotAsked({ lines, unreadable }: DealRead): number {
  const enabled = (some: readonly { readonly enabled: boolean }[]) => some.filter((line) => line.enabled).length;
  return enabled(lines.slice(MOST_LINES)) + enabled(unreadable);
}

/** What is not kept in stock cannot be short. */
function forVerdict({ name, quantity, available, availability, itemCode }: LineView, quotes: readonly ErpItemQuote[]) {
  const known = availability === 'in_stock' ? (available ?? quantity) : available;
  const stock = quotes.find((quote) => quote.itemCode === itemCode)?.stock;
  return { name, quantity, available: known, hasItem: itemCode !== null, active: stock?.active ?? true };
}

/** What the deal's own orders keep back in stock. */
function committedByDeal({ sections, linked }: Parts): readonly OwnCommitment[] {
  const keys = new Set(linked.handoffs.map((handoff) => handoff.key));
  return (sections?.documents?.orders ?? [])
    .filter(({ document, status, key }) => document === 'order' && status === 'open' && keys.has(key))
    .flatMap(({ lines }) => lines)
    .map(({ itemCode, warehouse, openQuantity }) => ({ itemCode, warehouse, quantity: openQuantity }));
}

const LINES_NOT_READ =
  'What is left of today’s Pipedrive budget is kept for orders, so the lines are not read. The deal can be sent all the same.';

function viewLinesSection(parts: Parts): Section<LinesView> {
  const { lines, unreadable, listed, linked, quotes, deal, now } = parts;
  if (listed === null) return { status: 'unavailable', reason: LINES_NOT_READ };
  const committed = committedByDeal(parts);
  const holdTax = parts.sections?.pricesHoldTax ?? null;
  const data = (rows: readonly ErpItemQuote[]) =>
    viewLines(lines, linked.codes, rows, deal.currency, committed, holdTax, unreadable);
  if (quotes.status === 'ready' || quotes.status === 'stale') return { ...quotes, data: data(quotes.data.items) };
  // The deal's own lines are known even when SAP is silent.
  const known = data([]);
  const silent = { ...known, lines: known.lines.map((line) => ({ ...line, problem: line.problem ?? quotes.reason })) };
  return { status: 'ready', data: silent, asOf: now.toISOString() };
}

function notLinkedReason(deal: CrmDeal): string {
  return deal.organizationId === null
    ? 'This deal has no organization. Choose one, and its SAP figures appear here.'
    : 'This organization is not linked to a customer in SAP. Ask your back office to link or create it.';
}

const NO_CUSTOMER = ['not_linked', 'no_organization'];

/** What would stop the deal, as far as it can be seen without asking SAP again; sending checks everything anew. */
function foreseeProblems(
  read: DealRead,
  sections: CustomerSections | null,
  quotes: Section<ErpQuotes>,
): readonly Problem[] {
  if (sections && !('data' in sections.customer)) return [];
  const customer = sections && 'data' in sections.customer ? sections.customer.data : null;
  const result = prospectOf(read, customer, 'data' in quotes ? quotes.data.items : []);
  if (result.ok) return [];
  const { listed } = read;
  const problems = result.problems.filter(({ code }) => listed !== null || code !== 'no_lines');
  // Without a customer the customer's section says so, in place of its figures.
  return sections ? problems : problems.filter(({ code }) => !NO_CUSTOMER.includes(code));
}

/** The order that the deal would become now. */
function prospectOf(
  { deal, lines, unreadable, linked, today }: DealRead,
  customer: (CustomerForOrder & { readonly name?: string }) | null,
  quotes: readonly ErpItemQuote[],
): DraftResult {
  const { organizationId } = deal;
  const organization =
    organizationId === null ? null : { id: organizationId, name: customer?.name ?? 'This organization' };
  const forOrder = lines.map((line) => {
    const itemCode = linked.codes.get(line.productId);
    const stock = quotes.find((quote) => quote.itemCode === itemCode)?.stock;
    const item = itemCode === undefined ? null : { itemCode, known: true, sales: true, active: stock?.active ?? true };
    return { ...line, lineId: line.id, item };
  });
  return draftOrder({ ...deal, dealId: deal.id, organization, lines: forOrder, unreadable }, customer, today);
}

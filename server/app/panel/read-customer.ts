import type { Section } from '../../contract/common.ts';
import type { BalanceView, CreditView, CustomerView } from '../../contract/panel.ts';
import type { CreditAssessment } from '../../domain/credit.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import type { Erp, ErpCaller, ErpCustomerView, ErpDocumentsView, ErpOrder } from '../ports/erp.ts';
import type { Settings } from '../ports/settings-store.ts';
import { assess, type DealGross, viewBalance, viewCredit, viewCustomer } from './figures.ts';
import type { LastKnown } from './last-known.ts';

export interface CustomerSections {
  readonly customer: Section<CustomerView>;
  readonly credit: Section<CreditView>;
  readonly balance: Section<BalanceView>;
  /** Null where SAP gave nothing and nothing was known. */
  readonly assessment:
    | (CreditAssessment & { readonly currency: string; readonly holdAfterDays: number; readonly dealCounted: boolean })
    | null;
  readonly documents: ErpDocumentsView | null;
  /** SAP's prices for this customer may hold tax; null: not known. */
  readonly pricesHoldTax: boolean | null;
}

export interface ReadCustomerRequest {
  readonly caller: ErpCaller;
  readonly cardCode: string;
  /** Keys of the deal's hand-offs, whose documents are read along. */
  readonly keys: readonly string[];
  readonly settings: Settings;
  readonly today: LocalDate;
  /** Told the SAP company's currency and the deal's documents as far as they are known; null: there is no deal. */
  readonly gross: ((localCurrency: string, orders: readonly ErpOrder[]) => Promise<DealGross>) | null;
}

/** Customer with credit, and documents with invoices: two requests side by side, each with its own fate. */
export async function readCustomer(
  erp: Pick<Erp, 'viewCustomer' | 'viewDocuments'>,
  lastKnown: LastKnown,
  request: ReadCustomerRequest,
): Promise<CustomerSections> {
  const { caller, cardCode, keys } = request;
  const at = `${caller.installationId}:${caller.connectionId}:${cardCode}`;
  const [customer, documents] = await Promise.all([
    lastKnown.section(`customer:${at}`, erp.viewCustomer(caller, cardCode)),
    lastKnown.section(`documents:${at}:${keys.join()}`, erp.viewDocuments(caller, cardCode, keys)),
  ]);
  const documentsData = 'data' in documents ? documents.data : null;
  if (!('data' in customer)) {
    return {
      customer,
      credit: customer,
      balance: customer,
      assessment: null,
      documents: documentsData,
      pricesHoldTax: null,
    };
  }
  const { assessment, deal } = await assessFor(customer.data, documentsData, request);
  const credit = mapSection(customer, (data) => viewCredit(data, assessment, deal, request.settings));
  return {
    customer: mapSection(customer, viewCustomer),
    credit: 'data' in documents ? older(credit, documents) : mapSection(credit, withoutInvoices),
    balance:
      'data' in documents
        ? older(
            mapSection(documents, (data) => viewBalance(customer.data, data, request.today)),
            customer,
          )
        : documents,
    assessment: documentsData
      ? {
          ...assessment,
          currency: customer.data.localCurrency,
          holdAfterDays: request.settings.credit.holdAfterDaysOverdue,
          dealCounted: deal === null || deal.amount !== null,
        }
      : null,
    documents: documentsData,
    pricesHoldTax: customer.data.pricesHoldTax,
  };
}

/** Without the invoices nobody can say whether something is overdue. */
function withoutInvoices(credit: CreditView): CreditView {
  const missing = 'The open invoices could not be read: whether something is overdue is not known.';
  return { ...credit, note: credit.note === null ? missing : `${missing} ${credit.note}` };
}

async function assessFor(
  customer: ErpCustomerView,
  documents: ErpDocumentsView | null,
  { gross, settings, today }: ReadCustomerRequest,
) {
  const deal = gross ? await gross(customer.localCurrency, documents?.orders ?? []) : null;
  return { deal, assessment: assess(customer, documents, deal ?? { amount: '0', note: null }, settings, today) };
}

type Known<T> = Extract<Section<T>, { status: 'ready' | 'stale' }>;

function mapSection<T, U>(section: Known<T>, map: (data: T) => U): Known<U> {
  return { ...section, data: map(section.data) };
}

/** A figure made of two answers is as old as the older one. */
function older<T>(section: Known<T>, other: Known<unknown>): Known<T> {
  if (other.status === 'ready') return section;
  if (section.status === 'stale' && section.asOf <= other.asOf) return section;
  return { status: 'stale', data: section.data, asOf: other.asOf, reason: other.reason };
}

import type { ErpCaller } from './erp.ts';

/** Kinds of records whose events are asked for: each pulls the poll of a stream forward. */
export const ERP_EVENT_OBJECTS = [
  'BusinessPartners',
  'Items',
  'Orders',
  'DeliveryNotes',
  'Invoices',
  'CreditNotes',
  'IncomingPayments',
  'JournalEntries',
] as const;

export interface ErpSubscription {
  readonly webhookId: string;
  /** Where SAP sends to, at most 254 characters. */
  readonly url: string;
  /** `Inactive` and `Exceptional` send nothing until they are resumed. */
  readonly state: 'Active' | 'Inactive' | 'Exceptional' | 'unknown';
}

/** HMAC-SHA256 with this key over the raw body, base64; or HTTP Basic. */
export type ErpEventCredential =
  | { readonly auth: 'hmac'; readonly key: string }
  | { readonly auth: 'basic'; readonly user: string; readonly password: string };

/**
 * Event subscriptions of a SAP company (`EventSubscriptions`, feature pack 2602 and later, `/b1s/v2` only). Every call may
 * throw what `Erp` throws; older servers refuse with `rejected` or `not_found`.
 */
export interface ErpEvents {
  /** True where the server has subscriptions and this user may read them. */
  hasEvents(caller: ErpCaller): Promise<boolean>;
  /** @returns undefined when there is none by this id */
  findSubscription(caller: ErpCaller, webhookId: string): Promise<ErpSubscription | undefined>;
  /**
   * SAP calls the address at once, with a token that it wants back, and makes nothing when that fails.
   * @throws {OutcomeUnknownError} look it up by its id
   */
  createSubscription(caller: ErpCaller, webhookId: string, url: string, credential: ErpEventCredential): Promise<void>;
  /** Starts one again that SAP has stopped after failures; what happened meanwhile is not sent. */
  resumeSubscription(caller: ErpCaller, webhookId: string): Promise<void>;
  /** Fine when it is gone already. */
  deleteSubscription(caller: ErpCaller, webhookId: string): Promise<void>;
}

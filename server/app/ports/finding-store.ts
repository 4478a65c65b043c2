import type { Tx } from './unit-of-work.ts';

/** Something a person should look at. One open finding per kind and subject. */
export interface Finding {
  readonly id: string;
  readonly kind: FindingKind;
  /** What it is about, e.g. `deal:17`, `partner:C20000`, `connection:…`. */
  readonly subject: string;
  /** Plain sentences: what happened, and what to do. */
  readonly message: string;
  readonly action: string;
  /** Where in Pipedrive it can be looked at; null: nowhere. */
  readonly link: {
    readonly resource: 'deal' | 'organization' | 'person' | 'settings';
    readonly id: number | null;
  } | null;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly count: number;
}

export type FindingKind =
  | 'deal_not_ready'
  | 'order_refused'
  | 'order_duplicate'
  | 'order_waiting'
  | 'delivery_unreadable'
  | 'delivery_refused'
  | 'partner_ambiguous'
  | 'record_refused'
  | 'job_exhausted'
  | 'erp_events_refused'
  | 'password_refused'
  | 'session_refused'
  | 'certificate_changed'
  | 'certificate_expiring'
  | 'reconnect_pipedrive'
  | 'service_not_admin'
  | 'scopes_missing'
  | 'field_missing'
  | 'webhooks_refused'
  | 'webhooks_silent'
  | 'crm_shut_out'
  | 'comparison_stopped'
  | 'token_budget';

export interface FindingStore {
  /** Opens it, or counts up the one that is open. */
  raise(tx: Tx, finding: Pick<Finding, 'kind' | 'subject' | 'message' | 'action' | 'link'>, now: Date): Promise<void>;
  /** Closes the open one, if there is one. */
  resolve(tx: Tx, kind: FindingKind, subject: string, now: Date): Promise<void>;
  /** Closes the open one of this kind that nothing has touched since `before`. */
  resolveQuiet(tx: Tx, kind: FindingKind, before: Date, now: Date): Promise<void>;
  /** Closes this one, as a person who has seen it. @returns undefined when it is closed already */
  dismiss(tx: Tx, id: string, now: Date): Promise<Finding | undefined>;
  listOpen(tx: Tx, limit: number): Promise<readonly Finding[]>;
  countOpen(tx: Tx): Promise<number>;
}

import type { CrmEntity } from '../app/ports/crm-changes.ts';
import type { Comparison } from '../app/ports/crm-comparisons.ts';
import type { CrmList } from '../app/ports/crm-readings.ts';
import type { FindingKind } from '../app/ports/finding-store.ts';
import type { HandoffState } from '../domain/order-handoff.ts';

/** Rows as the driver gives them: bigint as text, bytea as Buffer, json parsed but not yet checked. */
interface OfInstallation {
  installation_id: string;
}

export interface InstallationRow extends OfInstallation {
  company_id: string;
  company_name: string;
  api_domain: string;
  status: 'active' | 'reauth_required' | 'removing' | 'uninstalled';
  installed_at: Date;
  webhook_secret: Buffer | null;
  webhook_secret_hash: Buffer | null;
  old_webhook_secret_hash: Buffer | null;
  removal_asked_at: Date | null;
  removal_asked_by: string | null;
  removal_done: string[];
  removal_left: string[];
  waiting_since: Date | null;
  signature: 'if-present' | 'required';
}

export interface DataKeyRow extends OfInstallation {
  key_id: string;
  master_key_id: string;
  wrapped: Buffer;
}

export interface GrantRow extends OfInstallation {
  user_id: string;
  user_name: string;
  is_admin: boolean;
  status: 'active' | 'refused';
  access_token: Buffer;
  refresh_token: Buffer;
  expires_at: Date;
  scopes: string[];
  kind: 'oauth' | 'api_token';
  refreshed_at: Date;
  proven_at: Date | null;
  pending_api_domain: string | null;
  doubts: number;
  doubted_at: Date | null;
  granted_at: Date | null;
}

export interface ConnectionRow extends OfInstallation {
  id: string;
  position: string;
  label: string;
  address: string;
  company_db: string;
  user_name: string;
  password: Buffer;
  trust: unknown;
  status: 'active' | 'password_refused' | 'certificate_changed' | 'disconnected';
  refused_passwords: number;
  time_zone: string;
  local_currency: string;
  capabilities: unknown;
  capabilities_at: Date | null;
  proxy_header_name: string | null;
  proxy_header_value: Buffer | null;
  client_certificate: string | null;
  client_key: Buffer | null;
  looked_at: Date | null;
  served_valid_to: Date | null;
}

export interface ConnectionTrialRow extends OfInstallation {
  id: string;
  at: Date;
}

export interface CrmWebhookRow extends OfInstallation {
  user_name: string;
  position: string;
  webhook_id: string;
  object: string;
  action: string;
  /** Sealed; of webhooks made before their hash was kept. */
  password: Buffer | null;
  password_hash: Buffer | null;
  made_at: Date | null;
  retired_at: Date | null;
}

export interface CrmWebhookRefusalRow extends OfInstallation {
  object: string;
  action: string;
  refused_at: Date;
}

export interface CrmChangeRow extends OfInstallation {
  entity: CrmEntity;
  record_id: string;
  gone: boolean;
  merged_into: string | null;
  noted_at: Date;
  revision: string;
}

export interface CrmViewRow extends OfInstallation {
  connection_id: string;
  kind: 'partner' | 'contact' | 'item';
  pipedrive_id: string;
  shown: unknown;
  answered: string | null;
  answered_at: Date | null;
  repeats: number;
}

export interface EntityLinkRow extends OfInstallation {
  connection_id: string;
  kind: 'partner' | 'contact' | 'item';
  sap_key: string;
  pipedrive_id: string | null;
  state: 'to_create' | 'creating' | 'linked' | 'ambiguous' | 'gone';
  creating_since: Date | null;
  content_hash: string | null;
}

export interface LineDetailRow extends OfInstallation {
  connection_id: string;
  deal_id: string;
  line_id: string;
  item_code: string;
  doc_entry: number;
  line_num: number;
}

export interface CursorRow extends OfInstallation {
  connection_id: string;
  stream: string;
  phase: 'first_load' | 'delta';
  stamp_date: string | null;
  stamp_time: string | null;
  key: string | null;
  documents: unknown;
  due_dates_checked_on: string | null;
  restarts: number;
}

export interface SyncRunRow extends OfInstallation {
  id: string;
  position: string;
  connection_id: string;
  stream: 'partners' | 'items' | 'credit';
  kind: 'first_load' | 'delta';
  state: 'running' | 'writing' | 'done';
  started_at: Date;
  ended_at: Date | null;
  expected: number | null;
  read: number;
  changed: number;
  written: number;
  unchanged: number;
  waiting: number;
}

export interface DeliveryRow extends OfInstallation {
  id: string;
  source: 'pipedrive' | 'sap';
  fingerprint: Buffer;
  fingerprint_hash: Buffer;
  received_at: Date;
  headers: unknown;
  body: Buffer;
  size: number;
  state: 'new' | 'processed' | 'unreadable' | 'too_large';
  settled_at: Date | null;
  signed: boolean;
  /** What it was about; null: not read yet, not readable, or of before that was noted. */
  entity: string | null;
}

export interface ErpWebhookRow extends OfInstallation {
  connection_id: string;
  webhook_id: string;
  secret: Buffer;
  secret_hash: Buffer;
  auth: 'hmac' | 'basic';
  credential: Buffer;
  url: string | null;
  state: 'wanted' | 'active' | 'refused' | 'unwanted';
  refused_words: string | null;
  last_event_at: Date | null;
}

export interface HandoffRow extends OfInstallation {
  id: string;
  position: string;
  connection_id: string;
  deal_id: string;
  step: 'order';
  generation: number;
  key: string;
  state: HandoffState;
  draft: unknown;
  draft_hash: string | null;
  attempt: number;
  sent: boolean;
  lease_until: Date | null;
  settle_at: Date | null;
  problems: unknown;
  doc_entry: number | null;
  doc_num: number | null;
  document: 'order' | 'draft' | null;
  note_id: string | null;
  note_posting: boolean;
  trigger: 'won' | 'person';
  by_user_id: string | null;
  created_at: Date;
  updated_at: Date;
}

export interface FindingRow extends OfInstallation {
  id: string;
  kind: FindingKind;
  subject: string;
  message: string;
  action: string;
  link: unknown;
  first_seen_at: Date;
  last_seen_at: Date;
  count: number;
  resolved_at: Date | null;
}

export interface CrmReadingRow extends OfInstallation {
  list: CrmList;
  newest: Date | null;
  seen: unknown;
  read_from: Date | null;
  suspected_at: Date | null;
  read_again_at: Date | null;
}

export interface CrmComparisonRow extends OfInstallation {
  state: Comparison['state'];
  started_at: Date;
  ended_at: Date | null;
  missing: unknown;
  approved_at: Date | null;
}

export interface AuditEntryRow extends OfInstallation {
  seq: string;
  id: string;
  verb: string;
  source_system: 'pipedrive' | 'sap' | 'orderline';
  source_key: string;
  source_version: string | null;
  target: string;
  before: Buffer | null;
  after: Buffer | null;
  run_id: string | null;
  request_id: string | null;
  user_id: string | null;
  at: Date;
  prev_hash: Buffer;
  hash: Buffer;
}

/**
 * A bigint column as the safe integer that Pipedrive's ids are.
 * @throws {RangeError} beyond 2^53, where a number would silently be another id
 */
export function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('an id beyond what a number can hold exactly');
  return value;
}

export const safeIntegerOrNull = (text: string | null): number | null => (text === null ? null : safeInteger(text));

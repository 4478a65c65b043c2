/** One table in the export: which columns leave, and by which the pages are cut (its key, without the installation). */
export interface ExportPart {
  readonly name: string;
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** Encrypted columns that are opened; no other encrypted value ever leaves. */
  readonly opened?: readonly string[];
  readonly hashes?: readonly string[];
}

const part = (
  name: string,
  key: readonly string[],
  columns: readonly string[],
  more: Pick<ExportPart, 'opened' | 'hashes'> & { readonly table?: string } = {},
): ExportPart => ({ name, table: name, key, columns, ...more });

const ONE_ROW = ['installation_id'];

/**
 * What a company can take with it, named column by column: what is added later leaves only when somebody has decided so.
 * Never named: tokens, passwords, keys, proxy headers, user names and passwords of webhooks, and the headers and bodies of deliveries,
 * whose headers hold credentials.
 */
export const EXPORT_PARTS: readonly ExportPart[] = [
  part('installation', ONE_ROW, ['company_id', 'company_name', 'api_domain', 'status', 'installed_at'], {
    table: 'installations',
  }),
  part('people', ['user_id'], ['user_id', 'user_name', 'is_admin', 'status', 'kind', 'scopes', 'granted_at'], {
    table: 'grants',
  }),
  part(
    'connections',
    ['id'],
    [
      'id',
      'label',
      'address',
      'company_db',
      'user_name',
      'trust',
      'status',
      'time_zone',
      'local_currency',
      'proxy_header_name',
      'client_certificate',
      'capabilities',
      'capabilities_at',
      'looked_at',
      'served_valid_to',
    ],
  ),
  part('settings', ['connection_id', 'version'], ['connection_id', 'version', 'values', 'by_user_id']),
  part('crm_fields', ['purpose'], ['purpose', 'field_code', 'made_by_us']),
  part('erp_fields', ['connection_id', 'field'], ['connection_id', 'field']),
  part('crm_webhooks', ['user_name'], ['webhook_id', 'object', 'action']),
  part(
    'erp_webhooks',
    ['connection_id'],
    ['connection_id', 'webhook_id', 'url', 'state', 'refused_words', 'last_event_at'],
  ),
  part(
    'entity_links',
    ['connection_id', 'kind', 'sap_key'],
    ['connection_id', 'kind', 'sap_key', 'pipedrive_id', 'state', 'creating_since', 'content_hash'],
  ),
  part(
    'line_details',
    ['connection_id', 'deal_id', 'line_id'],
    ['connection_id', 'deal_id', 'line_id', 'item_code', 'doc_entry', 'line_num'],
  ),
  part(
    'cursors',
    ['connection_id', 'stream'],
    ['connection_id', 'stream', 'phase', 'stamp_date', 'stamp_time', 'key', 'due_dates_checked_on'],
  ),
  part(
    'sync_runs',
    ['id'],
    [
      'id',
      'connection_id',
      'stream',
      'kind',
      'state',
      'started_at',
      'ended_at',
      'expected',
      'read',
      'changed',
      'written',
      'unchanged',
      'waiting',
    ],
  ),
  part('deliveries', ['id'], ['id', 'source', 'received_at', 'size', 'state', 'settled_at']),
  part(
    'handoffs',
    ['id'],
    [
      'id',
      'connection_id',
      'deal_id',
      'step',
      'generation',
      'key',
      'state',
      'draft',
      'attempt',
      'sent',
      'problems',
      'doc_entry',
      'doc_num',
      'document',
      'note_id',
      'trigger',
      'by_user_id',
      'created_at',
      'updated_at',
    ],
  ),
  part(
    'findings',
    ['id'],
    ['id', 'kind', 'subject', 'message', 'action', 'link', 'first_seen_at', 'last_seen_at', 'count', 'resolved_at'],
  ),
  part('token_ledger', ['id'], ['at', 'purpose', 'operation', 'tokens', 'calls']),
  part('crm_budgets', ONE_ROW, [
    'daily_limit',
    'remaining',
    'told_at',
    'stated_plan',
    'stated_seats',
    'learnt_plan',
    'learnt_seats',
    'background_share',
  ]),
  part('token_budgets', ONE_ROW, ['daily_limit', 'remaining', 'at']),
  part(
    'audit_entries',
    ['seq'],
    [
      'seq',
      'id',
      'verb',
      'source_system',
      'source_key',
      'source_version',
      'target',
      'run_id',
      'request_id',
      'user_id',
      'at',
    ],
    { opened: ['before', 'after'], hashes: ['prev_hash', 'hash'] },
  ),
];

/** Tables that hold nothing for a person: keys, leases, working notes made of numbers, and what was seen already. */
export const NOT_EXPORTED: readonly string[] = [
  'audit_heads',
  'connection_trials',
  'crm_changes',
  'crm_comparisons',
  'crm_gates',
  'crm_readings',
  'crm_views',
  'crm_webhook_refusals',
  'data_keys',
  'erp_events',
  'erp_sign_ins',
  'erp_slot_waits',
  'erp_slots',
];

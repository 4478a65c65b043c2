import type { Json } from '../../kernel/canonical-json.ts';
import type { Tx } from './unit-of-work.ts';

/** What can stand in the audit trail. One list, so that nothing is called by two names. */
export const AUDIT_VERBS = [
  'installed',
  'uninstalled',
  'removal_asked',
  'removal_step_done',
  'removal_step_left',
  'data_exported',
  'erased',
  'connected',
  'disconnected',
  'certificate_confirmed',
  'certificate_accepted',
  'trust_changed',
  'sign_in_changed',
  'proxy_changed',
  'connection_tried',
  'settings_changed',
  'finding_dismissed',
  'comparison_approved',
  'fields_created',
  'field_taken_up',
  'field_renamed',
  'field_gone',
  'webhooks_created',
  'deliveries_replayed',
  'webhooks_renewal_asked',
  'webhooks_renewed',
  'record_linked',
  'record_created',
  'record_updated',
  'handoff_created',
  'handoff_refused',
  'handoff_sent',
  'handoff_unconfirmed',
  'handoff_posted',
  'handoff_draft_turning',
  'handoff_became_order',
  'handoff_draft_held',
  'handoff_written_back',
  'handoff_cancelled',
] as const;
export type AuditVerb = (typeof AUDIT_VERBS)[number];

export interface AuditEntry {
  readonly verb: AuditVerb;
  readonly source: {
    readonly system: 'pipedrive' | 'sap' | 'orderline';
    readonly key: string;
    readonly version: string | null;
  };
  /** e.g. `organization:12`, `sap:Orders:77`. */
  readonly target: string;
  /** May hold personal values: kept encrypted with the installation's data key. */
  readonly before: Json;
  readonly after: Json;
  readonly runId: string | null;
  readonly requestId: string | null;
  readonly userId: number | null;
  readonly at: Date;
}

export interface AuditLog {
  append(tx: Tx, entry: AuditEntry): Promise<void>;
}

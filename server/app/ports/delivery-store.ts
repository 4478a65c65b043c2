import type { Rhythm } from '../../domain/webhook-silence.ts';
import type { Tx } from './unit-of-work.ts';

export interface NewDelivery {
  readonly id: string;
  readonly source: 'pipedrive' | 'sap';
  /** Event id, or a fallback made of webhook, entity, id, action, time and body; one row per fingerprint. */
  readonly fingerprint: string;
  readonly receivedAt: Date;
  /** Never the Authorization header. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came; at most the first 64 kB of an oversized one. */
  readonly body: Uint8Array;
  /** Full size in bytes. */
  readonly size: number;
  readonly state: 'new' | 'unreadable' | 'too_large';
}

export interface DeliveryStore {
  /** Undefined too when it was processed: a job that runs again finds nothing to do. */
  find(tx: Tx, id: string): Promise<NewDelivery | undefined>;
  /** @param entity what it was about; null: that could not be read */
  setState(tx: Tx, id: string, state: 'processed' | 'unreadable', now: Date, entity: string | null): Promise<void>;
  /** Whether each of Pipedrive's last deliveries was signed, newest first. */
  listSigned(tx: Tx, limit: number): Promise<readonly boolean[]>;
}

/** A webhook of ours in Pipedrive. */
export interface CrmWebhook {
  readonly webhookId: number;
  readonly object: string;
  readonly action: string;
  /** Of the Basic credentials it must come with. */
  readonly user: string;
  /** Null: before this was noted. */
  readonly madeAt: Date | null;
  /** Replaced by another at this instant: what is still on its way is accepted. */
  readonly retiredAt: Date | null;
}

/** When Pipedrive was last heard, of the last 14 days. */
export interface Heard {
  /** By the object that it was about, as webhooks name it. */
  readonly of: ReadonlyMap<string, Date>;
  /** About what is not known: not read yet, not readable, or of before that was noted. */
  readonly unknown: Date | null;
  /** What was kept without being understood. */
  readonly quarantinedAt: Date | null;
}

/** Kinds of notifications: one webhook each. */
export type CrmWebhookKind = Pick<CrmWebhook, 'object' | 'action'>;

export interface CrmWebhookStore {
  list(tx: Tx): Promise<readonly CrmWebhook[]>;
  /** What their deliveries must come with: the user, and the SHA-256 of the password. */
  listCredentials(tx: Tx): Promise<readonly { readonly user: string; readonly passwordHash: Uint8Array }[]>;
  /** Of the password its hash is kept. A row made before the webhook itself has `webhookId` 0 until `setId`. */
  add(
    tx: Tx,
    webhook: CrmWebhookKind & { user: string; password: string; webhookId: number; madeAt: Date },
  ): Promise<void>;
  remove(tx: Tx, user: string): Promise<void>;
  setId(tx: Tx, user: string, webhookId: number): Promise<void>;
  /** Does nothing to one that is retired already. */
  retire(tx: Tx, user: string, at: Date): Promise<void>;
  /** Kinds that Pipedrive refused to notify about, and when it was last asked. */
  listRefusals(tx: Tx): Promise<readonly (CrmWebhookKind & { readonly at: Date })[]>;
  noteRefusal(tx: Tx, kind: CrmWebhookKind, at: Date): Promise<void>;
  clearRefusal(tx: Tx, kind: CrmWebhookKind): Promise<void>;
  /** When notifications came in the last 14 days. */
  rhythm(tx: Tx, now: Date): Promise<Rhythm>;
  heard(tx: Tx, now: Date): Promise<Heard>;
}

import type { Secret } from './secrets.ts';
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
  /** False when that fingerprint is there already. */
  add(tx: Tx, delivery: NewDelivery): Promise<boolean>;
  find(tx: Tx, id: string): Promise<NewDelivery | undefined>;
  setState(tx: Tx, id: string, state: 'processed' | 'unreadable', now: Date): Promise<void>;
}

/** A webhook of ours in Pipedrive and the Basic credentials it must come with. */
export interface CrmWebhook {
  readonly webhookId: number;
  readonly object: string;
  readonly action: string;
  readonly user: string;
  readonly password: Secret;
}

export interface CrmWebhookStore {
  list(tx: Tx): Promise<readonly CrmWebhook[]>;
  /** A row made before the webhook itself has `webhookId` 0 until `setId`. */
  add(
    tx: Tx,
    webhook: { object: string; action: string; user: string; password: string; webhookId: number },
  ): Promise<void>;
  remove(tx: Tx, user: string): Promise<void>;
  setId(tx: Tx, user: string, webhookId: number): Promise<void>;
}

import type { ConnectionId } from '../../kernel/ids.ts';
import type { Secret } from './secrets.ts';
import type { Tx } from './unit-of-work.ts';

/** Our subscription to the events of one SAP company, and how its deliveries prove themselves. */
export interface ErpWebhook {
  readonly connectionId: ConnectionId;
  /** SAP's key of the subscription; ours to choose, at most 40 characters. */
  readonly webhookId: string;
  /** Last part of the address that SAP calls. */
  readonly secret: Secret;
  readonly auth: 'hmac' | 'basic';
  /** The HMAC key, or the password of Basic whose user is `webhookId`. */
  readonly credential: Secret;
  /** Address it was made with; null: not made yet. */
  readonly url: string | null;
  readonly state: 'wanted' | 'active' | 'refused' | 'unwanted';
  /** SAP's words, in state `refused`. */
  readonly refusedWords: string | null;
  readonly lastEventAt: Date | null;
}

export interface ErpWebhookStore {
  find(tx: Tx, connectionId: ConnectionId): Promise<ErpWebhook | undefined>;
  /** @param secretHash SHA-256 of the last part of the address */
  findBySecret(tx: Tx, secretHash: Uint8Array): Promise<ErpWebhook | undefined>;
  /** Replaces the one that is there; its state is `wanted`. */
  save(
    tx: Tx,
    connectionId: ConnectionId,
    values: { webhookId: string; secret: string; auth: ErpWebhook['auth']; credential: string },
  ): Promise<void>;
  /** The same address, and Basic in place of HMAC. @returns false when it is wanted no more, or was replaced meanwhile */
  setBasic(tx: Tx, webhook: ErpWebhook, password: string): Promise<boolean>;
  /** @returns false when it is wanted no more, or was replaced meanwhile */
  setActive(tx: Tx, webhook: ErpWebhook, url: string): Promise<boolean>;
  /** @returns false when it is wanted no more, or was replaced meanwhile */
  setRefused(tx: Tx, webhook: ErpWebhook, words: string): Promise<boolean>;
  setUnwanted(tx: Tx, connectionId: ConnectionId): Promise<void>;
  remove(tx: Tx, connectionId: ConnectionId): Promise<void>;
  /** Removes it unless it is wanted again. */
  removeUnwanted(tx: Tx, connectionId: ConnectionId): Promise<void>;
  /** Books events by their ids. @returns those not seen before */
  book(tx: Tx, connectionId: ConnectionId, eventIds: readonly string[], now: Date): Promise<readonly string[]>;
  /** Forgets events seen before that instant: SAP sends none as late. */
  forgetEvents(tx: Tx, before: Date): Promise<void>;
}

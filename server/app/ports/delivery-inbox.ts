import type { InstallationId } from '../../kernel/ids.ts';
import type { NewDelivery } from './delivery-store.ts';
import type { Finding } from './finding-store.ts';
import type { Job } from './job-queue.ts';

/** A delivery whose sender is known, with what is to be stored beside it. */
export interface InboxDelivery extends NewDelivery {
  readonly installationId: InstallationId;
  /** SHA-256 of the secret in the address it came to. */
  readonly secretHash: Uint8Array;
  /** The user of the webhook whose credentials it came with. */
  readonly user: string;
  /** Whether it carries a signature, which was found to be right. */
  readonly signed: boolean;
  /** What is to read it; it is told the ids of all that were stored together. Null: nothing is. */
  readonly job: Pick<Job<'delivery.process'>, 'task' | 'serialKey' | 'priority'> | null;
  readonly finding: Pick<Finding, 'kind' | 'subject' | 'message' | 'action' | 'link'> | null;
}

/** `not_ours`: the app, the address or the webhook is gone by now. `unsigned`: only signed deliveries are taken. */
export type DeliveryOutcome = 'stored' | 'duplicate' | 'not_ours' | 'unsigned';

export interface DeliveryInbox {
  /**
   * Resolves once delivery, job and finding are committed. Whatever comes in while another commit is under way goes into
   * the next one together, each under its own tenant; none of them can make another one fail.
   * @throws {UnavailableError} when the database cannot be reached, does not answer in time, or somebody else holds the
   *   tenant for too long; it may be stored all the same, and a repetition is then a duplicate
   */
  store(delivery: InboxDelivery): Promise<DeliveryOutcome>;
}

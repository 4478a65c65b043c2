import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { signatureMatches } from '../authenticity.ts';
import { deliveryReading } from '../delivery-jobs.ts';
import type { DeliveryInbox, DeliveryOutcome, InboxDelivery } from '../ports/delivery-inbox.ts';
import type { DeliveryCaller, DeliveryCallers } from './delivery-callers.ts';
import { fingerprintOf } from './delivery-fingerprint.ts';
import { readDelivery } from './delivery-reader.ts';
import type { Refusal } from './tell-refusal.ts';

export interface ReceiveDeliveryDeps {
  readonly clock: Clock;
  readonly callers: Pick<DeliveryCallers, 'forget'>;
  readonly inbox: DeliveryInbox;
  readonly tellRefusal: (id: InstallationId, refusal: Refusal) => Promise<void>;
}

export interface ArrivedDelivery {
  readonly headers: Readonly<Record<string, string>>;
  /** As it came; of an oversized one the first 64 kB. */
  readonly body: Uint8Array;
  readonly size: number;
  readonly tooLarge: boolean;
  /** HMAC-SHA256 of all bytes that came, also of those not kept, with the address' secret as its key. */
  readonly mac: Uint8Array;
}

/** `refused`: a wrong or missing signature, or another company; the reason stands in a finding. */
export type ReceiptOfDelivery = Exclude<DeliveryOutcome, 'unsigned'> | 'refused';

const SIGNATURE_HEADER = 'x-pipedrive-signature';
const NOT_KEPT = new Set(['authorization', 'cookie', 'proxy-authorization', SIGNATURE_HEADER]);

/**
 * Stores a delivery and its job in one transaction, or refuses it. Its address and credentials have named
 * the installation before anything of it was read, and nothing in it can make this fail.
 */
export function makeReceiveDelivery({ clock, callers, inbox, tellRefusal }: ReceiveDeliveryDeps) {
  async function refuse(caller: DeliveryCaller, refusal: Refusal): Promise<'refused'> {
    await tellRefusal(caller.installationId, refusal);
    return 'refused';
  }

  return async function receiveDelivery(caller: DeliveryCaller, arrived: ArrivedDelivery): Promise<ReceiptOfDelivery> {
    const signature = arrived.headers[SIGNATURE_HEADER];
    if (signature && !signatureMatches(signature, arrived.mac)) return refuse(caller, 'wrong_signature');
    const event = arrived.tooLarge ? undefined : readDelivery(arrived.body);
    if (event?.companyId && event.companyId !== caller.companyId) return refuse(caller, 'other_company');

    const { installationId, secretHash, user } = caller;
    const id = randomUUID();
    const state = arrived.tooLarge ? 'too_large' : event ? 'new' : 'unreadable';
    const outcome = await inbox.store({
      installationId,
      secretHash,
      user,
      signed: Boolean(signature),
      id,
      source: 'pipedrive',
      fingerprint: fingerprintOf(user, event, arrived.body),
      receivedAt: clock.now(),
      headers: Object.fromEntries(Object.entries(arrived.headers).filter(([name]) => !NOT_KEPT.has(name))),
      body: arrived.body,
      size: arrived.size,
      state,
      job: state === 'new' ? deliveryReading(installationId, 'order') : null,
      finding: state === 'new' ? null : unreadableFinding(state, arrived.size),
    });
    if (outcome === 'unsigned') return refuse(caller, 'unsigned');
    if (outcome === 'not_ours') callers.forget(caller);
    return outcome;
  };
}

function unreadableFinding(state: 'too_large' | 'unreadable', size: number): InboxDelivery['finding'] {
  const what = state === 'too_large' ? `larger than 1 MB (${size} bytes)` : 'not readable';
  return {
    kind: 'delivery_unreadable',
    subject: 'deliveries',
    message: `Pipedrive sent a notification that was ${what}. What it said could not be read.`,
    action: 'It was kept. What changed in Pipedrive is looked for within the hour. If it happens again, tell support.',
    link: null,
  };
}

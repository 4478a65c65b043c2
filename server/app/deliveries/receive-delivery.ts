import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import { signatureMatches } from '../authenticity.ts';
import { deliveryReading } from '../delivery-jobs.ts';
import type { DeliveryInbox, DeliveryOutcome, InboxDelivery } from '../ports/delivery-inbox.ts';
import type { DeliveryCaller, DeliveryCallers } from './delivery-callers.ts';
import { fingerprintOf } from './delivery-fingerprint.ts';
import { readDelivery } from './delivery-reader.ts';

export interface ReceiveDeliveryDeps {
  readonly clock: Clock;
  readonly callers: Pick<DeliveryCallers, 'forget'>;
  readonly inbox: DeliveryInbox;
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

const SIGNATURE_HEADER = 'x-pipedrive-signature';
const NOT_KEPT = new Set(['authorization', 'cookie', 'proxy-authorization', SIGNATURE_HEADER]);

/**
 * Stores a delivery and its job in one transaction, or says that it is not ours. Its address and credentials have named
 * the installation before anything of it was read, and nothing in it can make this fail.
 */
export function makeReceiveDelivery({ clock, callers, inbox }: ReceiveDeliveryDeps) {
  return async function receiveDelivery(caller: DeliveryCaller, arrived: ArrivedDelivery): Promise<DeliveryOutcome> {
    const signature = arrived.headers[SIGNATURE_HEADER];
    if (signature && !signatureMatches(signature, arrived.mac)) return 'not_ours';
    const event = arrived.tooLarge ? undefined : readDelivery(arrived.body);
    if (event?.companyId && event.companyId !== caller.companyId) return 'not_ours';

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
    if (outcome === 'not_ours') callers.forget(caller);
    return outcome;
  };
}

function unreadableFinding(state: 'too_large' | 'unreadable', size: number): InboxDelivery['finding'] {
  const what = state === 'too_large' ? `larger than 1 MB (${size} bytes)` : 'not readable';
  return {
    kind: 'delivery_unreadable',
    subject: 'deliveries',
    message: `Pipedrive sent a notification that was ${what}. It was kept, but not understood.`,
    action: 'Nothing is lost: won deals are also looked for every 15 minutes. If it happens again, tell support.',
    link: null,
  };
}

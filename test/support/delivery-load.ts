import { Pool } from 'undici';
import type { NotifiedTenant } from './delivery-world.ts';

export interface LoadDelivery {
  readonly tenant: NotifiedTenant;
  readonly body: string;
}

export interface Load {
  /** Of the answer, by the delivery's number; 0: there was none. */
  readonly statuses: Uint16Array;
  /** Milliseconds from when it was due until its answer, by the delivery's number. */
  readonly durations: Float64Array;
  /** How many were sent in a second, on average. */
  readonly perSecond: number;
}

export interface DeliverySender {
  /** @returns the status; 0: no answer */
  send(delivery: LoadDelivery): Promise<number>;
  /** Why there was no answer, and how often. */
  readonly unanswered: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * @param url of the webhooks' addresses, without the secret
 * @param keepAlive false: a connection for each, so that none is used again at the moment in which it is closed
 */
export function deliverySender(url: string, connections: number, keepAlive = true): DeliverySender {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, headersTimeout: 60_000, ...(keepAlive ? {} : { pipelining: 0 }) });
  const unanswered = new Map<string, number>();
  return {
    unanswered,
    async send({ tenant, body }) {
      try {
        const answer = await pool.request({
          method: 'POST',
          path: `${pathname}/${tenant.secret}`,
          headers: { authorization: tenant.authorization, 'content-type': 'application/json' },
          body,
        });
        await answer.body.dump();
        return answer.statusCode;
      } catch (error) {
        const why = String(error);
        unanswered.set(why, (unanswered.get(why) ?? 0) + 1);
        return 0;
      }
    },
    close: () => pool.destroy(),
  };
}

/**
 * Sends deliveries at their own pace, whatever is answered, as Pipedrive does. Counted from when each was due: a sender
 * that is late itself does not make the receiver look fast.
 */
export async function sendAtPace(
  { send }: Pick<DeliverySender, 'send'>,
  { perSecond, count, deliveryAt }: { perSecond: number; count: number; deliveryAt: (index: number) => LoadDelivery },
): Promise<Load> {
  const statuses = new Uint16Array(count);
  const durations = new Float64Array(count);
  const started = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let index = 0; index < count; index += 1) {
    const due = started + (index * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    const sent: Promise<void> = send(deliveryAt(index)).then((status) => {
      statuses[index] = status;
      durations[index] = performance.now() - due;
      underWay.delete(sent);
    });
    underWay.add(sent);
  }
  const sentIn = performance.now() - started;
  await Promise.all(underWay);
  return { statuses, durations, perSecond: (count * 1_000) / sentIn };
}

/** The duration, in milliseconds, that this share of all stayed below; 1: the longest. */
export function percentile(durations: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(durations).sort();
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

import { createHash } from 'node:crypto';
import type { DeliveryEvent } from './delivery-reader.ts';

/** How often it was tried, in formats 2.0 (`meta.attempt`) and 1.0 (`retry`): a retry is the same event. */
const ATTEMPT = /"(?:attempt|retry)"\s*:\s*\d+/g;

/**
 * What makes two deliveries of one webhook the same event: its own id with what it names and when, else all that it says
 * but the count of attempts. Whether the id stays the same over attempts is not documented, nor whether it is never used
 * twice (reference pipedrive-api.md, section 3.2): with more than the id, a doubt makes a second row and never loses one.
 * @param user of the webhook's credentials
 * @returns 64 hex digits
 */
export function fingerprintOf(user: string, event: DeliveryEvent | undefined, body: Uint8Array): string {
  const hash = createHash('sha256').update(user);
  if (event) {
    const { eventId, entity, action, entityId, timestamp } = event;
    hash.update(JSON.stringify([eventId, entity, action, entityId, timestamp]));
    if (eventId) return hash.digest('hex');
  }
  const text = Buffer.from(body).toString('latin1').replace(ATTEMPT, '');
  return hash.update(text, 'latin1').digest('hex');
}

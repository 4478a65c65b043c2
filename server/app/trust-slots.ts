import { InvalidInputError } from '../kernel/errors.ts';
import type { FilledSlot } from './ports/erp-access.ts';
import type { Trust, TrustSlot } from './ports/installation-store.ts';

/** Today's certificate, the next one, and one to spare. */
const MOST_SLOTS = 3;

/**
 * A fingerprint as tools print it and people paste it, in the one form that is kept.
 * @throws {InvalidInputError}
 */
export function readFingerprint(typed: string, at: string): string {
  const hex = typed
    .trim()
    .replace(/^(sha-?256)?\s*(fingerprint)?\s*[=:]\s*/i, '')
    .replace(/[\s:-]/g, '')
    .toUpperCase();
  if (/^[0-9A-F]{64}$/.test(hex)) return hex.match(/../g)?.join(':') ?? hex;
  const message = /^[0-9A-F]{40}$/.test(hex)
    ? 'This is a SHA-1 fingerprint. Ask for the SHA-256 fingerprint, which has 64 digits.'
    : 'A SHA-256 fingerprint has 64 digits from 0 to 9 and A to F.';
  throw new InvalidInputError([{ code: 'fingerprint_form', message, at }]);
}

/** Pinned to these; of two for one certificate the one that has its text stays. @throws {InvalidInputError} for more than three */
export function pinnedTo(slots: readonly TrustSlot[], at: string): Trust {
  const each = new Map<string, TrustSlot>();
  for (const slot of slots) {
    if (!each.get(slot.fingerprint)?.pem) each.set(slot.fingerprint, slot);
  }
  if (each.size > MOST_SLOTS) {
    const message = 'At most three certificates can be confirmed at once. Remove one that is no longer used first.';
    throw new InvalidInputError([{ code: 'slots_full', message, at }]);
  }
  return { kind: 'pinned', slots: [...each.values()] };
}

/** The trust in which the certificate's text stands in its slot; the same when it has none. */
export function filledWith(trust: Trust, { fingerprint, pem }: FilledSlot): Trust {
  if (trust.kind !== 'pinned') return trust;
  return {
    kind: 'pinned',
    slots: trust.slots.map((slot) => (slot.fingerprint === fingerprint ? { fingerprint, pem } : slot)),
  };
}

import { createHash, timingSafeEqual } from 'node:crypto';

/** True when both texts are the same; takes as long whichever way they differ. */
export function sameText(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** User and password of an `Authorization: Basic` header; undefined where it is none. */
export function readBasic(header: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header?.trim() ?? '')?.[1];
  if (!encoded) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * Whether a signature header is this HMAC-SHA256: hex or base64, with or without `sha256=`. Pipedrive documents no such header; a gateway in front of us may add one.
 */
export function signatureMatches(header: string, mac: Uint8Array): boolean {
  const bare = header.trim().replace(/^sha256=/i, '');
  const given = /^[0-9a-f]{64}$/i.test(bare) ? Buffer.from(bare, 'hex') : Buffer.from(bare, 'base64');
  return given.length === mac.length && timingSafeEqual(given, mac);
}

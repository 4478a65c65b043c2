import { type EncryptionKey, KEY_BYTES } from './envelope.ts';

/** The keys that wrap each installation's data key: the first one writes, all read. */
export interface MasterKeys {
  readonly primary: EncryptionKey;
  find(id: string): EncryptionKey | undefined;
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads `ENCRYPTION_KEYS`: `id:base64` pairs with commas between them, 32 bytes each.
 * @throws Error that names every faulty pair by its place, never by its text
 */
export function parseMasterKeys(text: string): MasterKeys {
  const read = text.split(',').map((pair, index) => readPair(pair.trim(), index + 1));
  const keys = read.flatMap((result) => ('key' in result ? [result.key] : []));
  const faults = read.flatMap((result) => ('fault' in result ? [result.fault] : []));
  const ids = new Set(keys.map((key) => key.id));
  if (ids.size < keys.length) faults.push('two pairs have the same id');
  const [primary] = keys;
  if (faults.length > 0 || !primary) throw new Error(`ENCRYPTION_KEYS: ${faults.join('; ')}.`);
  return { primary, find: (id) => keys.find((key) => key.id === id) };
}

function readPair(pair: string, place: number): { key: EncryptionKey } | { fault: string } {
  const colon = pair.indexOf(':');
  const id = pair.slice(0, colon);
  const encoded = pair.slice(colon + 1);
  if (colon < 1 || !BASE64.test(encoded)) return { fault: `pair ${place} is not "id:base64"` };
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== KEY_BYTES)
    return { fault: `the key of pair ${place} has ${bytes.length} bytes, not ${KEY_BYTES}` };
  return { key: { id, bytes } };
}

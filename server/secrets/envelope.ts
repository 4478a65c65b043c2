import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256: 32 bytes, with the id that is stored beside what it encrypted. */
export interface EncryptionKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

export const KEY_BYTES = 32;
const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const IV_BYTES = 12;
/** Fixed: a shorter tag would be easier to guess, and GCM itself accepts down to 4 bytes. */
const TAG_BYTES = 16;

/**
 * Encrypts under a fresh random IV. Laid out as version (1 byte), IV (12), ciphertext, tag (16).
 * @param context what is authenticated with it, besides the key's id; opening needs the same, in the same order
 */
export function encrypt(key: EncryptionKey, context: readonly string[], plain: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.bytes, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(key, context));
  return Buffer.concat([Buffer.of(VERSION), iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined for what was not made by `encrypt` with this key and context. */
export function decrypt(key: EncryptionKey, context: readonly string[], sealed: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(sealed);
  if (bytes.length < 1 + IV_BYTES + TAG_BYTES || bytes[0] !== VERSION) return undefined;
  const iv = bytes.subarray(1, 1 + IV_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key.bytes, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(key, context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const head = decipher.update(bytes.subarray(1 + IV_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([head, decipher.final()]);
  } catch {
    return undefined;
  }
}

/** As a JSON list, so that no two contexts give the same bytes. */
function associatedData(key: EncryptionKey, context: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([...context, key.id]));
}

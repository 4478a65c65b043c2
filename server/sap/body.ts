import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unpack = promisify(gunzip);

/** Of an answer, packed or not. */
export const LARGEST_ANSWER = 10 * 1024 * 1024;
/** SAP's JSON packs 10 to 40 times; what unpacks to far more was made to. */
const LARGEST_RATIO = 100;
/** So that the ratio does not judge short answers of blanks. */
const ALWAYS_ALLOWED = 1024 * 1024;

/** The answer is packed in a way that was not asked for, or not as it says. */
export class UnreadableBodyError extends Error {
  readonly code = 'SAP_UNREADABLE_BODY';
}

export type Encoding = 'identity' | 'gzip';

/** @throws {UnreadableBodyError} for a packing that was not asked for */
export function encodingOf(header: string | undefined): Encoding {
  const name = header?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return 'identity';
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  throw new UnreadableBodyError('the answer is packed in a way that was not asked for');
}

/** Unpacks to at most the limit: more is given up where it begins. @throws {UnreadableBodyError} */
export async function textOf(encoding: Encoding, packed: Buffer): Promise<string> {
  if (encoding === 'identity' || packed.length === 0) return packed.toString('utf8');
  const maxOutputLength = Math.min(LARGEST_ANSWER, Math.max(ALWAYS_ALLOWED, packed.length * LARGEST_RATIO));
  try {
    return (await unpack(packed, { maxOutputLength })).toString('utf8');
  } catch (cause) {
    throw new UnreadableBodyError('the answer could not be unpacked', { cause });
  }
}

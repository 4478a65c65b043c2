import type { IncomingMessage } from 'node:http';

/** A body up to this size is kept whole. */
export const WHOLE_BODY_LIMIT = 1_048_576;
/** Of a larger one this much is kept. */
export const KEPT_OF_LARGER = 65_536;
/** And this much is read at all, so that the sender gets to the end and sees our answer. */
const DRAIN_LIMIT = 32 * WHOLE_BODY_LIMIT;

export interface RawBody {
  readonly body: Buffer;
  /** Bytes seen; less than what was sent only beyond 32 MB. */
  readonly size: number;
  readonly tooLarge: boolean;
}

/**
 * The bytes as they come, never inflated and never parsed. Memory stays bounded whatever is sent.
 * @param onBytes gets all that is read, also what is not kept
 * @throws {Error} when the sender goes away in the middle
 */
export async function readRawBody(
  req: IncomingMessage,
  onBytes: (bytes: Uint8Array) => void = () => undefined,
): Promise<RawBody> {
  let kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    onBytes(bytes);
    const wasWhole = size <= WHOLE_BODY_LIMIT;
    size += bytes.length;
    if (size <= WHOLE_BODY_LIMIT) kept.push(bytes);
    else if (wasWhole) kept = [Buffer.concat([...kept, bytes]).subarray(0, KEPT_OF_LARGER)];
    if (size > DRAIN_LIMIT) break;
  }
  return { body: Buffer.concat(kept), size, tooLarge: size > WHOLE_BODY_LIMIT };
}

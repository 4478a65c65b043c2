import type { IncomingMessage } from 'node:http';

/** A body up to this size is kept whole. */
export const WHOLE_BODY_LIMIT = 1_048_576;
/** Of a larger one this much is kept. */
export const KEPT_OF_LARGER = 65_536;
/** And this much is read at all, so that the sender gets to the end and sees our answer. */
const DRAIN_LIMIT = 32 * WHOLE_BODY_LIMIT;

/** How long a sender may take for a body, in milliseconds of real time. */
export interface BodyPace {
  /** Without a single byte. */
  readonly idleMs: number;
  readonly wholeMs: number;
}

/** Pipedrive itself gives up after 10 s (reference pipedrive-api.md, section 3.4). */
export const BODY_PACE: BodyPace = { idleMs: 3_000, wholeMs: 10_000 };

export interface RawBody {
  readonly body: Buffer;
  /** Bytes seen; less than what was sent only beyond 32 MB. */
  readonly size: number;
  readonly tooLarge: boolean;
}

/** Memory that bodies share while they are read and stored. */
export interface BodyRoom {
  /** False when there is not so much left; nothing is taken then. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** There is no memory left for another body: the sender may come back. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

export function createBodyRoom(bytes: number): BodyRoom {
  let left = bytes;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
    give(returned) {
      left += returned;
    },
  };
}

/**
 * The bytes as they come, never inflated and never parsed. What is kept stays taken from `room`: the caller gives back as
 * many bytes as `body` has.
 * @param onBytes gets all that is read, also what is not kept
 * @throws {NoRoomError}
 * @throws {Error} when the sender goes away in the middle, or is slower than `pace`
 */
export async function readRawBody(
  req: IncomingMessage,
  { room, pace, onBytes }: { room: BodyRoom; pace: BodyPace; onBytes?: (bytes: Uint8Array) => void },
): Promise<RawBody> {
  const clock = watchPace(req, pace);
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let size = 0;
  let whole = false;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      clock.moved();
      onBytes?.(bytes);
      const wasWhole = size <= WHOLE_BODY_LIMIT;
      size += bytes.length;
      if (size <= WHOLE_BODY_LIMIT) {
        if (!room.take(bytes.length)) throw new NoRoomError();
        keptBytes += bytes.length;
        kept.push(bytes);
      } else if (wasWhole) {
        const beginning = Buffer.from(Buffer.concat([...kept, bytes]).subarray(0, KEPT_OF_LARGER));
        room.give(keptBytes - beginning.length);
        keptBytes = beginning.length;
        kept = [beginning];
      }
      if (size > DRAIN_LIMIT) break;
    }
    whole = true;
    return { body: Buffer.concat(kept), size, tooLarge: size > WHOLE_BODY_LIMIT };
  } finally {
    clock.stop();
    if (!whole) room.give(keptBytes);
  }
}

function watchPace(req: IncomingMessage, { idleMs, wholeMs }: BodyPace): { moved(): void; stop(): void } {
  const end = (): void => void req.destroy(new Error('The sender is too slow.'));
  const idle = setTimeout(end, idleMs);
  const all = setTimeout(end, wholeMs);
  return {
    moved: () => void idle.refresh(),
    stop() {
      clearTimeout(idle);
      clearTimeout(all);
    },
  };
}

import type { Lane } from '../net/limiter.ts';
import { type BatchPart, readBatch, writeBatch } from './batch.ts';
import type { SapCompany } from './company.ts';
import { failureOf, SessionLostError } from './errors.ts';
import type { HttpAnswer } from './exchange.ts';
import { unreadable } from './refusals.ts';

/** What became of the parts: as many answers as were carried out, and why it stopped when it did. */
export interface BatchOutcome {
  /** Of the parts that went well, in their order. */
  readonly answers: readonly HttpAnswer[];
  /** The failure of the part that follows them; those behind it were not carried out. */
  readonly stopped: Error | undefined;
}

/** Several reads in one request. */
export function readTogether(company: SapCompany, parts: readonly BatchPart[], lane?: Lane): Promise<BatchOutcome> {
  return company.read(
    (dialect) => {
      const { contentType, body } = writeBatch(parts, dialect, company.world.random);
      return {
        method: 'POST',
        target: '$batch',
        headers: { 'content-type': contentType, accept: 'multipart/mixed' },
        body,
      };
    },
    (answer) => judge(company, answer, parts.length),
    lane,
  );
}

function judge(company: SapCompany, answer: HttpAnswer, sent: number): BatchOutcome {
  const parts = readBatch(answer);
  if (!parts || parts.length > sent) throw unreadable();
  const bad = parts.findIndex(({ status }) => status < 200 || status > 299);
  const failed = bad === -1 ? undefined : parts[bad];
  if (!failed) {
    if (parts.length < sent) throw unreadable();
    return { answers: parts, stopped: undefined };
  }
  const stopped = failureOf(failed, 'read', company.world.clock.now());
  // A session that ended on the way concerns the whole request.
  if (stopped instanceof SessionLostError) throw stopped;
  return { answers: parts.slice(0, bad), stopped };
}

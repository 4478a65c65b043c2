import { AppError, RejectedError } from '../kernel/errors.ts';
import type { Lane } from '../net/limiter.ts';
import { type BatchPart, readBatch, writeBatch } from './batch.ts';
import type { SapCompany } from './company.ts';
import { failureOf, SessionLostError } from './errors.ts';
import type { HttpAnswer } from './exchange.ts';
import { unreadable } from './refusals.ts';
import { isUnknownResource } from './resources/unknown-resource.ts';

/** What became of the parts: as many answers as were carried out, and why it stopped when it did. */
export interface BatchOutcome {
  /** Of the parts that went well, in their order. */
  readonly answers: readonly HttpAnswer[];
  /** The failure of the part that follows them; those behind it were not carried out. */
  readonly stopped: Error | undefined;
}

/** Several reads in one request; one by one, side by side, where the server takes no batches. */
export function readTogether(company: SapCompany, parts: readonly BatchPart[], lane?: Lane): Promise<BatchOutcome> {
  return inBatches(
    company,
    () => readAtOnce(company, parts, lane),
    async () => upToRefusal(await readApart(company, parts, lane)),
  );
}

/** Whether the server takes batches, tried out with one read; what it answers to the read itself does not matter. */
export async function takesBatches(company: SapCompany, part: BatchPart): Promise<boolean> {
  try {
    await readAtOnce(company, [part]);
    company.memory.batches = true;
  } catch (error) {
    if (!(error instanceof NoBatchesError)) throw error;
    company.memory.batches = false;
  }
  return company.memory.batches;
}

/** What became of one part: its answer, or why there is none. */
export type PartOutcome = HttpAnswer | Error;

/**
 * Several reads of which each may fail for itself. A batch stops at the first that SAP refuses, so that each refusal costs
 * one more request for those behind it; two refusals of one question in the same words stand for all that ask the same.
 * @param needed the first so many have to be answered
 * @throws the failure of one that is needed
 */
export function readEach(
  company: SapCompany,
  parts: readonly BatchPart[],
  needed: number,
): Promise<readonly PartOutcome[]> {
  return inBatches(
    company,
    () => goOnBehindRefusals(company, parts, needed),
    async () => {
      const outcomes = await readApart(company, parts);
      for (const outcome of outcomes.slice(0, needed)) if (outcome instanceof Error) throw outcome;
      return outcomes;
    },
  );
}

async function inBatches<T>(company: SapCompany, together: () => Promise<T>, apart: () => Promise<T>): Promise<T> {
  if (!company.memory.batches) return apart();
  try {
    return await together();
  } catch (error) {
    if (!(error instanceof NoBatchesError)) throw error;
    company.memory.batches = false;
    return apart();
  }
}

/** The server does not know batches. */
class NoBatchesError extends Error {}

async function goOnBehindRefusals(
  company: SapCompany,
  parts: readonly BatchPart[],
  needed: number,
): Promise<readonly PartOutcome[]> {
  const outcomes = new Map<BatchPart, PartOutcome>();
  const refused = new Map<string, string>();
  let rest = parts;
  while (rest.length > 0) {
    const { answers, stopped } = await nextOf(company, rest, outcomes.size > 0);
    for (const [index, answer] of answers.entries()) {
      const part = rest[index];
      if (part) outcomes.set(part, answer);
    }
    const part = rest[answers.length];
    rest = rest.slice(answers.length + 1);
    if (!part || !stopped) break;
    if (parts.indexOf(part) < needed) throw stopped;
    outcomes.set(part, stopped);
    const alike = sharedBy(stopped, part, refused);
    for (const one of rest.filter(alike)) outcomes.set(one, stopped);
    rest = rest.filter((one) => !outcomes.has(one));
  }
  return parts.map((part) => outcomes.get(part) ?? unreadable());
}

/** Which of the parts behind it need not be asked. @param refused what was refused before, by its target */
function sharedBy(stopped: Error, { target }: BatchPart, refused: Map<string, string>): (part: BatchPart) => boolean {
  // Anything but a refusal is about the server.
  if (!(stopped instanceof RejectedError)) return () => true;
  const again = stopped.code !== NO_MATCH && refused.get(target) === stopped.message;
  refused.set(target, stopped.message);
  return (part) => again && part.target === target;
}

/** "No such record" is about the one record that was asked for. */
const NO_MATCH = '-2028';

/** What was answered before is not lost because there is no time for the rest. */
async function nextOf(company: SapCompany, parts: readonly BatchPart[], goingOn: boolean): Promise<BatchOutcome> {
  try {
    return await readAtOnce(company, parts);
  } catch (error) {
    if (goingOn && error instanceof AppError) return { answers: [], stopped: error };
    throw error;
  }
}

async function readAtOnce(company: SapCompany, parts: readonly BatchPart[], lane?: Lane): Promise<BatchOutcome> {
  try {
    return await company.read(
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
  } catch (error) {
    if (isUnknownResource(error)) throw new NoBatchesError('no batches', { cause: error });
    throw error;
  }
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

/** Tells the same as a batch: answers up to the first refusal. */
function upToRefusal(outcomes: readonly PartOutcome[]): BatchOutcome {
  const answers: HttpAnswer[] = [];
  for (const outcome of outcomes) {
    if (!(outcome instanceof Error)) answers.push(outcome);
    else if (outcome instanceof RejectedError) return { answers, stopped: outcome };
    else throw outcome;
  }
  return { answers, stopped: undefined };
}

async function readApart(
  company: SapCompany,
  parts: readonly BatchPart[],
  lane?: Lane,
): Promise<readonly PartOutcome[]> {
  const asked = parts.map(({ method, target, prefer, body }) =>
    company.read(
      () => ({
        method,
        target,
        ...(prefer === undefined ? {} : { headers: { prefer } }),
        ...(body === undefined ? {} : { body }),
      }),
      (answer) => answer,
      lane,
    ),
  );
  return (await Promise.allSettled(asked)).map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    const reason: unknown = outcome.reason;
    if (reason instanceof Error) return reason;
    throw reason;
  });
}

import { z } from 'zod';
import { OutcomeUnknownError, RejectedError } from '../../kernel/errors.ts';
import { parseJson } from '../errors.ts';
import type { HttpAnswer } from '../exchange.ts';

/** One write whose result can be found again by the key that it carries. */
export interface KeyedWrite<T> {
  send(): Promise<HttpAnswer>;
  /** Looks for the key; undefined when nothing carries it. */
  find(): Promise<T | undefined>;
  /** Reads the document that SAP points to; undefined when that is not ours. Absent: SAP points to nothing. */
  readBack?(docEntry: number): Promise<T | undefined>;
  /** True when any refusal may mean that somebody else has done it: then the key is looked for. */
  readonly refusedMayExist?: boolean;
}

/**
 * Sends once and gives what came of it. What SAP answers after it has begun to book is never taken as "not done" unless
 * it is SAP's own refusal.
 * @throws {OutcomeUnknownError} look it up later
 * @throws {RejectedError} nothing carries the key
 */
export async function createOnce<T>(write: KeyedWrite<T>): Promise<T> {
  let answer: HttpAnswer;
  try {
    answer = await write.send();
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    if (!write.refusedMayExist && !MAY_EXIST.has(error.code)) throw error;
    // With an approval procedure SAP keeps a draft and then fails to read back a document: "no matching records".
    const found = await lookUp(write);
    if (found) return found;
    throw error;
  }
  const docEntry = docEntryOf(answer);
  const made = await findOrReadBack(write, docEntry);
  if (made) return made;
  throw new OutcomeUnknownError('SAP took it but does not show it yet. It is looked up before anything else.');
}

/**
 * -2028: kept as a draft for approval. -2035: a unique key says that it is there already. -5006: it was there, and
 * something has become of it meanwhile.
 */
const MAY_EXIST: ReadonlySet<string> = new Set(['-2028', '-2035', '-5006']);

async function findOrReadBack<T>(write: KeyedWrite<T>, docEntry: number | undefined): Promise<T | undefined> {
  const readBack = docEntry === undefined ? undefined : write.readBack?.bind(write, docEntry);
  const found = await lookUp(write).catch((error: unknown) => {
    if (!readBack) throw error;
    return undefined;
  });
  return found ?? (await readBack?.());
}

/** What carries the key, for whoever has sent something already: not being able to look means not to know. */
export async function lookUp<T>({ find }: Pick<KeyedWrite<T>, 'find'>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    throw new OutcomeUnknownError('It was sent to SAP, but could not be read back yet.', { cause: error });
  }
}

const Created = z.object({ DocEntry: z.number().int().safe() });

/** From `Location: /b1s/v2/Orders(1234)`, or from the body of a server that passes over the preference. */
function docEntryOf(answer: HttpAnswer): number | undefined {
  const located = /\/\w+\((\d{1,10})\)\s*$/.exec(answer.header('location') ?? '')?.[1];
  if (located !== undefined) return Number(located);
  return Created.safeParse(parseJson(answer.body)).data?.DocEntry;
}

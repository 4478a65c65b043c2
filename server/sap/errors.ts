import { z } from 'zod';
import { after } from '../kernel/clock.ts';
import { OutcomeUnknownError, RateLimitedError, RejectedError, UnavailableError } from '../kernel/errors.ts';
import { readRetryAfter } from '../net/retry.ts';
import { type CatalogueEntry, findEntry } from './error-catalogue.ts';
import type { HttpAnswer } from './exchange.ts';

/** SAP's own refusal, from either dialect. */
export interface Refusal {
  /** As text: v1 sends a number, v2 a string, session errors either. */
  readonly code: string;
  readonly words: string;
}

/** The session is no longer good: HTTP 401 or code 301. Handled inside this folder. */
export class SessionLostError extends Error {}

/** Proven not done and worth repeating soon. */
export class TemporaryError extends UnavailableError {
  /** As the server asked for; undefined: the usual jitter. */
  readonly waitMs: number | undefined;
  constructor(message: string, waitMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.waitMs = waitMs;
  }
}

/** Refused before anything was begun, so that a write too may be sent once more. */
export class NotBegunError extends TemporaryError {}

const LONGEST_WORDS = 300;
const Code = z.union([z.string(), z.number()]).transform(String);
const Body = z.object({
  code: Code,
  message: z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]).catch(''),
});
/** The second form is that of OData v3's own format, JSON Light. */
const RefusalBody = z.union([
  z.object({ error: Body }).transform(({ error }) => error),
  z.object({ 'odata.error': Body }).transform((body) => body['odata.error']),
]);

/** Undefined for HTML of a proxy, an empty body, or JSON of another make. */
export function readRefusal(body: string): Refusal | undefined {
  const parsed = RefusalBody.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const { code, message } = parsed.data;
  return { code: code.trim(), words: shorten(message) };
}

/** Undefined instead of a throw: the caller knows what unreadable means for its request. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * 305: the switch to the company failed, which comes before execution; -1102 is the number in its text. 299: two sign-ins
 * at a time.
 */
const NOT_BEGUN: ReadonlySet<string> = new Set(['305', '299', '-1102']);

/**
 * The error for an answer that is no success. `read`: nothing can have been changed. `write`: only what is known to come
 * before execution, or from SAP's own refusal of the transaction, counts as not done.
 */
export function failureOf(answer: HttpAnswer, kind: 'read' | 'write', now: Date): Error {
  const { status } = answer;
  const refusal = readRefusal(answer.body);
  if (status === 401 || refusal?.code === '301') return new SessionLostError('the session is no longer good');
  if (refusal && NOT_BEGUN.has(refusal.code)) {
    return new NotBegunError('SAP is switching between companies. It will be tried again shortly.');
  }
  if (status === 429) {
    const wait = readRetryAfter(answer.header('retry-after'), now) ?? 30_000;
    return new RateLimitedError('SAP asks to be left alone for a moment.', after(now, wait));
  }
  if (refusal && status >= 400 && status < 500) return rejected(refusal, requestIdOf(answer));
  const cause = new Error(
    `HTTP ${status}, code ${refusal?.code ?? 'none'}, request ${requestIdOf(answer) ?? 'unnamed'}`,
  );
  if (kind === 'write')
    return new OutcomeUnknownError(`SAP did not say what became of it (HTTP ${status}).`, { cause });
  if (status >= 500) {
    const wait = readRetryAfter(answer.header('retry-after'), now);
    return new TemporaryError(`SAP does not answer properly at the moment (HTTP ${status}).`, wait, { cause });
  }
  return new UnavailableError(`Something between us and SAP answered in its place (HTTP ${status}).`, { cause });
}

const HTML = /^\s*<(?!\?xml)/;
const ERROR_OBJECT = /^\s*\{\s*"(odata\.)?error"\s*:/;

/**
 * What is wrong with an answer that calls itself a success, if something is: an error object, or a page of a proxy. SAP
 * answers so nowhere in its documents; a write that met it may have been carried out.
 */
export function falseSuccess(answer: HttpAnswer, kind: 'read' | 'write'): Error | undefined {
  const refusal = ERROR_OBJECT.test(answer.body) ? readRefusal(answer.body) : undefined;
  if (!refusal && !HTML.test(answer.body)) return undefined;
  if (kind === 'write') {
    return new OutcomeUnknownError('SAP’s answer contradicts itself. It is looked up before anything else.');
  }
  if (!refusal) return new TemporaryError('Something between us and SAP answered in its place.');
  if (refusal.code === '301') return new SessionLostError('the session is no longer good');
  return rejected(refusal, requestIdOf(answer));
}

/** Whatever header names the request: the server's, that of something before it, or ours. */
function requestIdOf(answer: HttpAnswer): string | undefined {
  const named = ['request-id', 'x-correlation-id', 'x-request-id'].map((name) => answer.header(name));
  return named.find((value) => value !== undefined && /^[\x21-\x7e]{1,100}$/.test(value));
}

export function rejected(refusal: Refusal, requestId?: string): RejectedError {
  const { code, words } = refusal;
  const known = findEntry(refusal);
  return new RejectedError({
    system: 'sap',
    code,
    words,
    message: sentenceFor(refusal, known),
    ...(known ? { who: known.who, repeat: known.repeat } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

function sentenceFor({ code, words }: Refusal, known: CatalogueEntry | undefined): string {
  if (known && !known.wordsSayMore) return words === '' ? known.sentence : `${known.sentence} SAP says: ${words}`;
  return words === '' ? `SAP refused it without giving a reason (code ${code}).` : `SAP refused it: ${words}`;
}

/** -5002 is the catch-all of SAP's business layer. Only where its text names the session may it be about the session. */
export function namesTheSession({ code, words }: { code: string; words: string }): boolean {
  return code === '-5002' && /\bsession\b/i.test(words);
}

function shorten(words: string): string {
  const oneLine = words.replace(/\s+/g, ' ').trim();
  return oneLine.length > LONGEST_WORDS ? `${oneLine.slice(0, LONGEST_WORDS - 1)}…` : oneLine;
}

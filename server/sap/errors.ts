import { z } from 'zod';
import { after } from '../kernel/clock.ts';
import { OutcomeUnknownError, RateLimitedError, RejectedError, UnavailableError } from '../kernel/errors.ts';
import { readRetryAfter } from '../net/retry.ts';
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

const LONGEST_WORDS = 300;
const Code = z.union([z.string(), z.number()]).transform(String);
const RefusalBody = z.object({
  error: z.object({
    code: Code,
    message: z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]).catch(''),
  }),
});

/** Undefined for HTML of a proxy, an empty body, or JSON of another make. */
export function readRefusal(body: string): Refusal | undefined {
  const parsed = RefusalBody.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const { code, message } = parsed.data.error;
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

const SWITCH_COMPANY = '305';
const PARALLEL_SIGN_IN = '299';

/**
 * The error for an answer that is no success. `read`: nothing can have been changed. `write`: only what is known to come
 * before execution, or from SAP's own refusal of the transaction, counts as not done.
 */
export function failureOf(answer: HttpAnswer, kind: 'read' | 'write', now: Date): Error {
  const { status } = answer;
  const refusal = readRefusal(answer.body);
  if (status === 401 || refusal?.code === '301') return new SessionLostError('the session is no longer good');
  if (refusal?.code === SWITCH_COMPANY || refusal?.code === PARALLEL_SIGN_IN) {
    return new TemporaryError('SAP is switching between companies. It will be tried again shortly.');
  }
  if (status === 429) {
    const wait = readRetryAfter(answer.header('retry-after'), now) ?? 30_000;
    return new RateLimitedError('SAP asks to be left alone for a moment.', after(now, wait));
  }
  if (refusal && status >= 400 && status < 500) return rejected(refusal);
  if (kind === 'write') return new OutcomeUnknownError(`SAP did not say what became of it (HTTP ${status}).`);
  if (status >= 500) {
    const wait = readRetryAfter(answer.header('retry-after'), now);
    return new TemporaryError(`SAP does not answer properly at the moment (HTTP ${status}).`, wait);
  }
  return new UnavailableError(`Something between us and SAP answered in its place (HTTP ${status}).`);
}

/** Application codes inside SAP's texts that people meet often, in words of ours. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/\b10001071\b/, 'The customer is deactivated in SAP.'],
  [/\b10001069\b.*negative/i, 'SAP has not enough stock for a line.'],
  [/\b10001069\b/, 'An item is deactivated in SAP.'],
  [/\b10000180\b/, 'A tax code is missing or no longer valid in SAP.'],
  [/\b10001090\b/, 'No posting period is open in SAP for this date.'],
  [/\b10001058\b/, 'A discount must be less than 100 percent.'],
  [/exchange rate/i, "SAP has no exchange rate for this currency and day. Enter today's rate in SAP."],
];

export function rejected({ code, words }: Refusal): RejectedError {
  const known = KNOWN.find(([pattern]) => pattern.test(words))?.[1];
  const own = words === '' ? `SAP refused it without giving a reason (code ${code}).` : `SAP refused it: ${words}`;
  return new RejectedError({ system: 'sap', code, words, message: known ? `${known} SAP says: ${words}` : own });
}

/** -5002 is the catch-all of SAP's business layer. Only where its text names the session may it be about the session. */
export function namesTheSession({ code, words }: { code: string; words: string }): boolean {
  return code === '-5002' && /\bsession\b/i.test(words);
}

function shorten(words: string): string {
  const oneLine = words.replace(/\s+/g, ' ').trim();
  return oneLine.length > LONGEST_WORDS ? `${oneLine.slice(0, LONGEST_WORDS - 1)}…` : oneLine;
}

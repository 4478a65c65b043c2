import { z } from 'zod';
import type { Secret } from '../app/ports/secrets.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { type Cookies, readCookie } from './cookies.ts';
import type { Dialect } from './dialect.ts';
import { failureOf, parseJson, type Refusal, readRefusal, TemporaryError } from './errors.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';

export interface Credentials {
  readonly companyDb: string;
  readonly userName: string;
  readonly password: Pick<Secret, 'reveal'>;
}

export interface SignedIn {
  readonly dialect: Dialect;
  readonly cookies: Cookies;
  /** Idle time-out, from the answer. */
  readonly timeoutMs: number;
  /** SAP's own version text, e.g. `1000330`; for diagnosis, never to gate a feature. */
  readonly version: string;
}

export type SignInFault = 'password' | 'company' | 'licence' | 'unclear';

/** SAP understood the sign-in and refused it. */
export class SignInRefusedError extends Error {
  readonly fault: SignInFault;
  readonly refusal: Refusal;
  constructor(fault: SignInFault, refusal: Refusal) {
    super(`sign-in refused with code ${refusal.code}`);
    this.fault = fault;
    this.refusal = refusal;
  }
}

/** SAP let us in, and something in between kept the session. */
export class NoSessionCookieError extends UnavailableError {}

/** No Service Layer of this dialect behind the address. */
export class NoServiceLayerError extends Error {}

const SIGN_IN_LIMIT_MS = 30_000;
/** 3 is English: the language of error texts, so that they can be told apart. */
const ENGLISH = '3';
const DEFAULT_TIMEOUT_MINUTES = 30;

const LoginAnswer = z.object({
  SessionTimeout: z.number().positive().max(10_080).catch(DEFAULT_TIMEOUT_MINUTES),
  Version: z.union([z.string(), z.number()]).transform(String).catch('unknown'),
});

/**
 * Signs in once, in the first dialect the server has.
 * @throws {SignInRefusedError} @throws {NoServiceLayerError} @throws {TemporaryError} @throws {NoAnswerError}
 */
export async function signIn(
  exchange: (request: HttpRequest) => Promise<HttpAnswer>,
  dialects: readonly Dialect[],
  credentials: Credentials,
  signal: AbortSignal,
  now: Date,
): Promise<SignedIn> {
  for (const dialect of dialects) {
    const answer = await exchange(loginRequest(dialect, credentials, signal));
    if (answer.status >= 200 && answer.status < 300 && !readRefusal(answer.body)) return readSignedIn(dialect, answer);
    if (!isMissing(answer)) throw refusalOf(answer, now);
  }
  throw new NoServiceLayerError('no Service Layer answers at this address');
}

function loginRequest(dialect: Dialect, credentials: Credentials, signal: AbortSignal): HttpRequest {
  return {
    method: 'POST',
    path: `${dialect.path}/Login`,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({
      CompanyDB: credentials.companyDb,
      UserName: credentials.userName,
      Password: credentials.password.reveal(),
      Language: ENGLISH,
    }),
    limitMs: SIGN_IN_LIMIT_MS,
    signal,
  };
}

function readSignedIn(dialect: Dialect, answer: HttpAnswer): SignedIn {
  const body = LoginAnswer.safeParse(parseJson(answer.body));
  if (!body.success) throw new NoServiceLayerError('the sign-in was answered by something else');
  const { SessionTimeout, Version } = body.data;
  const session = readCookie(answer.setCookies, 'B1SESSION');
  if (session === undefined) {
    throw new NoSessionCookieError(
      'SAP accepted the sign-in, but its session cookie (B1SESSION) does not arrive. A proxy in between may take it away.',
    );
  }
  return {
    dialect,
    cookies: { session, route: readCookie(answer.setCookies, 'ROUTEID') },
    timeoutMs: SessionTimeout * 60_000,
    version: Version,
  };
}

/** 404 or 405 without a code of SAP's: the path is not served. */
function isMissing(answer: HttpAnswer): boolean {
  return (answer.status === 404 || answer.status === 405) && readRefusal(answer.body) === undefined;
}

/** Codes from the reference of Service Layer and DI API; live systems give -304 and -306 with one and the same text. */
const FAULTS: Readonly<Record<string, SignInFault>> = {
  '-304': 'password',
  '-107': 'password',
  '-8023': 'password',
  '100000027': 'unclear',
  '-306': 'company',
  '-5027': 'company',
  '100000085': 'licence',
  '-104': 'licence',
  '-118': 'licence',
  '-8007': 'licence',
  '-8009': 'licence',
  '-8010': 'licence',
};

function refusalOf(answer: HttpAnswer, now: Date): Error {
  const refusal = readRefusal(answer.body);
  const fault = refusal && (FAULTS[refusal.code] ?? faultFromWords(refusal.words));
  if (refusal && fault) return new SignInRefusedError(fault, refusal);
  if (answer.status === 401) {
    return new SignInRefusedError('unclear', refusal ?? { code: '401', words: '' });
  }
  const failure = failureOf(answer, 'read', now);
  // Any other refusal of a sign-in is not about the person's password: it may pass, and is not counted.
  return failure instanceof UnavailableError
    ? failure
    : new TemporaryError('SAP could not sign in just now.', undefined, { cause: failure });
}

function faultFromWords(words: string): SignInFault | undefined {
  return /licen[cs]e/i.test(words) ? 'licence' : undefined;
}

import { Agent, request } from 'undici';
import { z } from 'zod';
import type { StoredErpAccess } from '../../../server/app/ports/erp-access.ts';
import { parseAddress } from '../../../server/sap/address.ts';
import { createConnector, resolveByDns } from '../../../server/sap/connector.ts';
import type { SapNetwork } from '../../../server/sap/special-ranges.ts';
import { parsedJson, tryAgain } from '../try-again.ts';

export interface RawAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly setCookies: readonly string[];
  readonly text: string;
  /** Undefined where the body is none. */
  readonly json: unknown;
}

export interface RawOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Another Cookie header than that of the session. */
  readonly cookie?: string;
}

/** Requests as anybody could send them, to see what our client never shows: status, headers, shapes. */
export interface RawClient {
  readonly version: 'v1' | 'v2';
  /** As the sign-in was answered. */
  readonly signedIn: RawAnswer;
  readonly cookie: string;
  /** One request below the service root, once. */
  once(method: string, target: string, options?: RawOptions): Promise<RawAnswer>;
  /** A read; a lost session or a server that is busy for a moment is asked again. */
  read(target: string, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  /** Below the host itself. */
  outside(path: string): Promise<RawAnswer>;
  signIn(): Promise<{ readonly answer: RawAnswer; readonly cookie: string }>;
  signOut(): Promise<void>;
}

const LIMIT_MS = 60_000;
const BUSY = [500, 502, 503, 504];

/** @throws Error where nobody can be signed in; it names the status and SAP's code, never the password */
export async function openRawClient(access: StoredErpAccess, network: SapNetwork): Promise<RawClient> {
  const address = parseAddress(access.address, { network });
  const connect = createConnector({
    network,
    resolve: resolveByDns,
    trust: access.trust,
    clientCertificate: access.proxy?.clientCertificate ?? null,
    authorities: undefined,
  });
  const dispatcher = new Agent({ connect, allowH2: false, connections: 2, pipelining: 1 });
  const proxy = access.proxy?.header;

  async function send(method: string, path: string, { headers = {}, body, cookie }: RawOptions): Promise<RawAnswer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await request(`${address.origin}${address.prefix}${path}`, {
      dispatcher,
      method: readMethod(method),
      headers: {
        'user-agent': 'contract-suite',
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie === undefined ? {} : { cookie }),
        ...(proxy ? { [proxy.name]: proxy.value.reveal() } : {}),
        ...headers,
      },
      body: text ?? null,
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return readAnswer(answer.statusCode, answer.headers, await answer.body.text());
  }

  async function signInAt(version: 'v1' | 'v2'): Promise<RawAnswer> {
    const body = {
      CompanyDB: access.companyDb,
      UserName: access.userName,
      Password: access.password.reveal(),
      Language: 3,
    };
    return tryAgain(() => send('POST', `/b1s/${version}/Login`, { body }), { forAMoment: BUSY });
  }

  let version: 'v1' | 'v2' = address.path === '/b1s/v1' ? 'v1' : 'v2';
  let signedIn = await signInAt(version);
  if (version === 'v2' && (signedIn.status === 404 || signedIn.status === 405)) {
    version = 'v1';
    signedIn = await signInAt(version);
  }
  if (signedIn.status !== 200)
    throw new Error(`The sign-in was answered with ${signedIn.status} ${errorOf(signedIn)?.code ?? ''}.`.trim());
  let cookie = cookieOf(signedIn);

  async function renew(status: number | undefined): Promise<void> {
    if (status !== 401) return;
    const answer = await signInAt(version);
    if (answer.status === 200) cookie = cookieOf(answer);
  }

  const once: RawClient['once'] = (method, target, options = {}) =>
    send(method, `/b1s/${version}/${target}`, { cookie, ...options });

  return {
    version,
    signedIn,
    get cookie() {
      return cookie;
    },
    once,
    read: (target, headers = {}) =>
      tryAgain(() => once('GET', target, { headers }), { forAMoment: [401, ...BUSY], between: renew }),
    outside: (path) => send('GET', path, {}),
    async signIn() {
      const answer = await signInAt(version);
      return { answer, cookie: cookieOf(answer) };
    },
    async signOut() {
      await once('POST', 'Logout').catch(() => undefined);
      await dispatcher.destroy();
    },
  };
}

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

function readMethod(method: string): (typeof METHODS)[number] {
  const found = METHODS.find((known) => known === method);
  if (found === undefined) throw new RangeError(`No check sends ${method}.`);
  return found;
}

function readAnswer(status: number, headers: Readonly<Record<string, string | string[] | undefined>>, text: string) {
  const cookies = headers['set-cookie'];
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return {
    status,
    header,
    setCookies: cookies === undefined ? [] : Array.isArray(cookies) ? cookies : [cookies],
    text,
    json: parsedJson(text),
  };
}

const cookieOf = (answer: RawAnswer): string =>
  answer.setCookies.map((line) => line.split(';')[0]?.trim() ?? '').join('; ');

const ErrorBody = z.object({
  error: z.object({
    code: z.union([z.string(), z.number()]),
    message: z.union([z.string(), z.object({ value: z.string() })]),
  }),
});

/** Code as text and words, in whichever of the two shapes; undefined where the body is no error. */
export function errorOf(answer: RawAnswer): { code: string; codeIs: 'text' | 'number'; words: string } | undefined {
  const read = ErrorBody.safeParse(answer.json);
  if (!read.success) return undefined;
  const { code, message } = read.data.error;
  return {
    code: String(code),
    codeIs: typeof code === 'string' ? 'text' : 'number',
    words: typeof message === 'string' ? message : message.value,
  };
}

const List = z.looseObject({ value: z.array(z.record(z.string(), z.unknown())) });

/** Rows of a list; undefined where the answer is none. */
export function rowsOf(answer: RawAnswer): readonly Record<string, unknown>[] | undefined {
  const read = List.safeParse(answer.json);
  return answer.status === 200 && read.success ? read.data.value : undefined;
}

/** A property of the body's own, e.g. an annotation. */
export function annotationOf(answer: RawAnswer, name: string): unknown {
  const read = z.record(z.string(), z.unknown()).safeParse(answer.json);
  return read.success ? read.data[name] : undefined;
}

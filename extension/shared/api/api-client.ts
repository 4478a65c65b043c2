import type { AccessTokens } from './access-tokens.ts';
import { ApiError } from './api-error.ts';
import { isErrorBody } from './common-answers.ts';
import type { Guard } from './guard.ts';
import type { ServerTime } from './server-time.ts';

const READ_MS = 15_000;
const WRITE_MS = 45_000;
const DOWNLOAD_MS = 300_000;

export interface ApiClient {
  /** @throws ApiError, HostError */
  get<T>(path: string, answer: Guard<T>, signal?: AbortSignal): Promise<T>;
  /** @throws ApiError, HostError */
  post<T>(path: string, body: unknown, answer: Guard<T>): Promise<T>;
  /** @throws ApiError, HostError */
  delete<T>(path: string, answer: Guard<T>): Promise<T>;
  /** A whole file. One that broke off on its way is an error. @throws ApiError, HostError */
  download(path: string): Promise<DownloadedFile>;
}

export interface DownloadedFile {
  readonly name: string;
  readonly content: Blob;
}

interface Parts {
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
  readonly tokens: AccessTokens;
  readonly serverTime: ServerTime;
}

/** Speaks to our own server: a signed token with each call, and after a 401 one repeat with a fresh one. */
export function createApiClient({ fetch, tokens, serverTime }: Parts): ApiClient {
  async function attempt(path: string, init: RequestInit, token: string): Promise<Response> {
    const headers = { ...init.headers, accept: 'application/json', authorization: `Bearer ${token}` };
    try {
      const response = await fetch(path, { ...init, headers, credentials: 'omit', cache: 'no-store' });
      serverTime.observe(response.headers.get('date'));
      return response;
    } catch (error) {
      throw unsent(error);
    }
  }

  async function send(path: string, init: RequestInit): Promise<Response> {
    const token = await tokens.current();
    const response = await attempt(path, init, token);
    return response.status === 401 ? attempt(path, init, await tokens.replace(token)) : response;
  }

  async function exchange<T>(path: string, init: RequestInit, answer: Guard<T>): Promise<T> {
    return readAnswer(await send(path, init), answer);
  }

  return {
    get: (path, answer, signal) => exchange(path, { method: 'GET', signal: within(READ_MS, signal) }, answer),
    post: (path, body, answer) => exchange(path, write('POST', body), answer),
    delete: (path, answer) => exchange(path, write('DELETE'), answer),
    download: async (path) => readFile(await send(path, { method: 'GET', signal: within(DOWNLOAD_MS) })),
  };
}

function write(method: 'POST' | 'DELETE', body?: unknown): RequestInit {
  const init = { method, signal: within(WRITE_MS) };
  if (body === undefined) return init;
  return { ...init, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function within(ms: number, signal?: AbortSignal): AbortSignal {
  const deadline = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, deadline]) : deadline;
}

function unsent(error: unknown): unknown {
  if (error instanceof DOMException && error.name === 'AbortError') return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new ApiError({ kind: 'timeout', message: 'No answer came in time.' }, { cause: error });
  }
  return new ApiError({ kind: 'offline', message: 'There is no connection.' }, { cause: error });
}

async function readAnswer<T>(response: Response, answer: Guard<T>): Promise<T> {
  const body = await readJson(response);
  if (response.ok) {
    if (answer(body)) return body;
    throw unreadable(response);
  }
  throw isErrorBody(body) ? ApiError.from(body, response.status) : unreadable(response);
}

async function readFile(response: Response): Promise<DownloadedFile> {
  if (!response.ok) throw await refusalIn(response);
  const name = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'orderline.json';
  try {
    return { name, content: await response.blob() };
  } catch (error) {
    throw unsent(error);
  }
}

async function refusalIn(response: Response): Promise<ApiError> {
  const body = await readJson(response);
  return isErrorBody(body) ? ApiError.from(body, response.status) : unreadable(response);
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw unsent(error);
  }
}

function unreadable(response: Response): ApiError {
  const requestId = response.headers.get('x-request-id');
  return new ApiError({
    kind: 'unreadable',
    message: 'The answer could not be read.',
    status: response.status,
    ...(requestId ? { requestId } : {}),
  });
}

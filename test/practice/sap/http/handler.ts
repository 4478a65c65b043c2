import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PracticeClock } from '../../kernel/clock.ts';
import { isFields, parseJson, textOf } from '../../kernel/json.ts';
import type { RequestLog } from '../../kernel/request-log.ts';
import type { Company } from '../company/model.ts';
import type { Dialect } from '../dialects.ts';
import { contextOf, errorBody, V1, V2 } from '../dialects.ts';
import { invalidSession, SapError } from '../errors.ts';
import type { SapFaults, StruckFault } from '../faults.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { json, noContent } from '../messages.ts';
import { serve } from '../service.ts';
import type { SapSession, Sessions } from '../sessions.ts';
import type { Incoming } from './exchange.ts';
import { cookieValue, decoded, htmlPage, LONGEST_URL, readIncoming, sendAnswer } from './exchange.ts';
import type { LateCommits } from './late-commits.ts';

export interface HandlerParts {
  readonly clock: PracticeClock;
  readonly log: RequestLog;
  readonly faults: SapFaults;
  readonly sessions: Sessions;
  readonly late: LateCommits;
  readonly versions: readonly ('v1' | 'v2')[];
  readonly timeoutMinutes: number;
  readonly version: string;
  readonly company: (name: string) => Company | undefined;
}

interface Answer extends SlResponse {
  readonly cookies?: readonly string[];
}

/** What is left of a request's life once it is known what will be said: `undefined` where the line is cut. */
type Outcome = Answer | undefined;

const PROXY_ERROR = 'The proxy server received an invalid response from an upstream server.';

export function createHandler(parts: HandlerParts) {
  return async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const incoming = await readIncoming(req);
    parts.late.runDue();
    const outcome = await answerTo(parts, incoming, res);
    record(parts, incoming, outcome);
    if (outcome === undefined) res.destroy();
    else if (!res.destroyed) sendAnswer(res, outcome, outcome.cookies);
  };
}

async function answerTo(parts: HandlerParts, incoming: Incoming, res: ServerResponse): Promise<Outcome> {
  if (incoming.url.length > LONGEST_URL)
    return htmlPage(
      414,
      'Request-URI Too Long',
      "The requested URL's length exceeds the capacity limit for this server.",
    );
  if (incoming.url.startsWith('/ping')) return pong(parts, incoming.url);
  const target = targetOf(parts, incoming);
  if (target === undefined) return htmlPage(404, 'Not Found', 'The requested URL was not found on this server.');
  const path = decoded(incoming.url.slice(target.dialect.root.length + 1));
  const session = cookieValue(incoming.headers['cookie'], 'B1SESSION');
  const struck = parts.faults.strike({ method: incoming.method, path, company: companyOf(parts, target, session) });
  if (struck === undefined) return carryOut(parts, target, session);
  return misbehave(parts, target, session, struck, res);
}

interface Target {
  readonly dialect: Dialect;
  readonly origin: string;
  readonly request: SlRequest;
}

function targetOf(parts: HandlerParts, incoming: Incoming): Target | undefined {
  const [rawPath = '', query = ''] = splitOnce(incoming.url, '?');
  const dialect = [V1, V2].find(
    ({ root, version }) => parts.versions.includes(version) && (rawPath === root || rawPath.startsWith(`${root}/`)),
  );
  if (dialect === undefined) return undefined;
  const path = decoded(rawPath.slice(dialect.root.length + 1));
  const origin = `https://${incoming.headers['host'] ?? 'localhost'}`;
  return {
    dialect,
    origin,
    request: { method: incoming.method, path, query, headers: incoming.headers, body: incoming.body },
  };
}

function splitOnce(text: string, mark: string): [string, string] {
  const cut = text.indexOf(mark);
  return cut < 0 ? [text, ''] : [text.slice(0, cut), text.slice(cut + 1)];
}

/** The company that a request is about, without touching the session's idle time. */
function companyOf(parts: HandlerParts, { request }: Target, session: string | undefined): string | undefined {
  if (request.path !== 'Login') return session === undefined ? undefined : parts.sessions.peek(session)?.company;
  const body = parseJson(request.body);
  return isFields(body) ? textOf(body, 'CompanyDB') : undefined;
}

function carryOut(parts: HandlerParts, target: Target, session: string | undefined): Answer {
  const { request, dialect, origin } = target;
  try {
    if (request.path === 'Login' && request.method === 'POST') return login(parts, target);
    const live = liveSession(parts, session);
    if (request.path === 'Logout' && request.method === 'POST') {
      parts.sessions.logout(live.id);
      return noContent();
    }
    const company = parts.company(live.company);
    if (company === undefined) throw invalidSession();
    return serve({ company, dialect, origin }, request);
  } catch (error) {
    if (error instanceof SapError) return refusal(target, error);
    throw error;
  }
}

function liveSession(parts: HandlerParts, id: string | undefined): SapSession {
  const session = id === undefined ? undefined : parts.sessions.use(id);
  if (session === undefined) throw invalidSession();
  return session;
}

function refusal({ dialect }: Target, error: SapError): SlResponse {
  return {
    status: error.status,
    headers: { 'Content-Type': 'application/json;charset=utf-8' },
    body: JSON.stringify(errorBody(dialect, error)),
  };
}

/** The cookie has no path and ends in a semicolon: strict cookie jars lose it. */
function login(parts: HandlerParts, { request, dialect, origin }: Target): Answer {
  const sent = parseJson(request.body);
  const session = parts.sessions.login(isFields(sent) ? sent : {});
  const company = parts.company(session.company);
  if (company === undefined) throw invalidSession();
  const scene: Scene = { company, dialect, origin };
  const body = {
    ...contextOf(dialect, origin, 'B1Sessions', true),
    SessionId: session.id,
    Version: parts.version,
    SessionTimeout: parts.timeoutMinutes,
  };
  return { ...json(scene, 200, body), cookies: [`B1SESSION=${session.id};HttpOnly;`, 'ROUTEID=.node1; path=/b1s'] };
}

async function misbehave(
  parts: HandlerParts,
  target: Target,
  session: string | undefined,
  struck: StruckFault,
  res: ServerResponse,
): Promise<Outcome> {
  const { fault } = struck;
  switch (fault.kind) {
    case 'drop_before':
      return undefined;
    case 'html_502_before':
      return htmlPage(502, 'Proxy Error', PROXY_ERROR);
    case 'reject':
      return refusal(target, new SapError(fault.status ?? 400, fault.code ?? -10, fault.message ?? 'Refused'));
    case 'switch_company_305':
      return refusal(target, new SapError(500, 305, 'Switch company error: -1102'));
    case 'session_lost':
      if (session !== undefined) parts.sessions.logout(session);
      return refusal(target, invalidSession());
    case 'late_commit':
      parts.late.add(parts.clock.now() + (fault.delayMs ?? 60_000), () => void carryOut(parts, target, session));
      return undefined;
    case 'hang':
      await closed(res);
      return undefined;
    case 'drop_after_commit':
      carryOut(parts, target, session);
      return undefined;
    case 'html_502_after_commit':
      carryOut(parts, target, session);
      return htmlPage(502, 'Proxy Error', PROXY_ERROR);
    case 'empty_500_after_commit':
      carryOut(parts, target, session);
      return { status: 500, headers: {}, body: '' };
    case 'slow': {
      const answer = carryOut(parts, target, session);
      await Promise.race([struck.released, closed(res)]);
      return answer;
    }
  }
}

function closed(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (res.destroyed) resolve();
    else res.once('close', resolve);
  });
}

/** No sign-in needed; the time is epoch seconds with a fraction, as text. */
function pong(parts: HandlerParts, url: string): SlResponse {
  const headers = { 'Content-Type': 'application/json' };
  const timestamp = (parts.clock.now() / 1000).toFixed(3);
  const path = url.replace(/\/$/, '');
  if (path === '/ping' || path === '/ping/load-balancer')
    return { status: 200, headers, body: JSON.stringify({ message: 'pong', sender: 'load balancer', timestamp }) };
  if (path === '/ping/node' || path === '/ping/node/1')
    return { status: 200, headers, body: JSON.stringify({ message: 'pong', sender: 'node 1', timestamp }) };
  return htmlPage(503, 'Service Unavailable', 'The server is temporarily unable to service your request.');
}

function record(parts: HandlerParts, incoming: Incoming, outcome: Outcome): void {
  const client = incoming.headers['user-agent'];
  parts.log.add({
    at: parts.clock.now(),
    side: 'sap',
    method: incoming.method,
    path: decoded(incoming.url),
    headers: { ...incoming.headers },
    body: incoming.body.replace(/("Password"\s*:\s*)"(?:[^"\\]|\\.)*"/g, '$1"[masked]"'),
    status: outcome?.status ?? 0,
    responseBody: outcome?.body ?? '',
    ...(client === undefined ? {} : { client }),
  });
}

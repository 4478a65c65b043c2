import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PracticeClock } from '../../kernel/clock.ts';
import { isFields, parseJson, textOf } from '../../kernel/json.ts';
import type { RequestLog } from '../../kernel/request-log.ts';
import type { Company } from '../company/model.ts';
import type { Dialect } from '../dialects.ts';
import { contextOf, errorBody, V1, V2 } from '../dialects.ts';
import { invalidSession, SapError } from '../errors.ts';
import type { SapFaults } from '../faults.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { json, noContent } from '../messages.ts';
import { serve } from '../service.ts';
import type { SapSession, Sessions } from '../sessions.ts';
import type { Incoming } from './exchange.ts';
import { cookieValue, decoded, htmlPage, LONGEST_URL, readIncoming, sendAnswer } from './exchange.ts';
import type { LateCommits } from './late-commits.ts';
import type { Answer, Outcome } from './misbehave.ts';
import { misbehave } from './misbehave.ts';
import { sendOddBody } from './odd-bodies.ts';
import type { ServerSettings } from './server-settings.ts';

export interface HandlerParts {
  readonly clock: PracticeClock;
  readonly log: RequestLog;
  readonly faults: SapFaults;
  readonly sessions: Sessions;
  readonly late: LateCommits;
  readonly server: ServerSettings;
  readonly timeoutMinutes: number;
  readonly parallelSignIns: 'allowed' | 'refused';
  readonly version: string;
  readonly company: (name: string) => Company | undefined;
  /** What SAP asks of others before it can answer: a subscriber's handshake. */
  readonly beforeCall: (company: Company, request: SlRequest) => Promise<void>;
}

export function createHandler(parts: HandlerParts) {
  let signIns = 0;
  return async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const incoming = await readIncoming(req);
    parts.late.runDue();
    const signsIn = /\/Login(\?|$)/.test(incoming.url);
    if (signsIn) signIns += 1;
    const outcome: Outcome =
      signsIn && signIns > 1 && parts.parallelSignIns === 'refused'
        ? refusal(V2, new SapError(500, 299, 'Login failed: another login of this user is in progress'))
        : await answerTo(parts, incoming, res);
    if (signsIn) signIns -= 1;
    record(parts, incoming, outcome);
    if (outcome === undefined) res.destroy();
    else if (outcome.odd !== undefined) sendOddBody(res, outcome, outcome.odd);
    else if (!res.destroyed) sendAnswer(res, outcome, outcome.cookies, parts.server.compresses && takesGzip(incoming));
  };
}

function takesGzip({ headers }: Incoming): boolean {
  return /(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(headers['accept-encoding'] ?? '');
}

async function answerTo(parts: HandlerParts, incoming: Incoming, res: ServerResponse): Promise<Outcome> {
  if (incoming.url.length > LONGEST_URL)
    return htmlPage(
      414,
      'Request-URI Too Long',
      "The requested URL's length exceeds the capacity limit for this server.",
    );
  if (/^\/ping(?:[/?]|$)/.test(incoming.url) && !parts.server.hidesPing) return pong(parts, incoming.url);
  const target = targetOf(parts, incoming);
  if (target === undefined) return htmlPage(404, 'Not Found', 'The requested URL was not found on this server.');
  const path = decoded(incoming.url.slice(target.dialect.root.length + 1));
  const session = cookieValue(incoming.headers['cookie'], 'B1SESSION');
  const company = parts.company(companyOf(parts, target, session) ?? '');
  if (company !== undefined) await parts.beforeCall(company, target.request);
  const struck = parts.faults.strike({ method: incoming.method, path, company: companyOf(parts, target, session) });
  if (struck === undefined) return carryOut(parts, target, session);
  const run = () => carryOut(parts, target, session);
  return misbehave(struck, {
    carryOut: run,
    carryOutLater: (delayMs) => parts.late.add(parts.clock.now() + delayMs, () => void run()),
    refuse: (error) => refusal(target.dialect, error),
    endSession: () => parts.sessions.logout(session ?? ''),
    res,
  });
}

interface Target {
  readonly dialect: Dialect;
  readonly origin: string;
  readonly request: SlRequest;
}

function targetOf(parts: HandlerParts, incoming: Incoming): Target | undefined {
  const [rawPath = '', query = ''] = splitOnce(incoming.url, '?');
  const dialect = [V1, V2].find(
    ({ root, version }) =>
      parts.server.versions.includes(version) && (rawPath === root || rawPath.startsWith(`${root}/`)),
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
    if (error instanceof SapError) return refusal(dialect, error);
    throw error;
  }
}

function liveSession(parts: HandlerParts, id: string | undefined): SapSession {
  const session = id === undefined ? undefined : parts.sessions.use(id);
  if (session === undefined) throw invalidSession();
  return session;
}

function refusal(dialect: Dialect, error: SapError): SlResponse {
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

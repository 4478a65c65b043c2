import { randomUUID } from 'node:crypto';
import { malformed } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import type { Part } from './multipart.ts';
import { boundaryOf, parseParts } from './multipart.ts';

type Serve = (scene: Scene, request: SlRequest) => SlResponse;

/** Leaves a change set so that everything in it is undone. */
class ChangeSetFailed extends Error {
  readonly response: string;

  constructor(response: string) {
    super('A request of the change set was refused.');
    this.response = response;
  }
}

/**
 * `$batch`: parts one after the other, stopping at the first that fails; a change set is all or nothing and answers with
 * one single response when it fails. If-Match inside parts is ignored.
 * @throws SapError -1000 for a malformed body.
 */
export function runBatch(scene: Scene, request: SlRequest, serve: Serve): SlResponse {
  const boundary = boundaryOf(request.headers['content-type'] ?? '');
  if (boundary === undefined) throw malformed('Invalid batch request: no boundary');
  const parts = parseParts(request.body, boundary);
  if (parts === undefined || parts.length === 0) throw malformed('Invalid batch request: incomplete body');
  const answers: string[] = [];
  for (const part of parts) {
    const answer = onePart(scene, request, part, serve);
    answers.push(answer.text);
    if (answer.failed) break;
  }
  const outer = `batchresponse_${randomUUID()}`;
  return {
    status: scene.dialect.batchStatus,
    headers: { 'Content-Type': `multipart/mixed;boundary=${outer}` },
    body: `${answers.map((text) => `--${outer}\r\n${text}`).join('')}--${outer}--\r\n`,
  };
}

function onePart(scene: Scene, outer: SlRequest, part: Part, serve: Serve): { text: string; failed: boolean } {
  const inner = boundaryOf(part.headers['content-type'] ?? '');
  if (inner !== undefined) return changeSet(scene, outer, part, inner, serve);
  const request = readHttp(scene, outer, part);
  if (request.method !== 'GET') throw malformed('Invalid batch request: writing outside of a change set');
  const response = serve(scene, request);
  return { text: written(response, part.headers['content-id']), failed: response.status >= 400 };
}

function changeSet(
  scene: Scene,
  outer: SlRequest,
  part: Part,
  boundary: string,
  serve: Serve,
): { text: string; failed: boolean } {
  const parts = parseParts(part.body, boundary);
  if (parts === undefined || parts.length === 0) throw malformed('Invalid batch request: incomplete change set');
  const answerBoundary = `changesetresponse_${randomUUID()}`;
  try {
    const answers = scene.company.atomically(() => writeAll(scene, outer, parts, serve));
    const body = `${answers.map((text) => `--${answerBoundary}\r\n${text}`).join('')}--${answerBoundary}--\r\n`;
    return {
      text: `Content-Type: multipart/mixed;boundary=${answerBoundary}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      failed: false,
    };
  } catch (error) {
    if (error instanceof ChangeSetFailed) return { text: error.response, failed: true };
    throw error;
  }
}

function writeAll(scene: Scene, outer: SlRequest, parts: readonly Part[], serve: Serve): string[] {
  const made = new Map<string, string>();
  return parts.map((part) => {
    const id = part.headers['content-id'];
    if (id === undefined && scene.dialect.version === 'v2')
      throw malformed('Invalid batch request: Content-ID is missing');
    const request = readHttp(scene, outer, part, made);
    if (request.method === 'GET') throw malformed('Invalid batch request: reading inside of a change set');
    const response = serve(scene, request);
    const text = written(response, id);
    if (response.status >= 400) throw new ChangeSetFailed(text);
    const location = response.headers['Location'];
    if (id !== undefined && location !== undefined)
      made.set(id, location.slice(location.indexOf(`${scene.dialect.root}/`) + scene.dialect.root.length + 1));
    return text;
  });
}

/** The HTTP request inside a part. `$1` stands for what the part with Content-ID 1 has made. */
function readHttp(
  scene: Scene,
  outer: SlRequest,
  part: Part,
  made: ReadonlyMap<string, string> = new Map(),
): SlRequest {
  const match =
    /^(GET|POST|PATCH|PUT|MERGE|DELETE) (\S+)(?: HTTP\/1\.1)?\r?\n((?:[\w-]+:.*\r?\n)*)\r?\n([\s\S]*)$/.exec(part.body);
  if (match === null) throw malformed('Invalid batch request: incomplete part');
  const [, method = '', target = '', headerText = '', body = ''] = match;
  const [rawPath = '', query = ''] = target.split('?', 2);
  const below = rawPath.includes(scene.dialect.root)
    ? rawPath.slice(rawPath.indexOf(scene.dialect.root) + scene.dialect.root.length)
    : rawPath;
  const path = below.replace(/^\//, '').replace(/^\$(\w+)(?=\/|$)/, (whole, id: string) => made.get(id) ?? whole);
  // Only the outer If-Match counts, for all parts alike.
  const headers = { ...headersIn(headerText), 'if-match': outer.headers['if-match'] ?? '' };
  return { method, path: decodeURIComponent(path), query, headers, body: body.trim() };
}

function headersIn(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const cut = line.indexOf(':');
    if (cut > 0) headers[line.slice(0, cut).trim().toLowerCase()] = line.slice(cut + 1).trim();
  }
  return headers;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
};

function written(response: SlResponse, contentId: string | undefined): string {
  const id = contentId === undefined ? '' : `Content-ID: ${contentId}\r\n`;
  const headers = Object.entries({ ...response.headers, 'Content-Length': String(Buffer.byteLength(response.body)) })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const reason = REASONS[response.status] ?? 'Error';
  return `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n${id}\r\nHTTP/1.1 ${response.status} ${reason}\r\n${headers}\r\n${response.body}\r\n`;
}

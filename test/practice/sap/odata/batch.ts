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
  // All of it is read before any of it is done: a malformed batch leaves nothing behind.
  const steps = parts.map((part) => readStep(scene, request, part));
  const answers: string[] = [];
  for (const step of steps) {
    const answer = step.kind === 'read' ? oneRead(scene, step.item, serve) : oneChangeSet(scene, step.items, serve);
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

interface Item {
  readonly id: string | undefined;
  readonly request: SlRequest;
}

type Step = { readonly kind: 'read'; readonly item: Item } | { readonly kind: 'set'; readonly items: readonly Item[] };

function readStep(scene: Scene, outer: SlRequest, part: Part): Step {
  const boundary = boundaryOf(part.headers['content-type'] ?? '');
  if (boundary !== undefined) return { kind: 'set', items: readChangeSet(scene, outer, part, boundary) };
  const request = readHttp(scene, outer, part);
  if (request.method !== 'GET') throw malformed('Invalid batch request: writing outside of a change set');
  return { kind: 'read', item: { id: part.headers['content-id'], request } };
}

function readChangeSet(scene: Scene, outer: SlRequest, set: Part, boundary: string): Item[] {
  const parts = parseParts(set.body, boundary);
  if (parts === undefined || parts.length === 0) throw malformed('Invalid batch request: incomplete change set');
  return parts.map((part) => {
    if (boundaryOf(part.headers['content-type'] ?? '') !== undefined)
      throw malformed('Invalid batch request: a change set inside of another');
    const id = part.headers['content-id'];
    if (id === undefined && scene.dialect.version === 'v2')
      throw malformed('Invalid batch request: Content-ID is missing');
    const request = { ...readHttp(scene, outer, part), inChangeSet: true };
    if (request.method === 'GET') throw malformed('Invalid batch request: reading inside of a change set');
    return { id, request };
  });
}

interface Answered {
  readonly text: string;
  readonly failed: boolean;
}

function oneRead(scene: Scene, { id, request }: Item, serve: Serve): Answered {
  const response = serve(scene, request);
  return { text: written(response, id), failed: response.status >= 400 };
}

function oneChangeSet(scene: Scene, items: readonly Item[], serve: Serve): Answered {
  const answerBoundary = `changesetresponse_${randomUUID()}`;
  try {
    const answers = scene.company.atomically(() => writeAll(scene, items, serve));
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

function writeAll(scene: Scene, items: readonly Item[], serve: Serve): string[] {
  const made = new Map<string, string>();
  return items.map(({ id, request }) => {
    // `$1` stands for what the part with Content-ID 1 has made.
    const path = request.path.replace(/^\$(\w+)(?=\/|$)/, (whole, name: string) => made.get(name) ?? whole);
    const response = serve(scene, { ...request, path });
    const text = written(response, id);
    if (response.status >= 400) throw new ChangeSetFailed(text);
    const location = response.headers['Location'];
    if (id !== undefined && location !== undefined)
      made.set(
        id,
        decodeURIComponent(location.slice(location.indexOf(`${scene.dialect.root}/`) + scene.dialect.root.length + 1)),
      );
    return text;
  });
}

/** The HTTP request inside a part. */
function readHttp(scene: Scene, outer: SlRequest, part: Part): SlRequest {
  const match =
    /^(GET|POST|PATCH|PUT|MERGE|DELETE) (\S+)(?: HTTP\/1\.1)?\r?\n((?:[\w-]+:.*\r?\n)*)\r?\n([\s\S]*)$/.exec(part.body);
  if (match === null) throw malformed('Invalid batch request: incomplete part');
  const [, method = '', target = '', headerText = '', body = ''] = match;
  const [rawPath = '', query = ''] = target.split('?', 2);
  const below = rawPath.includes(scene.dialect.root)
    ? rawPath.slice(rawPath.indexOf(scene.dialect.root) + scene.dialect.root.length)
    : rawPath;
  const path = below.replace(/^\//, '');
  // Only the outer If-Match counts, for all parts alike.
  const headers = { ...headersIn(headerText), 'if-match': outer.headers['if-match'] ?? '' };
  return { method, path: decodedPath(path), query, headers, body: body.trim() };
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw malformed('Invalid batch request: invalid percent-encoding');
  }
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
  401: 'Unauthorized',
  403: 'Forbidden',
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

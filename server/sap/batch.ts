import type { Random } from '../kernel/random.ts';
import type { Dialect } from './dialect.ts';
import type { HttpAnswer } from './exchange.ts';

/** One read inside a batch. Operations that are called by POST go into a change set of their own. */
export interface BatchPart {
  readonly method: 'GET' | 'POST';
  /** Below the service root. */
  readonly target: string;
  readonly prefer?: string;
  readonly body?: string;
}

/**
 * One write of a change set. Its Content-ID is its place, counted from 1: `$1/Close` stands for an action on what the first
 * part made. There is no If-Match: Service Layer passes over it inside of parts (reference 5.5).
 */
export interface WritePart {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  /** Below the service root. */
  readonly target: string;
  readonly prefer?: string;
  readonly body?: string;
}

export interface BatchBody {
  readonly contentType: string;
  readonly body: string;
}

const NEWLINE = '\r\n';

/**
 * The multipart body that Service Layer reads (its guide, "Batch Operations"): parts are carried out one after the other
 * and the first that fails is the last that is answered. Writing outside of a change set is not accepted, and the parts of
 * a change set need a Content-ID under v2.
 */
export function writeBatch(parts: readonly BatchPart[], dialect: Dialect, random: Random): BatchBody {
  const sections = parts.map((part, index) =>
    part.method === 'GET' ? httpPart(part, dialect) : changeSetOf([part], dialect, index + 1, token(random)),
  );
  return joined(sections, token(random));
}

/** A batch of one change set: all of its writes, or none. */
export function writeChangeSet(parts: readonly WritePart[], dialect: Dialect, random: Random): BatchBody {
  return joined([changeSetOf(parts, dialect, 1, token(random))], token(random));
}

function joined(sections: readonly string[], id: string): BatchBody {
  const boundary = `batch_${id}`;
  const body = sections.map((section) => `--${boundary}${NEWLINE}${section}${NEWLINE}`).join('');
  return { contentType: `multipart/mixed;boundary=${boundary}`, body: `${body}--${boundary}--${NEWLINE}` };
}

function changeSetOf(parts: readonly (BatchPart | WritePart)[], dialect: Dialect, firstId: number, id: string): string {
  const boundary = `changeset_${id}`;
  return [
    `Content-Type: multipart/mixed;boundary=${boundary}`,
    '',
    ...parts.flatMap((part, index) => [`--${boundary}`, httpPart(part, dialect, firstId + index)]),
    `--${boundary}--`,
  ].join(NEWLINE);
}

function httpPart(part: BatchPart | WritePart, dialect: Dialect, contentId?: number): string {
  const { method, target, prefer, body } = part;
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(contentId === undefined ? [] : [`Content-ID: ${contentId}`]),
    '',
    `${method} ${dialect.path}/${target} HTTP/1.1`,
    ...(prefer === undefined ? [] : [`Prefer: ${prefer}`]),
    ...(body === undefined ? [] : ['Content-Type: application/json']),
    '',
    body ?? '',
  ].join(NEWLINE);
}

/**
 * The answers in the order of the parts; fewer than parts were sent when one failed, which is then the last. Undefined
 * when the body is no such answer, or was cut off.
 */
export function readBatch(answer: HttpAnswer): readonly HttpAnswer[] | undefined {
  const boundary = boundaryOf(answer.header('content-type'));
  return boundary === undefined ? undefined : readParts(answer.body, boundary);
}

function readParts(body: string, boundary: string): readonly HttpAnswer[] | undefined {
  const sections = `\n${body}`.split(`\n--${boundary}`);
  if (sections.length < 3 || !sections.at(-1)?.startsWith('--')) return undefined;
  const answers: HttpAnswer[] = [];
  for (const section of sections.slice(1, -1)) {
    const part = splitHead(section.replace(/^[ \t]*\r?\n/, ''));
    const inner = boundaryOf(part.headers.get('content-type'));
    const read = inner === undefined ? readHttp(part.rest) : readParts(part.rest, inner);
    if (read === undefined) return undefined;
    answers.push(...read);
  }
  return answers;
}

function readHttp(text: string): readonly HttpAnswer[] | undefined {
  const status = /^\s*HTTP\/1\.[01] (\d{3})[^\n]*\r?\n/.exec(text);
  if (!status) return undefined;
  const { headers, rest } = splitHead(text.slice(status[0].length));
  const body = rest.trim();
  return [{ status: Number(status[1]), header: (name) => headers.get(name), setCookies: [], body }];
}

function splitHead(section: string): { headers: ReadonlyMap<string, string>; rest: string } {
  const blank = /(^|\r?\n)\r?\n/.exec(section);
  const head = blank ? section.slice(0, blank.index) : section;
  const headers = new Map<string, string>();
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, rest: blank ? section.slice(blank.index + blank[0].length) : '' };
}

function boundaryOf(contentType: string | undefined): string | undefined {
  return /^multipart\/mixed\s*;.*?boundary="?([^";\s]+)/i.exec(contentType ?? '')?.[1];
}

function token(random: Random): string {
  return Array.from({ length: 4 }, () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}

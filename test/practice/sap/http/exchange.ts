import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { SlResponse } from '../messages.ts';

/** A request as it arrived, read to its end. */
export interface Incoming {
  /** What the client means, an override header counted. */
  readonly method: string;
  /** As sent, with query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Apache's own limit for a request line. */
export const LONGEST_URL = 8_190;

export async function readIncoming(req: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(Buffer.from(chunk));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const override = headers['x-http-method-override'];
  const method = req.method === 'POST' && override !== undefined ? override.toUpperCase() : (req.method ?? 'GET');
  return { method, url: req.url ?? '/', headers, body: Buffer.concat(chunks).toString('utf8') };
}

/** Below this many bytes nothing is gained. */
const WORTH_COMPRESSING = 860;

/** With `compressed`, a long body goes out as gzip. */
export function sendAnswer(
  res: ServerResponse,
  answer: SlResponse,
  cookies: readonly string[] = [],
  compressed = false,
): void {
  res.statusCode = answer.status;
  res.setHeader('Server', 'Apache');
  for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, value);
  if (cookies.length > 0) res.setHeader('Set-Cookie', cookies);
  const small = answer.body.length < WORTH_COMPRESSING || answer.headers['Content-Encoding'] !== undefined;
  const body = compressed && !small ? gzipSync(answer.body, { level: 1 }) : Buffer.from(answer.body);
  if (compressed && !small) res.setHeader('Content-Encoding', 'gzip');
  if (answer.status !== 204) res.setHeader('Content-Length', body.byteLength);
  res.end(body);
}

export function htmlPage(status: number, title: string, text: string): SlResponse {
  const body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`;
  return { status, headers: { 'Content-Type': 'text/html; charset=iso-8859-1' }, body };
}

/** Percent-decoded where it can be; as it is where not. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The value of one cookie out of a Cookie header. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const cut = pair.indexOf('=');
    if (cut > 0 && pair.slice(0, cut).trim() === name) return pair.slice(cut + 1).trim();
  }
  return undefined;
}

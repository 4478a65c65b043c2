/** Multipart bodies written by hand, as a strict server wants them. */
export interface Write {
  readonly method?: string;
  /** As it stands in the request line. */
  readonly path: string;
  readonly body?: unknown;
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function writePart({ method = 'POST', path, body, id, headers = {} }: Write): string {
  const contentId = id === undefined ? '' : `Content-ID: ${id}\r\n`;
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = body === undefined ? '' : JSON.stringify(body);
  return `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n${contentId}\r\n${method} ${path} HTTP/1.1\r\nContent-Type: application/json\r\n${more.join('')}\r\n${text}\r\n`;
}

/** One change set as the only part of a batch. */
export function changeSetBody(...writes: readonly Write[]): string {
  const set = writes.map((write) => `--set\r\n${writePart(write)}`).join('');
  return `--outer\r\nContent-Type: multipart/mixed;boundary=set\r\n\r\n${set}--set--\r\n--outer--\r\n`;
}

export const BATCH_TYPE = { 'Content-Type': 'multipart/mixed;boundary=outer' };

/** The statuses of the answers inside, in order. */
export const statusesIn = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map((m) => Number(m[1]));

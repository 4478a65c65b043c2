import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { SlResponse } from '../messages.ts';

/** Ways in which a body can go wrong on the wire. */
export type OddBody =
  /** Announced in full, cut in the middle. */
  | 'truncated'
  /** Begins like the answer and never ends; stops only when the client hangs up. */
  | 'endless'
  /** A byte at a time, a few dozen a second. */
  | 'drip'
  /** Half a kilobyte or so for each of 512 megabytes once unpacked. */
  | 'gzip_bomb'
  /** Says gzip and is none. */
  | 'bad_gzip';

const MEGABYTE = 1024 * 1024;
const MEMBERS = 32;
const DRIP_MS = 25;

export function sendOddBody(res: ServerResponse, answer: SlResponse, how: OddBody): void {
  res.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, value);
  res.on('error', () => res.destroy());
  SENDERS[how](res, answer.body);
}

const SENDERS: Readonly<Record<OddBody, (res: ServerResponse, body: string) => void>> = {
  truncated(res, body) {
    const bytes = Buffer.from(body);
    res.setHeader('Content-Length', bytes.length);
    res.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => res.destroy());
  },
  endless(res, body) {
    const more = ' '.repeat(16 * 1024);
    const pump = (): void => {
      while (!res.destroyed && res.write(more));
      if (!res.destroyed) res.once('drain', pump);
    };
    res.write(body.slice(0, Math.floor(body.length / 2)));
    pump();
  },
  drip(res, body) {
    const bytes = Buffer.from(body);
    let at = 0;
    const timer = setInterval(() => {
      if (res.destroyed || at >= bytes.length) {
        clearInterval(timer);
        res.end();
        return;
      }
      res.write(bytes.subarray(at, at + 1));
      at += 1;
    }, DRIP_MS);
    res.once('close', () => clearInterval(timer));
  },
  gzip_bomb(res) {
    const member = gzipSync(Buffer.alloc(16 * MEGABYTE, ' '));
    const bomb = Buffer.concat(Array.from({ length: MEMBERS }, () => member));
    res.setHeader('Content-Encoding', 'gzip');
    res.setHeader('Content-Length', bomb.length);
    res.end(bomb);
  },
  bad_gzip(res, body) {
    res.setHeader('Content-Encoding', 'gzip');
    res.setHeader('Content-Length', Buffer.byteLength(body));
    res.end(body);
  },
};

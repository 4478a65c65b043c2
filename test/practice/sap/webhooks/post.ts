import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface WebhookCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly text: string;
}

const TIMEOUT_MS = 10_000;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** The practice company calls nobody but this machine. */
export function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK.includes(new URL(url).hostname);
}

/**
 * Calls a subscriber. Certificates are verified, against `ca` where one is given; redirects are not followed.
 * @throws Error where no answer came within ten seconds, or where the address is not of this machine.
 */
export function callSubscriber(call: WebhookCall, ca?: string): Promise<WebhookAnswer> {
  if (!isLoopback(call.url)) {
    const refusal = new Error(`The practice company calls loopback only: ${call.url}`);
    return Promise.reject(Object.assign(refusal, { code: 'NOT_LOOPBACK' }));
  }
  return new Promise((resolve, reject) => {
    const options = {
      method: call.method,
      headers: { ...call.headers, 'Content-Length': Buffer.byteLength(call.body) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      agent: false as const,
      ...(ca === undefined ? {} : { ca }),
    };
    const send = call.url.startsWith('https:') ? requestHttps : requestHttp;
    const sent = send(call.url, options, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
    });
    sent.on('error', reject);
    sent.end(call.body);
  });
}

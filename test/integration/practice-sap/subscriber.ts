import { createServer } from 'node:http';
import { parseJson } from '../../practice/kernel/json.ts';

export interface Received {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly events: readonly { readonly id: string; readonly type: string; readonly data: Record<string, unknown> }[];
}

export interface Subscriber {
  readonly url: string;
  readonly received: Received[];
  /** Statuses of the next POSTs; 204 once they are used up. */
  readonly answers: number[];
  /** What a handshake is answered with; the token where nothing is set. */
  challenge: string | undefined;
  /** Deliveries are answered once this has come. */
  until: Promise<void>;
  close(): Promise<void>;
}

/** An endpoint on this machine that answers handshakes and keeps what it is sent. */
export async function openSubscriber(): Promise<Subscriber> {
  const received: Received[] = [];
  const answers: number[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const parsed: unknown = parseJson(body);
      received.push({
        method: req.method ?? '',
        headers: req.headers,
        body,
        events: Array.isArray(parsed) ? parsed : [],
      });
      if (req.method !== 'GET') void subscriber.until.then(() => res.writeHead(answers.shift() ?? 204).end());
      else res.end(JSON.stringify({ Challenge: subscriber.challenge ?? req.headers['x-b1-webhook-token'] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const subscriber: Subscriber = {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answers,
    challenge: undefined,
    until: Promise.resolve(),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return subscriber;
}

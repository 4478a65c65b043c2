import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { CrmCaller } from '../../../server/app/ports/crm.ts';
import { type LogFields, type Logger, silentLogger } from '../../../server/kernel/logger.ts';
import { createPipedrive } from '../../../server/pipedrive/create-pipedrive.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { createRequestLog } from '../../practice/kernel/request-log.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { grantOf, INSTALLATION, memoryGrants, memoryLedger } from './bench.ts';

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers as the test says, and the client in front of it with one stored grant. */
export async function startRaw(
  answering: Answering,
  options: { apiDomain?: string; alsoLocal?: readonly string[] } = {},
) {
  /** What the run's look at all requests sees. */
  const log = createRequestLog();
  const seen: { method: string; url: string; authorization: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { method = '', url = '' } = request;
      seen.push({ method, url, authorization: request.headers.authorization, body });
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const client = headers['user-agent'] ?? '';
      log.add({ at: 0, side: 'pipedrive', method, path: url, headers, body, status: 0, responseBody: '', client });
      answering(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const host = `127.0.0.1:${port}`;
  const clock = movableClock();
  const logged: (LogFields | undefined)[] = [];
  const logger: Logger = { ...silentLogger, warn: (_message, fields) => void logged.push(fields) };
  const grants = memoryGrants();
  grants.put(
    grantOf(1, {
      accessToken: 'the-access-token',
      refreshToken: 'the-refresh-token',
      expiresAt: new Date(clock.now().getTime() + 3_600_000),
      scopes: [],
      apiDomain: options.apiDomain ?? `http://${host}`,
    }),
  );
  const { crm, oauth, close } = createPipedrive({
    clock,
    random: () => 0.5,
    sleep: async (milliseconds, signal) => {
      signal.throwIfAborted();
      clock.advance(milliseconds);
    },
    logger,
    clientId: 'client',
    clientSecret: createSecret('client-secret'),
    oauthUrl: `http://${host}`,
    domain: 'pipedrive.com',
    localHosts: new Set([host, ...(options.alsoLocal ?? [])]),
    grants,
    ledger: memoryLedger(),
  });
  const caller: CrmCaller = {
    installationId: INSTALLATION,
    as: 'service',
    purpose: 'delta',
    signal: AbortSignal.timeout(20_000),
  };
  const stopServer = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    crm,
    oauth,
    clock,
    grants,
    seen,
    logged,
    host,
    caller,
    stopServer,
    async close() {
      await stopServer();
      await close();
    },
  };
}

export function jsonAnswer(body: unknown, status = 200): Answering {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

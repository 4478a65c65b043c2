import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { createHttpApp, type HttpApp, type HttpDeps } from '../../../server/http/create-app.ts';
import type { LogFields, Logger } from '../../../server/kernel/logger.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { COMPANY, type Fakes, fakeUseCases } from './fake-use-cases.ts';

export const CLIENT_ID = 'client-1';
export const CLIENT_SECRET = 'client-secret-canary-0123456789abcdef01234';
export const JWT_SECRET = 'jwt-secret-canary-0123456789abcdef0123456';
export const NOW = new Date('2026-11-24T12:00:00.000Z');
const PANEL =
  '<!doctype html><html lang="en"><head><title>Panel</title></head><body><div id="root"></div></body></html>';

export interface TestClock {
  now(): Date;
  advance(ms: number): void;
}

export interface StartedHttp extends HttpApp {
  readonly fakes: Fakes;
  readonly clock: TestClock;
  readonly log: { level: string; message: string; fields: LogFields | undefined }[];
}

/** The Express app over fake use cases; nothing listens, no database. */
export function startHttp(
  options: Partial<Omit<HttpDeps, 'settings'>> & { settings?: Partial<HttpDeps['settings']> } = {},
): StartedHttp {
  const fakes = fakeUseCases();
  const clock = testClock();
  const log: StartedHttp['log'] = [];
  const { settings, ...deps } = options;
  const http = createHttpApp({
    useCases: fakes.useCases,
    clock,
    logger: recordingLogger(log),
    registry: new Registry(),
    ...deps,
    settings: {
      publicUrl: 'https://app.example.com',
      trustProxy: 0,
      metricsToken: undefined,
      clientId: CLIENT_ID,
      clientSecret: createSecret(CLIENT_SECRET),
      jwtSecret: createSecret(JWT_SECRET),
      oauthUrl: 'https://oauth.pipedrive.com',
      extensionDir: builtExtension(),
      operator: { name: 'Desk Software Ltd', supportEmail: 'help@desk.example' },
      ...settings,
    },
  });
  return { ...http, fakes, clock, log };
}

/** Listens on a port of its own until the test ends. */
export async function listen({ app }: Pick<HttpApp, 'app'>): Promise<{ port: number; url: string }> {
  const server = createServer(app).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Nothing listens.');
  return { port: address.port, url: `http://127.0.0.1:${address.port}` };
}

/** A token as Pipedrive signs it: five minutes, user and company. */
export function signedToken(claims: Record<string, unknown> = {}, secret: string = JWT_SECRET): Promise<string> {
  const exp = Math.floor(NOW.getTime() / 1000) + 300;
  return new SignJWT({ userId: 12, companyId: Number(COMPANY), exp, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(secret));
}

function testClock(): TestClock {
  let time = NOW.getTime();
  return {
    now: () => new Date(time),
    advance(ms) {
      time += ms;
    },
  };
}

function recordingLogger(log: StartedHttp['log']): Logger {
  return {
    info: (message, fields) => log.push({ level: 'info', message, fields }),
    warn: (message, fields) => log.push({ level: 'warn', message, fields }),
    error: (message, _error, fields) => log.push({ level: 'error', message, fields }),
  };
}

function builtExtension(): string {
  const dir = mkdtempSync(join(tmpdir(), 'orderline-http-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'assets'));
  writeFileSync(join(dir, 'panel.html'), PANEL);
  writeFileSync(join(dir, 'settings.html'), PANEL);
  writeFileSync(join(dir, 'assets', 'panel-1a2b.js'), 'export const built = true;\n');
  return dir;
}

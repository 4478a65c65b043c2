import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { Registry } from 'prom-client';
import { type App, compose } from '../../server/compose.ts';
import { type Config, readConfig } from '../../server/config.ts';
import { createHttpApp } from '../../server/http/create-app.ts';
import { serve } from '../../server/http/serve.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import { type Logger, silentLogger } from '../../server/kernel/logger.ts';
import { createRandom } from '../practice/kernel/random.ts';
import { freshDatabase } from './fresh-database.ts';
import { CLIENT_ID, CLIENT_SECRET, JWT_SECRET, type PracticeWorld, SAP_PASSWORD, SAP_USER } from './practice-world.ts';

/** The whole app in this process, over real HTTP and a database of its own, beside a practice company. */
export interface CompanyApp {
  readonly url: string;
  readonly app: App;
  readonly databaseUrl: string;
  /** As the application role. */
  readonly database: Knex;
  /** What further processes beside this one are started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Hosts of companies that are added later are let in here. */
  readonly localHosts: Set<string>;
  /** Walks a user through OAuth. @returns where the browser ends up */
  install(companyId: number, userId: number): Promise<string>;
  /** Calls `/api` as that user. */
  api(companyId: number, userId: number): ApiClient;
  /** Connects the practice SAP as an admin would: look, confirm, sign in, agree to everything. */
  connect(companyId: number, userId: number, companyDb: string): Promise<void>;
  /** Runs jobs, and lets webhooks arrive, until nothing is ready. @returns when the next job is due */
  runJobs(): Promise<Date | undefined>;
  /** As `runJobs`, moving the clock to whatever is due, up to this long from now. */
  runJobsFor(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface ApiClient {
  get(path: string): Promise<ApiAnswer>;
  post(path: string, body?: unknown): Promise<ApiAnswer>;
  delete(path: string): Promise<ApiAnswer>;
}

export interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes are looked into freely by tests
  readonly body: any;
}

export interface CompanyAppOptions {
  readonly seed?: number;
  readonly logger?: Logger;
  /** As for `compose`: pauses then go by the clock that tests move, and not by the database's. */
  readonly slots?: 'own';
}

/** Far more than any journey takes; a loop is an error, not a long test. */
const MOST_ROUNDS = 40;

export async function startCompanyApp(world: PracticeWorld, options: CompanyAppOptions = {}): Promise<CompanyApp> {
  const database = await freshDatabase();
  const clock: Clock = { now: () => new Date(world.clock.now()) };
  const random = createRandom(options.seed ?? 1);
  const logger = options.logger ?? silentLogger;
  const registry = new Registry();
  const localHosts = new Set(world.pipedrive.localHosts().split(',').filter(Boolean));

  // The address is needed by what answers at it: an empty server is opened first, and its port taken over.
  const port = await freePort();
  const environment = environmentFor(world, port);
  const read = readConfig(environment);
  const config: Config = { ...read, pipedrive: { ...read.pipedrive, localHosts } };
  const app = compose(config, {
    clock,
    random: () => random.next(),
    sleep: async () => undefined,
    ...(options.slots && { slots: options.slots }),
    logger,
    registry,
    database: database.db,
    databaseUrl: database.appUrl,
  });
  const { clientId, clientSecret, jwtSecret, oauthUrl } = config.pipedrive;
  const http = createHttpApp({
    useCases: app.useCases,
    settings: {
      publicUrl: config.publicUrl,
      trustProxy: 0,
      metricsToken: undefined,
      clientId,
      clientSecret,
      jwtSecret,
      oauthUrl,
      operator: config.operator,
      extensionDir: join(import.meta.dirname, '../../dist/extension'),
    },
    clock,
    logger,
    registry,
    limits: {
      install: { burst: 1e6, perMinute: 1e6 },
      api: { burst: 1e6, perMinute: 1e6 },
      connectionTest: { burst: 1e6, perMinute: 1e6 },
    },
  });
  const served = await serve(http.app, { host: '127.0.0.1', port });
  const url = config.publicUrl;
  Object.assign(world.pipedrive.app, { callbackUrl: `${url}/oauth/callback`, installationUrl: `${url}/oauth/install` });
  Object.assign(world.pipedrive.app.extensions, { panel: `${url}/panel`, settings: `${url}/settings` });

  const companyApp: CompanyApp = {
    url,
    app,
    databaseUrl: database.appUrl,
    database: database.db,
    environment,
    localHosts,
    install: (companyId, userId) => install(world, url, companyId, userId),
    api: (companyId, userId) => apiClient(world, url, companyId, userId),
    async connect(companyId, userId, companyDb) {
      const api = companyApp.api(companyId, userId);
      const address = world.sap.url;
      const seen = await api.post('/api/settings/sap/certificate', { address });
      if (seen.status !== 200) throw new Error(`certificate: ${seen.status} ${JSON.stringify(seen.body)}`);
      const connected = await api.post('/api/settings/sap/connection', {
        address,
        companyDb,
        userName: SAP_USER,
        password: SAP_PASSWORD,
        confirmedFingerprints: [seen.body.certificate.fingerprint],
        pastedPem: null,
        proxy: null,
      });
      if (connected.status !== 200) throw new Error(`connect: ${connected.status} ${JSON.stringify(connected.body)}`);
      const agreed = await api.post('/api/settings/consent', { crmFields: true, erpField: true });
      if (agreed.status !== 200) throw new Error(`consent: ${agreed.status} ${JSON.stringify(agreed.body)}`);
    },
    async runJobs() {
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        await world.pipedrive.settled();
        const next = await app.jobs.runUntilIdle({ cron: false });
        await world.pipedrive.settled();
        const again = await app.jobs.runUntilIdle({ cron: false });
        if (next?.getTime() === again?.getTime()) return again;
      }
      throw new Error(`Jobs make jobs without end: ${MOST_ROUNDS} rounds did not empty the queue.`);
    },
    async runJobsFor(milliseconds) {
      const end = world.clock.now() + milliseconds;
      for (;;) {
        const next = await companyApp.runJobs();
        if (!next || next.getTime() > end) break;
        world.clock.set(Math.max(world.clock.now(), next.getTime()));
      }
      world.clock.set(end);
      await app.jobs.runUntilIdle();
      await companyApp.runJobs();
    },
    async close() {
      await app.jobs.stop();
      await served.close(1_000);
      await app.close();
      await database.drop();
    },
  };
  return companyApp;
}

function environmentFor(world: PracticeWorld, port: number): Record<string, string> {
  return {
    NODE_ENV: 'test',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: 'postgres://given.separately/',
    PIPEDRIVE_CLIENT_ID: CLIENT_ID,
    PIPEDRIVE_CLIENT_SECRET: CLIENT_SECRET,
    PIPEDRIVE_JWT_SECRET: JWT_SECRET,
    PIPEDRIVE_OAUTH_URL: world.pipedrive.oauthUrl,
    PIPEDRIVE_LOCAL_HOSTS: world.pipedrive.localHosts(),
    SAP_NETWORK: 'loopback',
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

async function install(world: PracticeWorld, url: string, companyId: number, userId: number): Promise<string> {
  const started = await fetch(`${url}/oauth/install`, { redirect: 'manual' });
  const cookie = (started.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  const callback = world.pipedrive.consent(started.headers.get('location') ?? '', { companyId, userId });
  const ended = await fetch(callback, { redirect: 'manual', headers: { cookie } });
  const location = ended.headers.get('location');
  if (!location) throw new Error(`install: ${ended.status} ${await ended.text()}`);
  return location;
}

function apiClient(world: PracticeWorld, url: string, companyId: number, userId: number): ApiClient {
  const call = async (method: string, path: string, body?: unknown): Promise<ApiAnswer> => {
    const token = world.pipedrive.signToken({ userId, companyId });
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  };
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body ?? {}),
    delete: (path) => call('DELETE', path),
  };
}

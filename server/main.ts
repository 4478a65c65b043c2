import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type App, compose } from './compose.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { assertApplicationRole } from './db/application-role.ts';
import { startEmbeddedPostgres } from './db/embedded-postgres.ts';
import { migrate, pendingMigrations } from './db/migrate.ts';
import { openDatabase } from './db/open-database.ts';
import { createHttpApp, createOperationsApp, type HttpApp } from './http/create-app.ts';
import { type Served, serve } from './http/serve.ts';
import { systemClock } from './kernel/clock.ts';
import type { Logger } from './kernel/logger.ts';
import { systemRandom } from './kernel/random.ts';
import { createLogger } from './logging.ts';
import { realSleep } from './net/sleep.ts';
import { isQueueMigrated, migrateQueue } from './queue/migrate-queue.ts';
import { type Repeated, repeat } from './queue/repeat.ts';

/** Requests and jobs under way get this long once the process was told to stop. */
const GRACE_MS = 25_000;
/** How often a process that takes notifications shows that it runs. */
const RECEIVER_MARK_MS = 30_000;
/** After that the process ends whatever still runs: 30 s is what a container gets. */
const LAST_MS = 29_000;

/** The start is refused; the message is for whoever operates the program. */
class StartRefused extends Error {}

try {
  await run(readConfig(process.env));
} catch (error) {
  if (error instanceof ConfigError || error instanceof StartRefused) console.error(error.message);
  else console.error('Orderline could not start.', error instanceof Error ? error.stack : error);
  process.exit(1);
}

async function run(config: Config): Promise<void> {
  const logger = createLogger({ level: config.logLevel });
  const source = await databaseFor(config, logger);
  const database = openDatabase({ url: source.url });
  await assertApplicationRole(database).catch(refuse('The database cannot be used'));
  await refusePendingMigrations(source.url, await pendingMigrations(database));

  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const deps = {
    clock: systemClock,
    random: systemRandom,
    sleep: realSleep,
    logger,
    registry,
    database,
    databaseUrl: source.url,
  };
  const app = compose(config, deps);

  let stopping = false;
  const http = httpFor(config, app, { logger, registry, isStopping: () => stopping });
  const served = await serve(http.app, config).catch(refuse(`Nothing can listen on ${config.host}:${config.port}`));
  if (config.role !== 'web') app.jobs.start();
  const watching = config.role === 'worker' ? undefined : watchReceiver(app, logger);
  logger.info('started', { role: config.role, host: config.host, port: served.port });

  onStopSignal(async (signal) => {
    stopping = true;
    logger.info('stopping', { signal });
    await watching?.stop();
    await stop(app, served);
    await database.destroy();
    await source.stop();
    logger.info('stopped');
  });
}

/** Notifications that came while no process took them are looked for: at once, and whenever that happens again. */
function watchReceiver(app: App, logger: Logger): Repeated {
  const failed = (error: unknown) => logger.error('the watch over notifications failed', error);
  app.watchReceiver().catch(failed);
  return repeat(RECEIVER_MARK_MS, () => app.watchReceiver(), failed);
}

/** Says what was tried; the rest is what the database or the operating system says about it. */
function refuse(what: string) {
  return (error: unknown): never => {
    const said = error instanceof Error ? error.message : '';
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'for no reason given';
    throw new StartRefused(`${what}: ${said || code}`, { cause: error });
  };
}

interface DatabaseSource {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The database of `DATABASE_URL`, or an embedded one of our own in development. The embedded one belongs to this checkout
 * alone, so its start brings the tables up to date; any other is migrated by `npm run migrate`, never by a start.
 */
async function databaseFor(config: Config, logger: Logger): Promise<DatabaseSource> {
  if (config.databaseUrl) return { url: config.databaseUrl.reveal(), stop: async () => undefined };
  const embedded = await startEmbeddedPostgres({ dataDir: join(config.dataDir, 'postgres') });
  await migrate(embedded.ownerUrl, migrateQueue);
  logger.info('embedded database', { dataDir: embedded.dataDir });
  return { url: embedded.appUrl, stop: () => embedded.stop() };
}

async function refusePendingMigrations(databaseUrl: string, pending: readonly string[]): Promise<void> {
  const queue = (await isQueueMigrated(databaseUrl)) ? [] : ['the job queue'];
  const missing = [...pending, ...queue];
  if (missing.length === 0) return;
  throw new StartRefused(`The database is not up to date. Run npm run migrate first. Missing: ${missing.join(', ')}.`);
}

type Running = { logger: Logger; registry: Registry; isStopping: () => boolean };

function httpFor(config: Config, { useCases }: App, running: Running): HttpApp {
  const { clientId, clientSecret, jwtSecret, oauthUrl } = config.pipedrive;
  const { publicUrl, trustProxy, metricsToken, operator } = config;
  const settings = { publicUrl, trustProxy, metricsToken, operator, clientId, clientSecret, jwtSecret, oauthUrl };
  const deps = { ...running, useCases, clock: systemClock, newId: randomUUID };
  if (config.role === 'worker') return createOperationsApp({ ...deps, settings });
  return createHttpApp({ ...deps, settings: { ...settings, extensionDir: builtExtension() } });
}

/** `dist/extension`, seen from the source and from `dist/app/server`. */
function builtExtension(): string {
  const compiled = import.meta.dirname.endsWith(join('dist', 'app', 'server'));
  return join(import.meta.dirname, compiled ? '../../extension' : '../dist/extension');
}

async function stop(app: App, served: Served): Promise<void> {
  await Promise.all([served.close(GRACE_MS), app.jobs.stop(GRACE_MS)]);
  await app.close();
}

function onStopSignal(end: (signal: string) => Promise<void>): void {
  let told = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (told) return;
    told = true;
    setTimeout(() => process.exit(1), LAST_MS).unref();
    end(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('Orderline could not stop in order.', error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

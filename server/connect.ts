import { join } from 'node:path';
import { makeCompleteInstall } from './app/install/complete-install.ts';
import { makeConnectToken } from './app/install/connect-token.ts';
import type { CrmIdentity } from './app/ports/crm.ts';
import type { Secret } from './app/ports/secrets.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createAuditLog } from './db/audit-log.ts';
import { crmReadingStore } from './db/crm-readings.ts';
import { dataKeyStore } from './db/data-key-store.ts';
import { startEmbeddedPostgres } from './db/embedded-postgres.ts';
import { findingStore } from './db/finding-store.ts';
import { createGrantStore } from './db/grant-store.ts';
import { createInstallationStore } from './db/installation-store.ts';
import { jobQueue, parkedJobs } from './db/job-queue.ts';
import { migrate } from './db/migrate.ts';
import { openDatabase } from './db/open-database.ts';
import { createTenantDirectory } from './db/tenant-directory.ts';
import { tokenLedger } from './db/token-ledger.ts';
import { createUnitOfWork } from './db/unit-of-work.ts';
import { systemClock } from './kernel/clock.ts';
import { AppError } from './kernel/errors.ts';
import { createLogger } from './logging.ts';
import { companyHost } from './pipedrive/api-domain.ts';
import { createOAuth } from './pipedrive/oauth.ts';
import { createTokenEndpoint } from './pipedrive/token-endpoint.ts';
import { createTransport } from './pipedrive/transport.ts';
import { migrateQueue } from './queue/migrate-queue.ts';
import { createSecret } from './secrets/secret.ts';
import { createVault } from './secrets/vault.ts';

/** The command line, as `scripts/connect.mjs` gives it. */
export interface ConnectTerminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly args: readonly string[];
  ask(question: string): Promise<string>;
  /** What is typed is not shown. */
  askHidden(question: string): Promise<string>;
  say(line: string): void;
  complain(line: string): void;
}

const LIMIT_MS = 30_000;

/**
 * `npm run connect`: connects one Pipedrive company by an admin's personal API token, in place of an install by OAuth.
 * @returns the exit code
 */
export async function runConnect(terminal: ConnectTerminal): Promise<number> {
  try {
    if (terminal.args.length > 0) throw new Mistake('Give nothing on the command line: others can read it there.');
    const config = readConfig(terminal.environment);
    const apiDomain = await readCompany(terminal, config);
    const token = await readToken(terminal);
    const { userName, companyName } = await connect(config, apiDomain, token);
    terminal.say(`${companyName} is connected, in the name of ${userName}. A running Orderline goes on from here.`);
    return 0;
  } catch (error) {
    terminal.complain(wordsFor(error));
    return 1;
  }
}

class Mistake extends Error {}

function wordsFor(error: unknown): string {
  const told = error instanceof Mistake || error instanceof ConfigError || error instanceof AppError;
  if (told) return error.message;
  // Its text may carry an address with a password in it; its code does not.
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return `The company could not be connected because of an unexpected error${code}.`;
}

async function readCompany({ environment, ask }: ConnectTerminal, { pipedrive }: Config): Promise<string> {
  const given = environment['PIPEDRIVE_COMPANY'] ?? (await ask('Address of your company (acme.pipedrive.com): '));
  const host = companyHost(given, pipedrive);
  if (host === undefined) throw new Mistake(`This is no address such as acme.${pipedrive.domain}.`);
  return host;
}

async function readToken({ environment, askHidden }: ConnectTerminal): Promise<Secret> {
  const given = environment['PIPEDRIVE_API_TOKEN'] ?? (await askHidden('Personal API token of an admin: '));
  // It goes into a header; what else could be in it would be no token.
  if (!/^[\x21-\x7e]{20,512}$/.test(given.trim())) throw new Mistake('This is no API token.');
  return createSecret(given.trim());
}

async function connect(config: Config, apiDomain: string, token: Secret): Promise<CrmIdentity> {
  const source = await databaseFor(config);
  const database = openDatabase({ url: source.url });
  const logger = createLogger({ level: config.logLevel });
  const transport = createTransport();
  const { clientId, clientSecret, oauthUrl } = config.pipedrive;
  const oauthDeps = {
    clock: systemClock,
    logger,
    transport,
    clientId,
    clientSecret,
    oauthUrl,
    trusted: config.pipedrive,
  };
  const vault = createVault({ masterKeys: config.masterKeys, dataKeys: dataKeyStore });
  try {
    const completeInstall = makeCompleteInstall({
      clock: systemClock,
      clientId,
      unitOfWork: createUnitOfWork(database),
      directory: createTenantDirectory(database),
      installations: createInstallationStore(vault),
      grants: createGrantStore(vault),
      findings: findingStore,
      vault,
      jobs: jobQueue,
      parkedJobs,
      readings: crmReadingStore,
      ledger: tokenLedger,
      audit: createAuditLog(vault),
    });
    const oauth = createOAuth(oauthDeps, createTokenEndpoint(oauthDeps));
    return await makeConnectToken({ oauth, completeInstall })(apiDomain, token, AbortSignal.timeout(LIMIT_MS));
  } finally {
    await transport.close();
    await database.destroy();
    await source.stop();
  }
}

/** The database of `DATABASE_URL`, which `npm run migrate` has brought up to date, or the embedded one of development. */
async function databaseFor(config: Config): Promise<{ readonly url: string; stop(): Promise<void> }> {
  if (config.databaseUrl) return { url: config.databaseUrl.reveal(), stop: async () => undefined };
  const embedded = await startEmbeddedPostgres({ dataDir: join(config.dataDir, 'postgres') });
  await migrate(embedded.ownerUrl, migrateQueue);
  return { url: embedded.appUrl, stop: () => embedded.stop() };
}

import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { createGrantAccess } from '../../server/app/access/grant-access.ts';
import { makeKeepGrants } from '../../server/app/access/keep-grants.ts';
import { makeCompleteInstall } from '../../server/app/install/complete-install.ts';
import type { Crm, CrmCaller, CrmOAuth } from '../../server/app/ports/crm.ts';
import type { GrantAccess } from '../../server/app/ports/crm-access.ts';
import type { Finding } from '../../server/app/ports/finding-store.ts';
import type { GrantFacts, InstallationStatus } from '../../server/app/ports/installation-store.ts';
import { createAuditLog } from '../../server/db/audit-log.ts';
import { crmReadingStore } from '../../server/db/crm-readings.ts';
import { dataKeyStore } from '../../server/db/data-key-store.ts';
import { findingStore } from '../../server/db/finding-store.ts';
import { createGrantStore } from '../../server/db/grant-store.ts';
import { createInstallationStore } from '../../server/db/installation-store.ts';
import { jobQueue, parkedJobs } from '../../server/db/job-queue.ts';
import { createTenantDirectory } from '../../server/db/tenant-directory.ts';
import { tokenLedger } from '../../server/db/token-ledger.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import type { InstallationId } from '../../server/kernel/ids.ts';
import { silentLogger } from '../../server/kernel/logger.ts';
import { createPipedrive } from '../../server/pipedrive/create-pipedrive.ts';
import { parseMasterKeys } from '../../server/secrets/master-keys.ts';
import { createSecret } from '../../server/secrets/secret.ts';
import { createVault } from '../../server/secrets/vault.ts';
import { CALLBACK, codeFor, memoryLedger } from '../integration/pipedrive/bench.ts';
import { createPracticeClock, type MovablePracticeClock } from '../practice/kernel/clock.ts';
import { type PracticeCompany, type PracticePipedrive, startPracticePipedrive } from '../practice/pipedrive/start.ts';
import { assertContracts } from './contract-recorder/contract-violations.ts';
import { type FreshDatabase, freshDatabase } from './fresh-database.ts';

export const ADMIN = 11;
export const OTHER_ADMIN = 12;
export const REP = 13;
const COMPANY = 501;

/** One process of the app, as far as it asks Pipedrive. */
export interface GrantProcess {
  readonly crm: Crm;
  readonly oauth: CrmOAuth;
  close(): Promise<void>;
}

/** A practice company, and grants in a real database. The clock stands still. */
export interface GrantHouse {
  readonly clock: MovablePracticeClock;
  readonly practice: PracticePipedrive;
  readonly company: PracticeCompany;
  readonly database: FreshDatabase;
  readonly masterKeys: string;
  /** The latest one that was installed. */
  id(): InstallationId;
  /** @param wrap what stands between that process and the stored grants */
  openProcess(wrap?: (access: GrantAccess) => GrantAccess): GrantProcess;
  install(userId: number): Promise<void>;
  caller(as?: CrmCaller['as']): CrmCaller;
  keepGrants(process: GrantProcess): Promise<void>;
  grants(): Promise<readonly GrantFacts[]>;
  status(): Promise<InstallationStatus>;
  apiDomain(): Promise<string>;
  findings(): Promise<readonly Finding[]>;
  /** As after an uninstall. */
  erase(): Promise<void>;
  /** Statuses of what the token endpoint answered since then. */
  tokenAnswers(mark?: number): readonly (number | null)[];
  close(): Promise<void>;
}

export async function startGrantHouse(): Promise<GrantHouse> {
  const database = await freshDatabase();
  const clock = createPracticeClock({ start: Date.parse('2026-03-02T09:00:00Z'), frozen: true });
  const practice = await startPracticePipedrive({
    clock,
    seed: 11,
    clientId: 'client',
    clientSecret: 'client-secret',
    appCallbackUrl: CALLBACK,
  });
  const company = await practice.addCompany({
    id: COMPANY,
    name: 'Acme GmbH',
    domain: 'acme',
    users: [
      { id: ADMIN, name: 'Ada Admin', email: 'ada@example.com', is_admin: true },
      { id: OTHER_ADMIN, name: 'Otto Admin', email: 'otto@example.com', is_admin: true },
      { id: REP, name: 'Rolf Rep', email: 'rolf@example.com' },
    ],
    data: { organizations: [{ id: 1, name: 'Nordwind GmbH' }] },
    burstLimit: 'off',
  });
  const masterKeys = `k1:${randomBytes(32).toString('base64')}`;
  const stores = storesOf(database.db, masterKeys);
  const appClock = { now: () => new Date(clock.now()) };
  const openProcess: GrantHouse['openProcess'] = (wrap = (access) => access) =>
    createPipedrive({
      clock: appClock,
      random: () => 0.5,
      sleep: async () => undefined,
      logger: silentLogger,
      clientId: 'client',
      clientSecret: createSecret('client-secret'),
      oauthUrl: practice.oauthUrl,
      domain: 'pipedrive.com',
      localHosts: localHostsOf(practice),
      grants: wrap(createGrantAccess({ clock: appClock, logger: silentLogger, ...stores })),
      ledger: memoryLedger(),
    });
  const installer = openProcess();
  const completeInstall = makeCompleteInstall({ clock: appClock, clientId: 'client', ...stores });
  let id: InstallationId | undefined;
  const within = <T>(work: Parameters<typeof stores.unitOfWork.within<T>>[1]) =>
    stores.unitOfWork.within(known(), work);
  const known = (): InstallationId => {
    if (id === undefined) throw new Error('Nobody has installed yet.');
    return id;
  };

  return {
    clock,
    practice,
    company,
    database,
    masterKeys,
    id: known,
    openProcess,
    async install(userId) {
      const signal = AbortSignal.timeout(20_000);
      const tokens = await installer.oauth.exchangeCode(codeFor(practice, userId), CALLBACK, signal);
      const identity = await installer.oauth.identify(tokens.apiDomain, tokens.accessToken, signal);
      await completeInstall(tokens, identity);
      id = await stores.directory.findByCompany(String(COMPANY));
    },
    caller: (as = 'service') => ({
      installationId: known(),
      as,
      purpose: 'person',
      signal: AbortSignal.timeout(20_000),
    }),
    keepGrants: ({ crm }) =>
      makeKeepGrants({
        clock: appClock,
        logger: silentLogger,
        ...stores,
        crm,
        confirmUninstall: async () => undefined,
      })(known(), {}, AbortSignal.timeout(20_000)),
    grants: () => within((tx) => stores.grants.list(tx)),
    status: async () => (await within((tx) => stores.installations.get(tx))).status,
    apiDomain: async () => (await within((tx) => stores.installations.get(tx))).apiDomain,
    findings: () => within((tx) => findingStore.listOpen(tx, 100)),
    erase: () => within(async (tx) => void (await stores.installations.erase(tx))),
    tokenAnswers: (mark = 0) =>
      practice.log
        .all()
        .slice(mark)
        .filter(({ path }) => path.startsWith('/oauth/token'))
        .map(({ status }) => status),
    async close() {
      await installer.close();
      await practice.close();
      await database.drop();
      assertContracts(practice.log.all());
    },
  };
}

/** Companies may be renamed meanwhile, to hosts that are opened then. */
function localHostsOf(practice: PracticePipedrive): ReadonlySet<string> {
  const hosts = new Set<string>();
  hosts.has = (host) => practice.localHosts().split(',').includes(host);
  return hosts;
}

function storesOf(db: Knex, masterKeys: string) {
  const vault = createVault({ masterKeys: parseMasterKeys(masterKeys), dataKeys: dataKeyStore });
  return {
    vault,
    unitOfWork: createUnitOfWork(db),
    directory: createTenantDirectory(db),
    installations: createInstallationStore(vault),
    grants: createGrantStore(vault),
    findings: findingStore,
    audit: createAuditLog(vault),
    jobs: jobQueue,
    parkedJobs,
    readings: crmReadingStore,
    ledger: tokenLedger,
  };
}

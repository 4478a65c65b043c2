import pg from 'pg';
import { Registry } from 'prom-client';
import type { UnitOfWork } from '../../../server/app/ports/unit-of-work.ts';
import { type App, compose } from '../../../server/compose.ts';
import type { Ports } from '../../../server/compose-ports.ts';
import { readConfig } from '../../../server/config.ts';
import { createTenantDirectory } from '../../../server/db/tenant-directory.ts';
import { createUnitOfWork, queriesOf } from '../../../server/db/unit-of-work.ts';
import type { Clock } from '../../../server/kernel/clock.ts';
import type { InstallationId } from '../../../server/kernel/ids.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { sweepWorkers } from '../../../server/queue/sweep-workers.ts';
import { buildCompanyData } from '../../practice/data/build-company-data.ts';
import { textOf } from '../../practice/kernel/json.ts';
import { createRandom } from '../../practice/kernel/random.ts';
import type { PracticeCompany } from '../../practice/pipedrive/start.ts';
import type { SapBackOffice } from '../../practice/sap/back-office.ts';
import { type CompanyApp, startCompanyApp } from '../company-app.ts';
import { assertContracts } from '../contract-recorder/contract-violations.ts';
import { type PracticeWorld, startPracticeWorld } from '../practice-world.ts';
import { type StopPoint, type StoppableDatabase, stoppableDatabase } from './stoppable-database.ts';

export const COMPANY = 1001;
export const ADMIN = 11;
export const REP = 12;

/** One worker process as far as others can tell: its own clients, its own locks; only memory is shared. */
export interface WorkerLike {
  readonly app: App;
  readonly database: StoppableDatabase;
  /** Its connections are cut, as when its process is gone. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  readonly stop?: StopPoint;
  readonly adapt?: (ports: Ports) => Ports;
}

/** One company with a small SAP, both connected, and as many workers as a test wants. Many deals are played in it. */
export interface House {
  readonly world: PracticeWorld;
  readonly company: CompanyApp;
  readonly pipedrive: PracticeCompany;
  readonly sap: SapBackOffice;
  readonly installation: InstallationId;
  /** Organizations whose customers may order. */
  readonly organizations: readonly number[];
  /** Products whose items may be sold, with the item's code. */
  readonly products: readonly { readonly id: number; readonly itemCode: string }[];
  /** SAP has our ledger table: row and order go in one change set. */
  readonly ledger: boolean;
  startWorker(options?: WorkerOptions): WorkerLike;
  /** Silent workers are found dead at once: their jobs, and the plans they were making, are free again. */
  giveUpSilentWorkers(): Promise<void>;
  /** What the app draws from now on is drawn from this seed. */
  reseed(seed: number): void;
  close(): Promise<void>;
}

export async function startHouse({ ledger = false }: { readonly ledger?: boolean } = {}): Promise<House> {
  const world = await startPracticeWorld();
  const data = buildCompanyData({ seed: 5, partners: 12, items: 16, orders: 0, invoices: 0, today: '2026-03-02' });
  const sap = world.sap.addCompany('NORDLICHT', data);
  const pipedrive = await world.pipedrive.addCompany({
    id: COMPANY,
    name: 'Nordlicht',
    domain: 'nordlicht',
    plan: 'ultimate',
    seats: 50,
    burstLimit: 'off',
    users: [
      { id: ADMIN, name: 'Anna Weber', email: 'anna@nordlicht.example', is_admin: true },
      { id: REP, name: 'Ben Kurz', email: 'ben@nordlicht.example' },
    ],
  });
  const company = await startCompanyApp(world, { slots: 'own' });
  await moveIn(company, ledger);
  const installation = await createTenantDirectory(company.database).findByCompany(String(COMPANY));
  if (!installation) throw new Error('The company is not installed.');

  const clock: Clock = { now: () => new Date(world.clock.now()) };
  let random = createRandom(1);
  let workers = 0;
  const admin = new pg.Pool({ connectionString: company.databaseUrl, max: 2 });
  admin.on('error', () => undefined);

  return {
    world,
    company,
    pipedrive,
    sap,
    installation,
    organizations: orderingOrganizations(pipedrive, sap),
    products: soldProducts(pipedrive, sap),
    ledger,
    startWorker({ stop, adapt } = {}) {
      workers += 1;
      const name = `worker ${workers}`;
      const database = stoppableDatabase(company.database, stop);
      const app = compose(readConfig(company.environment), {
        clock,
        random: () => random.next(),
        sleep: async (milliseconds) => world.clock.advance(milliseconds),
        // Leases and slow answers run on real time, which no seed can play again; they have tests of their own.
        slots: 'own',
        elapsed: () => 0,
        logger: silentLogger,
        registry: new Registry(),
        database: database.db,
        databaseUrl: `${company.databaseUrl}?application_name=${encodeURIComponent(name)}`,
        ...(adapt ? { adapt } : {}),
      });
      return {
        app,
        database,
        async cut() {
          await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
            name,
          ]);
        },
        async close() {
          await app.jobs.stop(1_000);
          await app.close();
        },
      };
    },
    async giveUpSilentWorkers() {
      await admin.query(`update cron_runs set claimed_until = claimed_until - interval '10 minutes'`);
      // A sign of life that was still under way when its worker died may arrive in between.
      for (let held = true; held; held = await someJobIsHeld(admin)) {
        await makeHoldersKnown(admin);
        await admin.query(`update worker_heartbeats set beat_at = beat_at - interval '10 minutes'`);
        await sweepWorkers(admin);
      }
      await freeSlots(createUnitOfWork(company.database), installation);
    },
    reseed(seed) {
      random = createRandom(seed);
    },
    async close() {
      await admin.end();
      await company.close();
      await world.close();
      assertContracts([...world.sap.log.all(), ...world.pipedrive.log.all()]);
    },
  };
}

/** A worker takes its first job and gives its first sign of life side by side: one that died in between counts too. */
async function makeHoldersKnown(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into worker_heartbeats (worker_id, beat_at)
     select distinct locked_by, clock_timestamp() from graphile_worker._private_jobs where locked_by is not null
     on conflict (worker_id) do nothing`,
  );
}

/** Nobody works while the dead are counted: whatever is held is theirs. */
async function someJobIsHeld(pool: pg.Pool): Promise<boolean> {
  const { rowCount } = await pool.query(
    'select from graphile_worker._private_jobs where locked_by is not null limit 1',
  );
  return rowCount !== 0;
}

/** What the dead have of SAP's slots would come back by itself, after as long as a lease lasts. */
async function freeSlots(unitOfWork: UnitOfWork, installation: InstallationId): Promise<void> {
  await unitOfWork.within(installation, async (tx) => {
    for (const table of ['erp_slots', 'erp_sign_ins']) await queriesOf(tx)(table).update({ lease_until: new Date(0) });
  });
}

async function moveIn(company: CompanyApp, ledger: boolean): Promise<void> {
  await company.install(COMPANY, ADMIN);
  await company.install(COMPANY, REP);
  await company.connect(COMPANY, ADMIN, 'NORDLICHT');
  await company.runJobs();
  const { body } = await company.api(COMPANY, ADMIN).get('/api/settings');
  if (body.firstLoad.streams.some((stream: { state: string }) => stream.state !== 'done'))
    throw new Error(`first load: ${JSON.stringify(body.findings)}`);
  if (ledger) await agreeToLedger(company);
  const switched = await company.api(COMPANY, ADMIN).post('/api/settings/handoff', { enabled: true });
  if (switched.status !== 200) throw new Error(`handoff: ${switched.status}`);
}

async function agreeToLedger(company: CompanyApp): Promise<void> {
  const body = { crmFields: true, erpField: true, erpLedger: true };
  const { status } = await company.api(COMPANY, ADMIN).post('/api/settings/consent', body);
  if (status !== 200) throw new Error(`consent: ${status}`);
  await company.runJobs();
}

function orderingOrganizations(pipedrive: PracticeCompany, sap: SapBackOffice): number[] {
  const ordering = new Set(
    sap
      .rows('BusinessPartners')
      .filter(
        (row) =>
          row['CardType'] === 'cCustomer' &&
          row['Frozen'] !== 'tYES' &&
          row['Valid'] !== 'tNO' &&
          ['EUR', '##'].includes(textOf(row, 'Currency')),
      )
      .map((row) => textOf(row, 'CardCode')),
  );
  return pipedrive
    .organizations()
    .filter((one) => ordering.has(String(pipedrive.fieldValue('organization', one, 'SAP code'))))
    .map((one) => one.id);
}

function soldProducts(pipedrive: PracticeCompany, sap: SapBackOffice): { id: number; itemCode: string }[] {
  const sold = new Set(
    sap
      .rows('Items')
      .filter((row) => row['SalesItem'] === 'tYES' && row['Frozen'] !== 'tYES' && row['Valid'] !== 'tNO')
      .map((row) => textOf(row, 'ItemCode')),
  );
  return pipedrive
    .products()
    .filter((one) => one.code !== null && sold.has(one.code))
    .map((one) => ({ id: one.id, itemCode: one.code ?? '' }));
}

/** For look-ups in the database as the app itself makes them. */
export function unitOfWorkOf(house: House) {
  return createUnitOfWork(house.company.database);
}

import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Finding } from '../../server/app/ports/finding-store.ts';
import type { EntityLink, LinkKind } from '../../server/app/ports/link-store.ts';
import type { Tx } from '../../server/app/ports/unit-of-work.ts';
import { createConnectionStore } from '../../server/db/connection-store.ts';
import { eraseInstallation } from '../../server/db/erase-installation.ts';
import { findingStore } from '../../server/db/finding-store.ts';
import { linkStore } from '../../server/db/link-store.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { createTenantDirectory } from '../../server/db/tenant-directory.ts';
import { createUnitOfWork, queriesOf } from '../../server/db/unit-of-work.ts';
import type { ConnectionId } from '../../server/kernel/ids.ts';
import { buildCompanyData } from '../practice/data/build-company-data.ts';
import { buildPipedriveData, type PipedriveData } from '../practice/data/pipedrive-data.ts';
import type { LoggedRequest } from '../practice/kernel/request-log.ts';
import type { Plan } from '../practice/pipedrive/options.ts';
import type { PracticeCompany } from '../practice/pipedrive/start.ts';
import type { SapBackOffice } from '../practice/sap/back-office.ts';
import type { CompanySettings } from '../practice/sap/company/settings.ts';
import { type CompanyApp, startCompanyApp } from './company-app.ts';
import { assertContracts } from './contract-recorder/contract-violations.ts';
import { type PracticeWorld, SAP_PASSWORD, SAP_USER, startPracticeWorld } from './practice-world.ts';

export const ADMIN = 11;
export const REP = 12;

export interface CompanyRequest {
  readonly id: number;
  readonly seed?: number;
  readonly partners?: number;
  readonly items?: number;
  readonly invoices?: number;
  readonly organizations?: number;
  readonly plan?: Plan;
  readonly seats?: number;
  readonly sapSettings?: Partial<CompanySettings>;
}

/** One customer on both sides, and a look into what the app keeps for it. */
export interface Customer {
  readonly id: number;
  readonly companyDb: string;
  readonly pipedrive: PracticeCompany;
  readonly sap: SapBackOffice;
  readonly data: PipedriveData;
  /** Installs for the admin and the rep, connects SAP and, unless told not to, agrees to the fields. No job is run yet. */
  setUp(options?: { readonly agree?: boolean }): Promise<void>;
  within<T>(work: (tx: Tx, connection: ConnectionId) => Promise<T>): Promise<T>;
  findings(): Promise<readonly Finding[]>;
  linkOf(kind: LinkKind, sapKey: string): Promise<EntityLink | undefined>;
  /** Rows that the app keeps of this company in a table; none for a company that never installed. */
  rows(table: string): Promise<readonly Record<string, unknown>[]>;
  /** What another integration of the company would do in SAP. @throws Error when SAP refuses */
  callSap(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: Record<string, unknown>): Promise<void>;
  /** API calls that this company's Pipedrive got while the work ran. */
  callsDuring(work: () => Promise<unknown>): Promise<readonly LoggedRequest[]>;
}

/** Several customers of one running app. */
export interface Companies {
  readonly world: PracticeWorld;
  readonly app: CompanyApp;
  add(request: CompanyRequest): Promise<Customer>;
  /** The app forgets all customers so far, without a call: what follows costs no work for them. */
  dismiss(): Promise<void>;
  /** As the next cron run five minutes from now, with all that follows from it. */
  syncAgain(): Promise<void>;
  /** @throws Error when anything that was sent is against the official descriptions */
  close(): Promise<void>;
}

export async function startCompanies(): Promise<Companies> {
  const world = await startPracticeWorld();
  const app = await startCompanyApp(world);
  const db = openDatabase({ url: app.databaseUrl });
  const unitOfWork = createUnitOfWork(db);
  const directory = createTenantDirectory(db);
  const connections = createConnectionStore({
    seal: noSecrets,
    open: noSecrets,
    createDataKey: noSecrets,
    destroyDataKey: noSecrets,
  });
  const present: number[] = [];

  async function add(request: CompanyRequest): Promise<Customer> {
    const { id, seed = id, partners = 10, items = 8, invoices = 20, organizations = 8 } = request;
    present.push(id);
    const companyDb = `NORD${id}`;
    const today = new Date(world.clock.now()).toISOString().slice(0, 10);
    const data = buildCompanyData({ seed, partners, items, orders: 2, invoices, today });
    const contacts = buildPipedriveData(data, { seed, organizations });
    const sap = world.sap.addCompany(companyDb, data, request.sapSettings ?? {});
    const pipedrive = await world.pipedrive.addCompany({
      id,
      name: `Nordlicht ${id}`,
      domain: `nordlicht-${id}`,
      plan: request.plan ?? 'premium',
      seats: request.seats ?? 5,
      burstLimit: 'off',
      users: [
        { id: ADMIN, name: 'Anna Weber', email: 'anna@nordlicht.example', is_admin: true },
        { id: REP, name: 'Ben Kurz', email: 'ben@nordlicht.example' },
      ],
      data: contacts,
    });
    app.localHosts.add(new URL(pipedrive.apiDomain).host);

    async function within<T>(work: (tx: Tx, connection: ConnectionId) => Promise<T>): Promise<T> {
      const installation = await directory.findByCompany(String(id));
      if (!installation) throw new Error(`Company ${id} has not installed the app.`);
      return unitOfWork.within(installation, async (tx) => {
        const [connection] = await connections.list(tx);
        if (!connection) throw new Error(`Company ${id} has no connection.`);
        return work(tx, connection.id);
      });
    }

    return {
      id,
      companyDb,
      pipedrive,
      sap,
      data: contacts,
      async setUp({ agree = true } = {}) {
        await app.install(id, ADMIN);
        await app.install(id, REP);
        if (agree) await app.connect(id, ADMIN, companyDb);
        else await signIn(id, companyDb);
      },
      within,
      async rows(table) {
        const installation = await directory.findByCompany(String(id));
        if (!installation) return [];
        return unitOfWork.within(installation, (tx) =>
          queriesOf(tx)(table).where({ installation_id: tx.installationId }).select('*'),
        );
      },
      findings: () => within((tx) => findingStore.listOpen(tx, 1_000)),
      linkOf: (kind, sapKey) => within((tx, connection) => linkStore.findBySapKey(tx, connection, kind, sapKey)),
      callSap: (method, path, body) => callSap(world, companyDb, { method, path, body }),
      async callsDuring(work) {
        const before = pipedrive.requests().length;
        await work();
        return pipedrive.requests().slice(before);
      },
    };
  }

  async function signIn(id: number, companyDb: string): Promise<void> {
    const connected = await app.api(id, ADMIN).post('/api/settings/sap/connection', {
      address: world.sap.url,
      companyDb,
      userName: SAP_USER,
      password: SAP_PASSWORD,
      confirmedFingerprints: [world.sap.fingerprint256],
      pastedPem: null,
      proxy: null,
    });
    if (connected.status !== 200) throw new Error(`connect: ${connected.status} ${JSON.stringify(connected.body)}`);
  }

  return {
    world,
    app,
    add,
    async dismiss() {
      for (const id of present.splice(0)) {
        const installation = await directory.findByCompany(String(id));
        if (installation) await unitOfWork.within(installation, eraseInstallation);
      }
    },
    syncAgain: () => app.runJobsFor(5 * 60_000),
    async close() {
      await db.destroy();
      await app.close();
      await world.close();
      assertContracts([...world.sap.log.all(), ...world.pipedrive.log.all()]);
    },
  };
}

async function callSap(
  { sap }: PracticeWorld,
  companyDb: string,
  call: { method: 'POST' | 'PATCH' | 'DELETE'; path: string; body: Record<string, unknown> | undefined },
): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: sap.certificatePem } });
  const send = (method: typeof call.method, path: string, body: unknown, cookie: string) =>
    request(`${sap.url}/b1s/v2/${path}`, {
      dispatcher,
      method,
      headers: { 'content-type': 'application/json', cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const login = await send('POST', 'Login', { CompanyDB: companyDb, UserName: SAP_USER, Password: SAP_PASSWORD }, '');
  const { SessionId } = z.object({ SessionId: z.string() }).parse(await login.body.json());
  const answer = await send(call.method, call.path, call.body, `B1SESSION=${SessionId}`);
  const text = await answer.body.text();
  await dispatcher.close();
  if (answer.statusCode >= 300) throw new Error(`${call.method} ${call.path}: ${text}`);
}

/** Rows without their secrets are all that is looked at here. */
async function noSecrets(): Promise<never> {
  throw new Error('Secrets are not opened here.');
}

/** Calls that change something in Pipedrive. */
export function writesIn(calls: readonly LoggedRequest[]): readonly LoggedRequest[] {
  return calls.filter(({ method }) => method !== 'GET');
}

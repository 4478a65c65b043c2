import { randomBytes } from 'node:crypto';
import { buildCompanyData } from '../data/build-company-data.ts';
import { buildPipedriveData } from '../data/pipedrive-data.ts';
import { createPracticeClock } from '../kernel/clock.ts';
import type { Plan } from '../pipedrive/options.ts';
import { type PracticeCompany, type PracticePipedrive, startPracticePipedrive } from '../pipedrive/start.ts';
import type { SapBackOffice } from '../sap/back-office.ts';
import { type PracticeSap, startPracticeSap } from '../sap/start.ts';
import { portNear } from './ports.ts';

export const COMPANY_ID = 730_001;
export const COMPANY_DB = 'NORDLICHT';
export const ADMIN = { id: 101, name: 'Anna Weber', email: 'anna.weber@nordlicht.example', is_admin: true };
export const REP = { id: 102, name: 'Ben Kurz', email: 'ben.kurz@nordlicht.example' };

/** Both sides of the furniture distributor, with passwords made for this run. */
export interface DemoWorld {
  readonly sap: PracticeSap;
  readonly office: SapBackOffice;
  readonly pipedrive: PracticePipedrive;
  readonly company: PracticeCompany;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly jwtSecret: string;
  readonly sapUser: string;
  readonly sapPassword: string;
  close(): Promise<void>;
}

export interface DemoOptions {
  readonly seed: number;
  readonly partners: number;
  readonly items: number;
  readonly organizations: number;
  /** Of the company in Pipedrive: they decide its daily tokens and how fast it may be called. */
  readonly plan: Plan;
  readonly seats: number;
}

const PORTS = { sap: 50_000, oauth: 4_001, company: 4_002 };

export async function startDemoWorld(options: DemoOptions, appUrl: string): Promise<DemoWorld> {
  const clock = createPracticeClock();
  const secret = () => randomBytes(24).toString('hex');
  const credentials = {
    clientId: 'orderline-practice',
    clientSecret: secret(),
    jwtSecret: secret(),
    sapUser: 'orderline',
    sapPassword: 'practice makes perfect',
  };
  const { clientId, clientSecret, jwtSecret, sapUser, sapPassword } = credentials;
  const sap = await startPracticeSap({
    clock,
    seed: options.seed,
    port: await portNear(PORTS.sap),
    users: [{ name: sapUser, password: sapPassword }],
  });
  const pipedrive = await startPracticePipedrive({
    clock,
    seed: options.seed,
    port: await portNear(PORTS.oauth),
    clientId,
    clientSecret,
    jwtSecret,
    appName: 'Orderline for SAP Business One',
    appCallbackUrl: `${appUrl}/oauth/callback`,
    installationUrl: `${appUrl}/oauth/install`,
    extensionUrls: { panel: `${appUrl}/panel`, settings: `${appUrl}/settings` },
  });
  const today = new Date(clock.now()).toISOString().slice(0, 10);
  const data = buildCompanyData({
    seed: options.seed,
    partners: options.partners,
    items: options.items,
    today,
    rich: true,
  });
  const office = sap.addCompany(COMPANY_DB, data);
  const company = await pipedrive.addCompany({
    id: COMPANY_ID,
    name: 'Nordlicht Büromöbel',
    domain: 'nordlicht',
    plan: options.plan,
    seats: options.seats,
    port: await portNear(PORTS.company),
    users: [ADMIN, REP],
    data: buildPipedriveData(data, { seed: options.seed, organizations: options.organizations }),
  });
  return {
    sap,
    office,
    pipedrive,
    company,
    ...credentials,
    async close() {
      await sap.close();
      await pipedrive.close();
    },
  };
}

import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ErpCaller } from '../../../server/app/ports/erp.ts';
import type {
  ErpAccessStore,
  FilledSlot,
  RefusedCertificate,
  StoredErpAccess,
} from '../../../server/app/ports/erp-access.ts';
import { NotFoundError } from '../../../server/kernel/errors.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { createErp, type ErpDeps } from '../../../server/sap/erp.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { buildCompanyData } from '../../practice/data/build-company-data.ts';
import { createPracticeClock } from '../../practice/kernel/clock.ts';
import { createRandom } from '../../practice/kernel/random.ts';
import { createRequestLog, type LoggedRequest } from '../../practice/kernel/request-log.ts';
import { type PracticeSapOptions, startPracticeSap } from '../../practice/sap/start.ts';
import { checkSapRequest } from '../../support/contract-recorder/sap-requests.ts';
import { pinnedTo } from '../../support/trust.ts';

export const COMPANY = 'NORDLICHT';
export const TODAY = '2026-03-04';

/** A practice SAP with one small company, on a clock that moves when told. All it is asked is held against the contracts. */
export async function startSap(
  options: Partial<PracticeSapOptions> = {},
  more: Pick<Parameters<typeof buildCompanyData>[0], 'rich'> = {},
) {
  const clock = createPracticeClock({ start: Date.parse(`${TODAY}T09:00:00Z`), frozen: true });
  const log = createRequestLog();
  const sent: LoggedRequest[] = [];
  const add = (entry: LoggedRequest) => {
    sent.push(entry);
    log.add(entry);
  };
  const sap = await startPracticeSap({ clock, log: { ...log, add }, ...options });
  const data = buildCompanyData({ seed: 7, partners: 40, items: 30, orders: 5, invoices: 60, today: TODAY, ...more });
  const office = sap.addCompany(COMPANY, data);
  return {
    sap,
    clock,
    office,
    /** @throws when one of all the requests sent was not what the official description allows */
    async close() {
      await sap.close();
      expect([...new Set(sent.flatMap(checkSapRequest))]).toEqual([]);
    },
  };
}

export interface Books {
  access: StoredErpAccess;
  refusals: number;
  accepted: number;
  sessionsRefused: number;
  sessionsAccepted: number;
  /** Disconnected by another process. */
  gone: boolean;
  readonly refused: RefusedCertificate[];
  readonly filled: FilledSlot[];
}

export type Sap = Awaited<ReturnType<typeof startSap>>;

/** Any server that shows a certificate. */
export interface Server {
  readonly url: string;
  readonly certificatePem: string;
}

/** Our client against a practice SAP. */
export function connectErp(
  { sap, clock }: Pick<Sap, 'sap' | 'clock'>,
  changes: Partial<StoredErpAccess> = {},
  deps: Partial<ErpDeps> = {},
) {
  return connectTo(sap, changes, { clock: { now: () => new Date(clock.now()) }, ...deps });
}

/** Our client against any server, with the connection's books held in memory. */
export function connectTo(server: Server, changes: Partial<StoredErpAccess> = {}, deps: Partial<ErpDeps> = {}) {
  const books: Books = {
    access: {
      address: `${server.url}/b1s/v2`,
      companyDb: COMPANY,
      userName: 'manager',
      password: createSecret('manager'),
      trust: pinnedTo(server.certificatePem),
      proxy: null,
      localCurrency: 'EUR',
      timeZone: 'Europe/Berlin',
      version: '1',
      refusedPasswords: 0,
      ...changes,
    },
    refusals: 0,
    accepted: 0,
    sessionsRefused: 0,
    sessionsAccepted: 0,
    gone: false,
    refused: [],
    filled: [],
  };
  const store: ErpAccessStore = {
    async load() {
      if (books.gone) throw new NotFoundError('SAP is not connected.');
      return { ...books.access, refusedPasswords: books.refusals };
    },
    async passwordRefused() {
      books.refusals += 1;
      return books.refusals;
    },
    async passwordAccepted() {
      books.accepted += 1;
      books.refusals = 0;
    },
    async sessionRefused() {
      books.sessionsRefused += 1;
    },
    async sessionAccepted() {
      books.sessionsAccepted += 1;
    },
    async certificateRefused(_installation, _connection, seen) {
      books.refused.push(seen);
    },
    async certificateFilled(_installation, _connection, slot) {
      books.filled.push(slot);
    },
  };
  const random = createRandom(3);
  const erp = createErp({
    clock: { now: () => new Date(`${TODAY}T09:00:00Z`) },
    random: () => random.next(),
    logger: silentLogger,
    network: 'loopback',
    access: store,
    sleep: async () => undefined,
    ...deps,
  });
  const caller: ErpCaller = {
    installationId: installationId(randomUUID()),
    connectionId: connectionId(randomUUID()),
    priority: 'person',
    signal: new AbortController().signal,
  };
  return { erp, books, caller };
}

/** Somebody else's client: makes a record in SAP behind our back. */
export async function postToSap({ sap }: Pick<Sap, 'sap'>, set: string, body: Record<string, unknown>): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: sap.certificatePem } });
  const send = (target: string, content: unknown, cookie = '') =>
    request(`${sap.url}/b1s/v2/${target}`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(content),
    });
  const login = await send('Login', { CompanyDB: COMPANY, UserName: 'manager', Password: 'manager' });
  const { SessionId } = z.object({ SessionId: z.string() }).parse(await login.body.json());
  const made = await send(set, body, `B1SESSION=${SessionId}`);
  if (made.statusCode !== 201) throw new Error(await made.body.text());
  await made.body.dump();
  await dispatcher.close();
}

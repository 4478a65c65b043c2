import { createTokenAccounting } from '../../../server/app/access/token-accounting.ts';
import type { Crm, CrmCaller } from '../../../server/app/ports/crm.ts';
import type { GateBooks } from '../../../server/app/ports/crm-gate.ts';
import { makeReadTokenDay } from '../../../server/app/token-budget.ts';
import { createGateBooks } from '../../../server/db/crm-gate.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { tokenLedger } from '../../../server/db/token-ledger.ts';
import { allOf, type BudgetFacts, type TokenDay, type TokenPurpose } from '../../../server/domain/token-budget.ts';
import type { Clock } from '../../../server/kernel/clock.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { createPipedrive } from '../../../server/pipedrive/create-pipedrive.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { createPracticeClock, type MovablePracticeClock } from '../../practice/kernel/clock.ts';
import type { CompanySeed } from '../../practice/pipedrive/options.ts';
import {
  type PracticeCompany,
  type PracticePipedrive,
  startPracticePipedrive,
} from '../../practice/pipedrive/start.ts';
import { assertContracts } from '../../support/contract-recorder/contract-violations.ts';
import { freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, tenantWorld } from '../../support/tenants.ts';
import { ADMIN, CALLBACK, codeFor, grantOf, memoryGrants } from './bench.ts';

/** A company with its budget in the practice Pipedrive, and processes of the app that share one database. */
export interface TokenRig {
  readonly clock: MovablePracticeClock;
  readonly practice: PracticePipedrive;
  readonly company: PracticeCompany;
  readonly tenant: Tenant;
  /** Another installation; the practice company answers for it all the same. */
  addTenant(): Promise<Tenant>;
  /** Another process: its own memory, the same database. */
  addProcess(): Crm;
  caller(purpose: TokenPurpose): CrmCaller;
  day(): Promise<TokenDay>;
  facts(): Promise<BudgetFacts>;
  /** Booked by the app since then, whatever day it was. */
  spentSince(since: Date): Promise<number>;
  /** Requests to the company's API so far. */
  requests(): number;
  close(): Promise<void>;
}

export interface TokenRigOptions {
  readonly start?: string;
  readonly timeZone?: string;
  readonly data?: CompanySeed;
  /** Calls in two seconds; the clock moves only when a test or a wait moves it. */
  readonly burstLimit?: number | 'off';
  /** Told of every question to the book that the processes share. */
  readonly onBook?: () => void;
}

export async function startTokenRig(options: TokenRigOptions = {}): Promise<TokenRig> {
  const clock = createPracticeClock({ start: Date.parse(options.start ?? '2026-03-02T05:00:00Z'), frozen: true });
  const appClock: Clock = { now: () => new Date(clock.now()) };
  const practice = await startPracticePipedrive({
    clock,
    seed: 11,
    clientId: 'client',
    clientSecret: 'client-secret',
    appCallbackUrl: CALLBACK,
  });
  const company = await practice.addCompany({
    id: 501,
    name: 'Acme GmbH',
    domain: 'acme',
    plan: 'lite',
    seats: 1,
    users: [{ id: ADMIN, name: 'Ada Admin', email: 'ada@example.com', is_admin: true }],
    data: options.data ?? {},
    burstLimit: options.burstLimit ?? 'off',
    ...(options.timeZone && { budgetTimeZone: options.timeZone }),
  });
  const database = await freshDatabase();
  const { unitOfWork, addTenant } = tenantWorld(database.db);
  const tenant = await addTenant();
  const grants = memoryGrants();
  const closing: (() => Promise<void>)[] = [];

  const books = createGateBooks(unitOfWork, appClock);
  const gateBooks: GateBooks = {
    holdMs: books.holdMs,
    change(id, step) {
      options.onBook?.();
      return books.change(id, step);
    },
  };

  const create = () => {
    const deps = { clock: appClock, unitOfWork, ledger: tokenLedger, findings: findingStore };
    const made = createPipedrive({
      clock: appClock,
      random: () => 0.5,
      sleep: async (milliseconds, signal) => {
        signal.throwIfAborted();
        clock.advance(milliseconds);
      },
      elapsed: () => clock.now(),
      logger: silentLogger,
      clientId: 'client',
      clientSecret: createSecret('client-secret'),
      oauthUrl: practice.oauthUrl,
      domain: 'pipedrive.com',
      localHosts: new Set(practice.localHosts().split(',')),
      grants,
      ledger: createTokenAccounting(deps),
      gateBooks,
    });
    closing.push(made.close);
    return made;
  };
  const { oauth } = create();
  grants.put(grantOf(ADMIN, await oauth.exchangeCode(codeFor(practice, ADMIN), CALLBACK, AbortSignal.timeout(10_000))));

  const readTokenDay = makeReadTokenDay({ clock: appClock, ledger: tokenLedger });
  return {
    clock,
    practice,
    company,
    tenant,
    addTenant,
    addProcess: () => create().crm,
    caller: (purpose) => ({ installationId: tenant.id, as: 'service', purpose, signal: AbortSignal.timeout(60_000) }),
    day: () => tenant.within((tx) => readTokenDay(tx)),
    facts: () => tenant.within((tx) => tokenLedger.findFacts(tx)),
    spentSince: async (since) => allOf(await tenant.within((tx) => tokenLedger.spentSince(tx, since))),
    requests: () => company.requests().length,
    async close() {
      await Promise.all(closing.map((close) => close()));
      await practice.close();
      await database.drop();
      assertContracts(practice.log.all());
    },
  };
}

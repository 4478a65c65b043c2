import type { Crm, CrmCaller, CrmOAuth, TokenAnswer } from '../../../server/app/ports/crm.ts';
import type { CrmGrant, GrantAccess, TokenAccounting } from '../../../server/app/ports/crm-access.ts';
import type { ShutReason } from '../../../server/domain/crm-gate.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { createPipedrive, type Pipedrive } from '../../../server/pipedrive/create-pipedrive.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { createPracticeClock, type MovablePracticeClock } from '../../practice/kernel/clock.ts';
import type { CompanySeed } from '../../practice/pipedrive/options.ts';
import {
  type PracticeCompany,
  type PracticePipedrive,
  startPracticePipedrive,
} from '../../practice/pipedrive/start.ts';
import { assertContracts } from '../../support/contract-recorder/contract-violations.ts';

export const INSTALLATION = installationId('0b1f7d9e-6f3a-4b57-9f0e-2f6f0d0c1a11');
export const ADMIN = 11;
export const REP = 12;
export const CALLBACK = 'http://127.0.0.1:9/oauth/callback';

/** Grants in memory, with one lock a grant as the row lock over all processes is. */
export interface MemoryGrants extends GrantAccess {
  put(grant: CrmGrant): void;
  get(userId: number): CrmGrant | undefined;
  readonly refused: Set<number>;
  readonly doubts: ReadonlyMap<number, number>;
  /** So many refreshes cannot be stored. @returns how many of them are left */
  failCommits(times: number): () => number;
  /** How often a row was locked for a refresh. */
  locked(): number;
}

export function memoryGrants(): MemoryGrants {
  const grants = new Map<number, CrmGrant>();
  const refused = new Set<number>();
  const locks = new Map<number, Promise<unknown>>();
  const doubts = new Map<number, number>();
  let lockings = 0;
  let failing = 0;
  const alive = (userId: number) => (refused.has(userId) ? undefined : grants.get(userId));

  return {
    refused,
    doubts,
    failCommits(times) {
      failing = times;
      return () => failing;
    },
    put: (grant) => {
      refused.delete(grant.userId);
      grants.set(grant.userId, grant);
    },
    get: (userId) => grants.get(userId),
    locked: () => lockings,
    async load(_installation, as) {
      if (as !== 'service') return alive(as);
      const alike = [...grants.keys()].sort((one, other) => (doubts.get(one) ?? 0) - (doubts.get(other) ?? 0));
      return alike.map(alive).find((grant) => grant !== undefined);
    },
    async refreshLocked(_installation, userId, work) {
      lockings += 1;
      const before = locks.get(userId) ?? Promise.resolve();
      const mine = before.then(async () => {
        const current = alive(userId);
        if (!current) return undefined;
        const outcome = await work(current);
        if (outcome === 'keep') return current;
        if (outcome === 'refused') {
          refused.add(userId);
          return undefined;
        }
        if (outcome === 'doubtful') {
          doubts.set(userId, (doubts.get(userId) ?? 0) + 1);
          return 'doubtful';
        }
        if (failing > 0) {
          failing -= 1;
          throw new UnavailableError('The database does not answer.');
        }
        const moved = outcome.apiDomain !== current.apiDomain;
        const renewed = { ...grantOf(userId, outcome), provenAt: moved ? null : current.provenAt };
        grants.set(userId, renewed);
        return renewed;
      });
      locks.set(
        userId,
        mine.catch(() => undefined),
      );
      return mine;
    },
    async settleProof(_installation, grant, { companyId }) {
      if (companyId !== grant.companyId) {
        refused.add(grant.userId);
        return undefined;
      }
      const proven = { ...grant, provenAt: NEVER_DUE };
      grants.set(grant.userId, proven);
      doubts.delete(grant.userId);
      return proven;
    },
    async doubt(_installation, userId) {
      doubts.set(userId, (doubts.get(userId) ?? 0) + 1);
    },
  };
}

/** These tests move their clock as they like; that a proof falls due is tested with the real stores. */
const NEVER_DUE = new Date('9000-01-01T00:00:00Z');
const COMPANY = '501';

export function grantOf(userId: number, tokens: TokenAnswer): CrmGrant {
  return {
    userId,
    kind: 'oauth',
    accessToken: createSecret(tokens.accessToken),
    refreshToken: createSecret(tokens.refreshToken),
    expiresAt: tokens.expiresAt,
    apiDomain: tokens.apiDomain,
    companyId: COMPANY,
    provenAt: NEVER_DUE,
  };
}

export interface MemoryLedger extends TokenAccounting {
  readonly charges: { purpose: string; operation: string; tokens: number }[];
  readonly days: { limit: number; remaining: number }[];
  readonly shutOuts: Date[];
  readonly letIns: ShutReason[];
  refuseUntil: Date | undefined;
}

export function memoryLedger(): MemoryLedger {
  const ledger: MemoryLedger = {
    charges: [],
    days: [],
    shutOuts: [],
    letIns: [],
    refuseUntil: undefined,
    async maySpend() {
      return ledger.refuseUntil ? { ok: false, retryAt: ledger.refuseUntil } : { ok: true };
    },
    async charge(_installation, purpose, operation, tokens) {
      ledger.charges.push({ purpose, operation, tokens });
    },
    async saw(_installation, { day }) {
      if (day) ledger.days.push(day);
    },
    async shutOut(_installation, until) {
      ledger.shutOuts.push(until);
    },
    async letIn(_installation, { reason }) {
      ledger.letIns.push(reason);
    },
  };
  return ledger;
}

export interface Bench {
  readonly clock: MovablePracticeClock;
  readonly practice: PracticePipedrive;
  readonly company: PracticeCompany;
  readonly grants: MemoryGrants;
  readonly ledger: MemoryLedger;
  readonly crm: Pipedrive['crm'];
  readonly oauth: CrmOAuth;
  /** Milliseconds of every wait that the client asked for; none is really waited. */
  readonly waits: number[];
  /** Another process of the app on the same database. */
  secondProcess(): Crm;
  /** Lets a user install the app and keeps the grant. */
  install(userId: number): Promise<CrmGrant>;
  caller(as?: 'service' | number, purpose?: CrmCaller['purpose'], signal?: AbortSignal): CrmCaller;
  close(): Promise<void>;
}

/** One company in the practice Pipedrive, and the client in front of it, on one clock that stands still. */
export async function startBench(data: CompanySeed = {}): Promise<Bench> {
  const clock = createPracticeClock({ start: Date.parse('2026-03-02T09:00:00Z'), frozen: true });
  const practice = await startPracticePipedrive({
    clock,
    seed: 7,
    clientId: 'client',
    clientSecret: 'client-secret',
    appCallbackUrl: CALLBACK,
  });
  const users = [
    { id: ADMIN, name: 'Ada Admin', email: 'ada@example.com', is_admin: true },
    { id: REP, name: 'Rolf Rep', email: 'rolf@example.com' },
  ];
  const company = await practice.addCompany({
    id: 501,
    name: 'Acme GmbH',
    domain: 'acme',
    users,
    data,
    seats: 1,
    burstLimit: 'off',
  });
  const grants = memoryGrants();
  const ledger = memoryLedger();
  const waits: number[] = [];
  const closing: (() => Promise<void>)[] = [];
  const create = () => {
    const made = createPipedrive({
      clock: { now: () => new Date(clock.now()) },
      random: () => 0.5,
      sleep: async (milliseconds, signal) => {
        signal.throwIfAborted();
        waits.push(milliseconds);
        clock.advance(milliseconds);
      },
      logger: silentLogger,
      clientId: 'client',
      clientSecret: createSecret('client-secret'),
      oauthUrl: practice.oauthUrl,
      domain: 'pipedrive.com',
      localHosts: new Set(practice.localHosts().split(',')),
      grants,
      ledger,
    });
    closing.push(made.close);
    return made;
  };
  const { crm, oauth } = create();

  return {
    clock,
    practice,
    company,
    grants,
    ledger,
    crm,
    oauth,
    waits,
    secondProcess: () => create().crm,
    async install(userId) {
      const tokens = await oauth.exchangeCode(codeFor(practice, userId), CALLBACK, AbortSignal.timeout(10_000));
      const grant = grantOf(userId, tokens);
      grants.put(grant);
      return grant;
    },
    caller: (as = 'service', purpose = 'person', signal = AbortSignal.timeout(20_000)) => ({
      installationId: INSTALLATION,
      as,
      purpose,
      signal,
    }),
    async close() {
      await Promise.all(closing.map((close) => close()));
      await practice.close();
      assertContracts(practice.log.all());
    },
  };
}

export function codeFor(practice: PracticePipedrive, userId: number): string {
  const authorize = new URL('/oauth/authorize', practice.oauthUrl);
  authorize.searchParams.set('client_id', 'client');
  authorize.searchParams.set('redirect_uri', CALLBACK);
  return new URL(practice.consent(authorize.href, { userId })).searchParams.get('code') ?? '';
}

/** Requests to the token endpoint so far. */
export function tokenRequests(practice: PracticePipedrive): number {
  return practice.log.all().filter((entry) => entry.path.startsWith('/oauth/token')).length;
}

/** Requests to the company's API since that mark of the log. */
export function apiRequests(practice: PracticePipedrive, mark = 0): string[] {
  return practice.log
    .since(mark)
    .filter((entry) => entry.path.startsWith('/api/'))
    .map((entry) => `${entry.method} ${entry.path} ${entry.status}`);
}

import type { Crm, CrmCaller, CrmOAuth, TokenAnswer } from '../../../server/app/ports/crm.ts';
import type { CrmGrant, GrantAccess, TokenAccounting } from '../../../server/app/ports/crm-access.ts';
import { installationId } from '../../../server/kernel/ids.ts';
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

export const INSTALLATION = installationId('0b1f7d9e-6f3a-4b57-9f0e-2f6f0d0c1a11');
export const ADMIN = 11;
export const REP = 12;
export const CALLBACK = 'http://127.0.0.1:9/oauth/callback';

/** Grants in memory, with one lock a grant as the row lock over all processes is. */
export interface MemoryGrants extends GrantAccess {
  put(grant: CrmGrant): void;
  get(userId: number): CrmGrant | undefined;
  readonly refused: Set<number>;
  /** How often a row was locked for a refresh. */
  locked(): number;
}

export function memoryGrants(): MemoryGrants {
  const grants = new Map<number, CrmGrant>();
  const refused = new Set<number>();
  const locks = new Map<number, Promise<unknown>>();
  let lockings = 0;
  const alive = (userId: number) => (refused.has(userId) ? undefined : grants.get(userId));

  return {
    refused,
    put: (grant) => {
      refused.delete(grant.userId);
      grants.set(grant.userId, grant);
    },
    get: (userId) => grants.get(userId),
    locked: () => lockings,
    async load(_installation, as) {
      if (as !== 'service') return alive(as);
      return [...grants.keys()].map(alive).find((grant) => grant !== undefined);
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
        const renewed = grantOf(userId, outcome);
        grants.set(userId, renewed);
        return renewed;
      });
      locks.set(
        userId,
        mine.catch(() => undefined),
      );
      return mine;
    },
  };
}

export function grantOf(userId: number, tokens: TokenAnswer): CrmGrant {
  return {
    userId,
    accessToken: createSecret(tokens.accessToken),
    refreshToken: createSecret(tokens.refreshToken),
    expiresAt: tokens.expiresAt,
    apiDomain: tokens.apiDomain,
  };
}

export interface MemoryLedger extends TokenAccounting {
  readonly charges: { purpose: string; operation: string; tokens: number }[];
  readonly days: { limit: number; remaining: number }[];
  refuseUntil: Date | undefined;
}

export function memoryLedger(): MemoryLedger {
  const ledger: MemoryLedger = {
    charges: [],
    days: [],
    refuseUntil: undefined,
    async maySpend() {
      return ledger.refuseUntil ? { ok: false, retryAt: ledger.refuseUntil } : { ok: true };
    },
    async charge(_installation, purpose, operation, tokens) {
      ledger.charges.push({ purpose, operation, tokens });
    },
    async saw(_installation, day) {
      ledger.days.push(day);
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
  readonly crm: Crm;
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

import { randomBytes, randomUUID } from 'node:crypto';
import type { CrmCaller } from '../../../server/app/ports/crm.ts';
import type { CrmGrant, GrantAccess, TokenAccounting } from '../../../server/app/ports/crm-access.ts';
import type { Secret } from '../../../server/app/ports/secrets.ts';
import { after, type Clock, systemClock } from '../../../server/kernel/clock.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { realSleep, type Sleep } from '../../../server/net/sleep.ts';
import type { TrustedHosts } from '../../../server/pipedrive/api-domain.ts';
import { createPipedrive } from '../../../server/pipedrive/create-pipedrive.ts';
import { operation } from '../../../server/pipedrive/operations.ts';
import { createTransport } from '../../../server/pipedrive/transport.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { createFacts } from './facts.ts';
import { createRawClient, type RawAccess } from './raw-client.ts';
import type { Scene, SceneOptions } from './scene.ts';
import { createSpent, type Spent } from './spent.ts';
import { type AppCredentials, createTokenQuestions } from './token-questions.ts';

export interface SceneAccess extends RawAccess {
  readonly trusted: TrustedHosts;
  /** The registered app's, for the questions about its tokens. */
  readonly app: AppCredentials | null;
}

export interface OpenedScene {
  readonly scene: Scene;
  /** Ends all connections. */
  close(): Promise<void>;
}

const A_DAY_MS = 86_400_000;
const ASK_MS = 30_000;

/** @throws {AppError} where Pipedrive does not take the token, or does not answer */
export async function openScene(
  access: SceneAccess,
  options: SceneOptions,
  deps: { readonly clock?: Clock; readonly sleep?: Sleep; readonly signal: AbortSignal },
): Promise<OpenedScene> {
  const { clock = systemClock, sleep = realSleep, signal } = deps;
  const spent = createSpent();
  const transport = createTransport();
  const book: { grant?: CrmGrant } = {};
  const pipedrive = createPipedrive({
    clock,
    sleep,
    random: Math.random,
    logger: silentLogger,
    clientId: '',
    clientSecret: createSecret(''),
    oauthUrl: '',
    ...access.trusted,
    grants: grantsOf(book),
    ledger: ledgerOf(spent),
  });
  const { apiDomain, kind, token } = access;
  const close = async () => {
    await pipedrive.close();
    await transport.close();
  };
  try {
    spent.book(operation('getMe').cost);
    const me = await pipedrive.oauth.identify(apiDomain, token.reveal(), AbortSignal.timeout(ASK_MS), kind);
    book.grant = grantOf(access, me, clock.now());
    const caller: CrmCaller = {
      installationId: installationId(randomUUID()),
      as: 'service',
      purpose: 'person',
      signal,
    };
    const raw = createRawClient(access, { transport, sleep, spent });
    const { crm } = pipedrive;
    const run = randomBytes(4).toString('hex');
    let made = 0;
    const scene: Scene = {
      crm,
      caller,
      raw,
      me,
      apiDomain,
      options,
      facts: createFacts(crm, caller),
      spent,
      sleep,
      left: [],
      newName: () => {
        made += 1;
        return `Orderline contract suite ${run}-${made}`;
      },
      tokens: access.app && createTokenQuestions(access.app, transport, spent),
    };
    return { scene, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function grantOf(
  { apiDomain, kind, token }: { apiDomain: string; kind: CrmGrant['kind']; token: Secret },
  me: { readonly userId: number; readonly companyId: string },
  now: Date,
): CrmGrant {
  return {
    userId: me.userId,
    kind,
    accessToken: token,
    refreshToken: createSecret(''),
    // How long it is good for is not known; a token that has run out is refused.
    expiresAt: after(now, A_DAY_MS),
    apiDomain,
    companyId: me.companyId,
    provenAt: now,
  };
}

/** The one token of the run: never refreshed, never stored. */
function grantsOf(book: { readonly grant?: CrmGrant }): GrantAccess {
  let refused = false;
  return {
    load: async () => (refused ? undefined : book.grant),
    async refreshLocked() {
      refused = true;
      return undefined;
    },
    settleProof: async (_installation, grant) => grant,
    doubt: async () => undefined,
  };
}

/** Counts, and allows everything: the suite is small beside any day. */
function ledgerOf(spent: Spent): TokenAccounting {
  return {
    maySpend: async () => ({ ok: true }),
    charge: async (_installation, _purpose, _operation, tokens) => spent.book(tokens),
    saw: async () => undefined,
    shutOut: async () => undefined,
    letIn: async () => undefined,
  };
}

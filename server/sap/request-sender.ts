import type { ErpCaller } from '../app/ports/erp.ts';
import type { ErpAccessStore, StoredErpAccess } from '../app/ports/erp-access.ts';
import type { ErpSlots } from '../app/ports/erp-slots.ts';
import { NotFoundError, ReauthRequiredError, UnavailableError } from '../kernel/errors.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import { parseAddress } from './address.ts';
import { companyFor, type SapCompany, toHttp } from './company.ts';
import { type LiveConnection, openConnection, type SapWorld } from './live-connection.ts';
import { signInFailure } from './refusals.ts';
import type { SapSession } from './session.ts';
import type { SignedIn } from './sign-in.ts';
import { createSignInTurns } from './sign-in-turns.ts';
import { createOwnSlots, createSharedSlots, type SlotLimiter } from './slots.ts';
import type { CertificateFault } from './trust.ts';

export interface RequestSender {
  /** @throws {ReauthRequiredError} without a request, when SAP has refused the password often enough */
  open(caller: ErpCaller): Promise<SapCompany>;
  /** Logs out as well as it can, forgets the session and cuts the sockets. */
  close(connectionId: ConnectionId): Promise<void>;
  /** The same for all, when the process ends. */
  closeAll(): Promise<void>;
}

export interface RequestSenderDeps {
  readonly world: SapWorld;
  readonly access: ErpAccessStore;
  /** Undefined: this process is alone. */
  readonly slots: ErpSlots | undefined;
  readonly logger: Logger;
}

interface Kept {
  readonly live: LiveConnection;
  readonly access: StoredErpAccess;
  readonly installationId: string;
}

const LOGOUT_LIMIT_MS = 3_000;
/** Refused sign-ins after which a person has to act: SAP locks a user after a few more. */
const REFUSALS_ALLOWED = 2;
/** Sessions in a row that SAP gave and did not know, after which a person is told. */
const FRUITLESS_REPORTED = 3;

export function createRequestSender({ world, access: store, slots, logger }: RequestSenderDeps): RequestSender {
  const connections = new Map<ConnectionId, Kept>();
  const turns = createSignInTurns(slots, world.startTimer);

  return {
    async open(caller) {
      const access = await loadAccess(caller);
      if (access.refusedPasswords >= REFUSALS_ALLOWED) throw passwordNeeded(access.userName);
      const live = await liveFor(caller, access);
      return companyFor(world, live, access, caller, (fault) => reportCertificate(caller, live, access.version, fault));
    },
    close,
    closeAll: async () => {
      await Promise.all([...connections.keys()].map(close));
    },
  };

  async function close(connectionId: ConnectionId): Promise<void> {
    const kept = connections.get(connectionId);
    connections.delete(connectionId);
    if (!kept) return;
    const { live } = kept;
    await logOut(live, live.sessions.take(), connectionId);
    await live.destroy();
    // Where the database is gone too, the lease ends by itself.
    await live.limiter.close().catch(() => undefined);
  }

  /** Another process may have disconnected: then this one's session ends as well. */
  async function loadAccess({ installationId, connectionId }: ErpCaller): Promise<StoredErpAccess> {
    try {
      return await store.load(installationId, connectionId);
    } catch (error) {
      if (error instanceof NotFoundError && connections.get(connectionId)?.installationId === installationId) {
        await close(connectionId);
      }
      throw error;
    }
  }

  /** Sockets and session belong to one access setting: after any change the old ones are cut before anything is sent. */
  async function liveFor(caller: ErpCaller, access: StoredErpAccess): Promise<LiveConnection> {
    const { installationId, connectionId } = caller;
    const kept = connections.get(connectionId);
    if (kept && kept.access.version === access.version && kept.installationId === installationId) return kept.live;
    const limiter = kept?.installationId === installationId ? kept.live.limiter : limiterFor(caller);
    const live = openConnection(world, access, limiter, {
      aroundSignIn: (attempt) => turns.take(caller, () => countedSignIn(caller, access.version, attempt)),
      onFilledSlot: (slot) => store.certificateFilled(installationId, connectionId, slot),
      onFruitless: (times) => reportFruitless(caller, times),
      onProved: () => report(store.sessionAccepted(installationId, connectionId)),
    });
    connections.set(connectionId, { live, access, installationId });
    if (kept) await leave(kept, live, access, caller);
    return live;
  }

  /**
   * The old session is ended too. On the same server over the new sockets, since what was trusted before may be trusted no
   * more; on another one over the old sockets, which are then the only way there.
   */
  async function leave(
    old: Kept,
    live: LiveConnection,
    access: StoredErpAccess,
    { installationId, connectionId }: ErpCaller,
  ): Promise<void> {
    // Ids are given once, so that this is a mistake somewhere: nothing of one installation goes out for another.
    const session = old.installationId === installationId ? old.live.sessions.take() : undefined;
    if (originOf(old.access) === originOf(access)) {
      await old.live.destroy();
      void logOut(live, session, connectionId);
    } else {
      void logOut(old.live, session, connectionId).then(() => old.live.destroy());
    }
  }

  function originOf({ address }: StoredErpAccess): string {
    return parseAddress(address, world).origin;
  }

  function limiterFor({ installationId, connectionId }: ErpCaller): SlotLimiter {
    return slots ? createSharedSlots({ ...world, slots, installationId, connectionId }) : createOwnSlots();
  }

  async function countedSignIn(
    caller: ErpCaller,
    version: string,
    attempt: () => Promise<SignedIn>,
  ): Promise<SignedIn> {
    const { installationId, connectionId } = caller;
    // Read again: another process, or an earlier attempt here, may have used up what is allowed.
    const current = await store.load(installationId, connectionId);
    const { userName, refusedPasswords } = current;
    // A person has changed the access while a call was under way: what was before is not sent any more, to no server.
    if (current.version !== version) throw new UnavailableError('The access to SAP has just been changed.');
    if (refusedPasswords >= REFUSALS_ALLOWED) throw passwordNeeded(userName);
    try {
      const signedIn = await attempt();
      if (refusedPasswords > 0) await store.passwordAccepted(installationId, connectionId, version);
      return signedIn;
    } catch (error) {
      throw await signInFailure(error, userName, async () => {
        logger.warn('SAP refused the sign-in', { installationId, connectionId });
        return (await store.passwordRefused(installationId, connectionId, version)) >= REFUSALS_ALLOWED;
      });
    }
  }

  async function logOut(live: LiveConnection, session: SapSession | undefined, id: ConnectionId): Promise<void> {
    if (!session) return;
    const signal = AbortSignal.timeout(LOGOUT_LIMIT_MS);
    const request = { ...toHttp(session, { method: 'POST', target: 'Logout' }), limitMs: LOGOUT_LIMIT_MS, signal };
    await live.limiter
      .run('lookup', signal, () => live.look(request))
      .catch(() => {
        logger.info('SAP session ends by itself: the logout was not answered', { connectionId: id });
      });
  }

  function reportFruitless({ installationId, connectionId }: ErpCaller, times: number): void {
    logger.warn('SAP gave a session and then did not know it', { installationId, connectionId, times });
    if (times >= FRUITLESS_REPORTED) report(store.sessionRefused(installationId, connectionId));
  }

  /** What is only told is not waited for. */
  function report(told: Promise<void>): void {
    told.catch((error: unknown) => logger.error('The state of a connection could not be kept', error));
  }

  async function reportCertificate(
    { installationId, connectionId }: ErpCaller,
    live: LiveConnection,
    version: string,
    fault: CertificateFault,
  ): Promise<void> {
    const fingerprint = live.refusedCertificate();
    logger.warn('The certificate of the SAP server was refused', { installationId, connectionId, fault });
    if (fingerprint) await store.certificateRefused(installationId, connectionId, { fingerprint, fault }, version);
  }
}

function passwordNeeded(userName: string): ReauthRequiredError {
  return new ReauthRequiredError(
    'sap',
    `SAP refuses the sign-in of user ${userName}. Enter user and password anew in the settings.`,
  );
}

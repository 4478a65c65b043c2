import type { ErpCaller } from '../app/ports/erp.ts';
import type { ErpAccessStore, StoredErpAccess } from '../app/ports/erp-access.ts';
import { ReauthRequiredError } from '../kernel/errors.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import { companyFor, type SapCompany, toHttp } from './company.ts';
import { type LiveConnection, openConnection, type SapWorld } from './live-connection.ts';
import { signInFailure } from './refusals.ts';
import type { SignedIn } from './sign-in.ts';
import type { CertificateFault } from './trust.ts';

export interface RequestSender {
  /** @throws {ReauthRequiredError} without a request, when SAP has refused the password often enough */
  open(caller: ErpCaller): Promise<SapCompany>;
  /** Logs out as well as it can, forgets the session and cuts the sockets. */
  close(connectionId: ConnectionId): Promise<void>;
  /** The same for all, when the process ends. */
  closeAll(): Promise<void>;
}

interface Kept {
  readonly live: LiveConnection;
  readonly version: string;
  readonly installationId: string;
}

const LOGOUT_LIMIT_MS = 3_000;
/** Refused sign-ins after which a person has to act: SAP locks a user after a few more. */
const REFUSALS_ALLOWED = 2;

export function createRequestSender(world: SapWorld, store: ErpAccessStore, logger: Logger): RequestSender {
  const connections = new Map<ConnectionId, Kept>();

  return {
    async open(caller) {
      const access = await store.load(caller.installationId, caller.connectionId);
      if (access.refusedPasswords >= REFUSALS_ALLOWED) {
        throw new ReauthRequiredError(
          'sap',
          `SAP refuses the sign-in of user ${access.userName}. Enter user and password anew in the settings.`,
        );
      }
      const live = await liveFor(caller, access);
      return companyFor(world, live, access, caller, (fault) => reportCertificate(caller, live, fault));
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
    await logOut(kept.live).catch(() => {
      logger.info('SAP session ends by itself: the logout was not answered', { connectionId });
    });
    await kept.live.destroy();
  }

  /** Sockets and session belong to one access setting: after any change the old ones are cut before anything is sent. */
  async function liveFor(caller: ErpCaller, access: StoredErpAccess): Promise<LiveConnection> {
    const { installationId, connectionId } = caller;
    const kept = connections.get(connectionId);
    if (kept && kept.version === access.version && kept.installationId === installationId) return kept.live;
    const live = openConnection(world, access, (attempt) => countedSignIn(caller, attempt));
    connections.set(connectionId, { live, version: access.version, installationId });
    await kept?.live.destroy();
    return live;
  }

  async function countedSignIn(caller: ErpCaller, attempt: () => Promise<SignedIn>): Promise<SignedIn> {
    const { installationId, connectionId } = caller;
    // Read again: another process, or an earlier attempt here, may have used up what is allowed.
    const { userName, refusedPasswords } = await store.load(installationId, connectionId);
    if (refusedPasswords >= REFUSALS_ALLOWED) {
      throw new ReauthRequiredError('sap', `SAP refuses the sign-in of user ${userName}.`);
    }
    try {
      const signedIn = await attempt();
      if (refusedPasswords > 0) await store.passwordAccepted(installationId, connectionId);
      logger.info('Signed in to SAP', { installationId, connectionId });
      return signedIn;
    } catch (error) {
      throw await signInFailure(error, userName, async () => {
        logger.warn('SAP refused the sign-in', { installationId, connectionId });
        return (await store.passwordRefused(installationId, connectionId)) >= REFUSALS_ALLOWED;
      });
    }
  }

  async function reportCertificate(
    { installationId, connectionId }: ErpCaller,
    live: LiveConnection,
    fault: CertificateFault,
  ): Promise<void> {
    const fingerprint = live.refusedCertificate();
    logger.warn('The certificate of the SAP server was refused', { installationId, connectionId, fault });
    if (fingerprint) await store.certificateRefused(installationId, connectionId, { fingerprint, fault });
  }
}

async function logOut(live: LiveConnection): Promise<void> {
  const session = live.sessions.take();
  if (!session) return;
  const signal = AbortSignal.timeout(LOGOUT_LIMIT_MS);
  await live.exchange({ ...toHttp(session, { method: 'POST', target: 'Logout' }), limitMs: LOGOUT_LIMIT_MS, signal });
}

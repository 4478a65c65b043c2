import type { ChangeProxyBody, ChangeSignInBody } from '../../contract/connection.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import { probeCapabilitiesJob } from '../capability-jobs.ts';
import { sweepJob } from '../handoff-jobs.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { Erp } from '../ports/erp.ts';
import type { ErpAccess, ErpOnboarding } from '../ports/erp-onboarding.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Connection } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { STREAMS, syncJob } from '../sync-jobs.ts';
import type { TenantDeps } from '../tenant.ts';
import { recordChange } from './connection-record.ts';
import { givenProxy } from './given-proxy.ts';
import { makeTrial, type TrialDeps } from './trial.ts';

export interface ChangeAccessDeps extends TenantDeps, TrialDeps {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly erp: Pick<Erp, 'close'>;
  readonly onboarding: ErpOnboarding;
}

const SIGN_IN_MS = 40_000;

/** Changes to how SAP is spoken to at the same address and company; another address asks for the password anew. */
export function makeChangeAccess(deps: ChangeAccessDeps) {
  const trial = makeTrial(deps);

  /** The connection with its secrets. @throws {NotFoundError} */
  async function open(principal: Principal): Promise<{ connection: Connection; access: ErpAccess }> {
    return deps.unitOfWork.within(principal.installationId, async (tx) => {
      const [connection] = await deps.connections.list(tx);
      if (!connection) throw new NotFoundError('SAP is not connected.');
      const { id, address, companyDb, userName, trust } = connection;
      const password = (await deps.connections.openPassword(tx, id)).reveal();
      const proxy = await deps.connections.openProxy(tx, id);
      return { connection, access: { address, companyDb, userName, trust, password, proxy } };
    });
  }

  async function tryOut(principal: Principal, access: ErpAccess, signal: AbortSignal): Promise<void> {
    await trial(principal, signal, () => deps.onboarding.tryAccess(access, deps.deadline(SIGN_IN_MS, signal)));
  }

  /**
   * The connection is still the one that was tried out; nobody else can change it from here on.
   * @throws {NotFoundError} {ConflictError} what was given for one server is kept for no other
   */
  async function lockSame(tx: Tx, tried: Connection): Promise<void> {
    const { status, address, companyDb } = await deps.connections.lock(tx, tried.id);
    if (status === 'disconnected') throw new NotFoundError('SAP is not connected.');
    if (address !== tried.address || companyDb !== tried.companyDb)
      throw new ConflictError('Somebody else has just connected another SAP server. Look at the settings again.');
  }

  return {
    /** Signs in once with them before they are kept. @throws {InvalidInputError} {UnavailableError} {NotFoundError} {ConflictError} {RateLimitedError} */
    async changeSignIn(
      principal: Principal,
      { userName, password }: ChangeSignInBody,
      requestId: string,
      signal: AbortSignal,
    ): Promise<void> {
      const { connection, access } = await open(principal);
      await tryOut(principal, { ...access, userName, password }, signal);
      const { id } = connection;
      await deps.unitOfWork.within(principal.installationId, async (tx) => {
        await lockSame(tx, connection);
        await deps.connections.setSignIn(tx, id, { userName, password });
        await deps.findings.resolve(tx, 'password_refused', `connection:${id}`, deps.clock.now());
        await recordChange(deps, tx, {
          verb: 'sign_in_changed',
          connection: id,
          principal,
          requestId,
          before: { userName: connection.userName },
          after: { userName },
        });
        for (const stream of STREAMS) await deps.jobs.enqueueWithin(tx, syncJob(id, stream));
        await deps.jobs.enqueueWithin(tx, sweepJob(tx));
        await deps.jobs.enqueueWithin(tx, probeCapabilitiesJob(id, 'background'));
      });
      await deps.erp.close(id);
    },

    /**
     * All of a proxy's demands anew. A connection that works is tried out with them first.
     * @throws {InvalidInputError} {UnavailableError} {NotFoundError} {ConflictError} {RateLimitedError}
     */
    async changeProxy(
      principal: Principal,
      body: ChangeProxyBody,
      requestId: string,
      signal: AbortSignal,
    ): Promise<void> {
      const proxy = givenProxy(body.proxy);
      if (proxy) deps.onboarding.checkProxy(proxy);
      const { connection, access } = await open(principal);
      if (connection.status === 'active') await tryOut(principal, { ...access, proxy }, signal);
      const { id } = connection;
      await deps.unitOfWork.within(principal.installationId, async (tx) => {
        await lockSame(tx, connection);
        await deps.connections.setProxy(tx, id, proxy);
        await recordChange(deps, tx, {
          verb: 'proxy_changed',
          connection: id,
          principal,
          requestId,
          after: { headerName: proxy?.header?.name ?? null, clientCertificate: Boolean(proxy?.clientCertificate) },
        });
      });
      await deps.erp.close(id);
    },
  };
}

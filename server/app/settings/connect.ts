import { randomUUID } from 'node:crypto';
import type { CertificateView, CheckAddressBody, ConnectBody } from '../../contract/connection.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { type ConnectionId, connectionId } from '../../kernel/ids.ts';
import { probeCapabilitiesJob } from '../capability-jobs.ts';
import { sweepJob } from '../handoff-jobs.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Erp } from '../ports/erp.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Connection } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { CursorStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { ensureFieldsJob, recheckFieldsJob, STREAMS, syncJob } from '../sync-jobs.ts';
import type { TenantDeps } from '../tenant.ts';
import { recordChange } from './connection-record.ts';
import { type DecideTrustDeps, makeDecideTrust, makeLook } from './decide-trust.ts';
import { givenProxy } from './given-proxy.ts';
import { readAnew } from './read-anew.ts';
import { makeTrial, type TrialDeps } from './trial.ts';

export interface ConnectDeps extends TenantDeps, DecideTrustDeps, TrialDeps {
  readonly clock: Clock;
  readonly findings: FindingStore;
  readonly links: LinkStore;
  readonly cursors: CursorStore;
  readonly erpFields: ErpFieldStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly erp: Pick<Erp, 'close'>;
}

const SIGN_IN_MS = 40_000;

export function makeConnect(deps: ConnectDeps) {
  const look = makeLook(deps);
  const decideTrust = makeDecideTrust(deps);
  const trial = makeTrial(deps);

  async function store(
    tx: Tx,
    values: Parameters<TenantDeps['connections']['replaceAccess']>[2] & { label: string },
  ): Promise<ConnectionId> {
    const { label, ...access } = values;
    const [current] = await deps.connections.list(tx);
    const known = await deps.connections.findByCompany(tx, access.companyDb);
    // Another company's books are another connection: links and cursors of the old one say nothing about it.
    if (current && current.id !== known?.id) await deps.connections.setStatus(tx, current.id, 'disconnected');
    if (known) {
      await deps.connections.replaceAccess(tx, known.id, access);
      return known.id;
    }
    const id = connectionId(randomUUID());
    await deps.connections.create(tx, { id, label, ...access });
    return id;
  }

  async function clearFindings(tx: Tx, id: ConnectionId): Promise<void> {
    const kinds = ['password_refused', 'session_refused', 'certificate_changed', 'certificate_expiring'] as const;
    for (const kind of kinds) await deps.findings.resolve(tx, kind, `connection:${id}`, deps.clock.now());
  }

  /** Signs in once, and gives what is to be kept. @throws {InvalidInputError} {UnavailableError} */
  async function tryOut(body: ConnectBody, signal: AbortSignal) {
    const proxy = givenProxy(body.proxy);
    if (proxy) deps.onboarding.checkProxy(proxy);
    const address = await deps.onboarding.checkAddress(body.address);
    const { trust, shown } = await decideTrust(address, body, proxy, signal);
    const { companyDb, userName, password } = body;
    const access = { address, companyDb, userName, password, trust, proxy };
    const answer = await deps.onboarding.tryAccess(access, deps.deadline(SIGN_IN_MS, signal));
    const { localCurrency, timeZone, companyName: label } = answer;
    return { access: { ...access, localCurrency, timeZone, label }, shown };
  }

  return {
    /** @throws {InvalidInputError} {UnavailableError} {RateLimitedError} */
    async checkAddress(principal: Principal, body: CheckAddressBody, signal: AbortSignal): Promise<CertificateView> {
      const proxy = givenProxy({ header: null, clientCertificate: body.clientCertificate ?? null });
      if (proxy) deps.onboarding.checkProxy(proxy);
      return trial(principal, signal, async () => {
        const address = await deps.onboarding.checkAddress(body.address);
        const { fault, certificate } = await look(address, { kind: 'public' }, proxy, signal);
        const { fingerprint, subject, issuer } = certificate;
        const validFrom = certificate.validFrom.toISOString();
        const validTo = certificate.validTo.toISOString();
        const shown = { fingerprint, subject, issuer, validFrom, validTo };
        return { address, trusted: fault === null, fault, certificate: shown };
      });
    },

    /** Signs in once before anything is kept. @throws {InvalidInputError} {UnavailableError} {RateLimitedError} */
    async connect(principal: Principal, body: ConnectBody, requestId: string, signal: AbortSignal): Promise<void> {
      const { access, shown } = await trial(principal, signal, () => tryOut(body, signal));
      const { address, companyDb, userName, trust } = access;
      const before = await deps.unitOfWork.within(principal.installationId, (tx) => deps.connections.list(tx));
      await deps.unitOfWork.within(principal.installationId, async (tx) => {
        const id = await store(tx, access);
        await deps.connections.setLook(tx, id, { at: deps.clock.now(), validTo: shown.validTo });
        await clearFindings(tx, id);
        const who = { connection: id, principal, requestId };
        if (trust.kind !== 'public') {
          const after = { kind: trust.kind, fingerprint: shown.fingerprint };
          await recordChange(deps, tx, { ...who, verb: 'certificate_confirmed', after });
        }
        await recordChange(deps, tx, { ...who, verb: 'connected', after: { address, companyDb, userName } });
        // It may be another server with a copy of the same books: stamps and document numbers of the old one say nothing
        // about it. And what was left unwritten when the connection was given up is found again.
        await readAnew(deps, tx, id, STREAMS);
        for (const stream of STREAMS) await deps.jobs.enqueueWithin(tx, syncJob(id, stream));
        await deps.erpFields.setKeyField(tx, id, false);
        await deps.jobs.enqueueWithin(tx, ensureFieldsJob(id, 'person'));
        // Its customer groups mean other choices than those of the company before.
        await deps.jobs.enqueueWithin(tx, recheckFieldsJob(id, 'person'));
        await deps.jobs.enqueueWithin(tx, sweepJob(tx));
        await deps.jobs.enqueueWithin(tx, probeCapabilitiesJob(id, 'background'));
      });
      await closeAll(before);
    },

    /** Forgets the password and signs out; where SAP was, and what was sent and linked, stays on record. @throws {NotFoundError} */
    async disconnect(principal: Principal, requestId: string): Promise<void> {
      const connections = await deps.unitOfWork.within(principal.installationId, async (tx) => {
        const all = await deps.connections.list(tx);
        for (const { id, companyDb } of all) {
          await deps.connections.setStatus(tx, id, 'disconnected');
          await clearFindings(tx, id);
          const who = { connection: id, principal, requestId };
          await recordChange(deps, tx, { ...who, verb: 'disconnected', after: { companyDb } });
        }
        return all;
      });
      if (connections.length === 0) throw new NotFoundError('SAP is not connected.');
      await closeAll(connections);
    },
  };

  async function closeAll(connections: readonly Connection[]): Promise<void> {
    for (const { id } of connections) await deps.erp.close(id);
  }
}

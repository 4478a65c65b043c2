import { randomUUID } from 'node:crypto';
import type { CertificateView, ConnectBody } from '../../contract/settings.ts';
import type { Clock } from '../../kernel/clock.ts';
import { InvalidInputError, NotFoundError } from '../../kernel/errors.ts';
import { type ConnectionId, connectionId } from '../../kernel/ids.ts';
import { sweepJob } from '../handoff-jobs.ts';
import type { AuditLog, AuditVerb } from '../ports/audit-log.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { Erp, ErpOnboarding } from '../ports/erp.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Connection, Trust } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { CursorStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { ensureFieldsJob, STREAMS, syncJob } from '../sync-jobs.ts';
import type { TenantDeps } from '../tenant.ts';
import { readAnew } from './read-anew.ts';

export interface ConnectDeps extends TenantDeps {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly findings: FindingStore;
  readonly links: LinkStore;
  readonly cursors: CursorStore;
  readonly erpFields: ErpFieldStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly erp: Erp;
  readonly onboarding: ErpOnboarding;
}

const LOOK_MS = 10_000;
const SIGN_IN_MS = 40_000;

export function makeConnect(deps: ConnectDeps) {
  async function look(address: string, signal: AbortSignal) {
    return deps.onboarding.lookAtCertificate(address, deps.deadline(LOOK_MS, signal));
  }

  /** Only a certificate that a person has just seen and confirmed is pinned, and only if the server still shows it. */
  async function trustFor(address: string, confirmed: string | null, signal: AbortSignal): Promise<Trust> {
    const seen = await look(address, signal);
    if (seen.trusted) return { kind: 'public' };
    if (confirmed !== seen.certificate.fingerprint) {
      const message =
        confirmed === null
          ? 'No public authority vouches for this server. Compare its fingerprint with your SAP partner, then confirm it.'
          : 'The server shows another certificate than the one that was confirmed. Do not continue before your SAP partner has explained it.';
      throw new InvalidInputError([{ code: 'certificate_not_confirmed', message, at: 'confirmedFingerprint' }]);
    }
    return { kind: 'pinned', certificates: [seen.certificate.pem] };
  }

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

  async function append(
    tx: Tx,
    verb: AuditVerb,
    connection: ConnectionId,
    principal: Principal,
    requestId: string,
    after: Record<string, string>,
  ): Promise<void> {
    await deps.audit.append(tx, {
      verb,
      source: { system: 'orderline', key: `connection:${connection}`, version: null },
      target: `connection:${connection}`,
      before: null,
      after,
      runId: null,
      requestId,
      userId: principal.userId,
      at: deps.clock.now(),
    });
  }

  async function clearFindings(tx: Tx, id: ConnectionId): Promise<void> {
    for (const kind of ['password_refused', 'certificate_changed'] as const)
      await deps.findings.resolve(tx, kind, `connection:${id}`, deps.clock.now());
  }

  return {
    /** @throws {InvalidInputError} {UnavailableError} */
    async checkAddress(typed: string, signal: AbortSignal): Promise<CertificateView> {
      const address = await deps.onboarding.checkAddress(typed);
      const seen = await look(address, signal);
      if (seen.trusted) return { address, trusted: true, certificate: null };
      const { fingerprint, subject, issuer, validFrom, validTo } = seen.certificate;
      return {
        address,
        trusted: false,
        certificate: {
          fingerprint,
          subject,
          issuer,
          validFrom: validFrom.toISOString(),
          validTo: validTo.toISOString(),
        },
      };
    },

    /** Signs in once before anything is kept. @throws {InvalidInputError} {UnavailableError} */
    async connect(principal: Principal, body: ConnectBody, requestId: string, signal: AbortSignal): Promise<void> {
      const address = await deps.onboarding.checkAddress(body.address);
      const trust = await trustFor(address, body.confirmedFingerprint, signal);
      const { companyDb, userName, password } = body;
      const answer = await deps.onboarding.tryAccess(
        { address, companyDb, userName, password, trust },
        deps.deadline(SIGN_IN_MS, signal),
      );
      const { localCurrency, timeZone, companyName } = answer;
      const before = await deps.unitOfWork.within(principal.installationId, (tx) => deps.connections.list(tx));
      await deps.unitOfWork.within(principal.installationId, async (tx) => {
        const id = await store(tx, {
          label: companyName,
          address,
          companyDb,
          userName,
          password,
          trust,
          localCurrency,
          timeZone,
        });
        await clearFindings(tx, id);
        if (trust.kind === 'pinned')
          await append(tx, 'certificate_confirmed', id, principal, requestId, {
            fingerprint: body.confirmedFingerprint ?? '',
          });
        await append(tx, 'connected', id, principal, requestId, { address, companyDb, userName });
        // It may be another server with a copy of the same books: stamps and document numbers of the old one say nothing
        // about it. And what was left unwritten when the connection was given up is found again.
        await readAnew(deps, tx, id, STREAMS);
        for (const stream of STREAMS) await deps.jobs.enqueueWithin(tx, syncJob(id, stream));
        await deps.erpFields.setKeyField(tx, id, false);
        await deps.jobs.enqueueWithin(tx, ensureFieldsJob(id, 'person'));
        await deps.jobs.enqueueWithin(tx, sweepJob(tx));
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
          await append(tx, 'disconnected', id, principal, requestId, { companyDb });
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

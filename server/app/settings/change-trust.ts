import type { ChangeTrustBody } from '../../contract/connection.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import type { Clock } from '../../kernel/clock.ts';
import { InvalidInputError, NotFoundError } from '../../kernel/errors.ts';
import { certificateJob } from '../certificate-jobs.ts';
import { resumeAfterCertificate } from '../certificate-resumed.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Erp } from '../ports/erp.ts';
import type { CertificateLook } from '../ports/erp-onboarding.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Connection, ErpProxy, Trust } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Principal } from '../principal.ts';
import type { TenantDeps } from '../tenant.ts';
import { pinnedTo, readFingerprint } from '../trust-slots.ts';
import { recordChange } from './connection-record.ts';
import { type DecideTrustDeps, makeLook, refusedCertificate, underAuthority } from './decide-trust.ts';
import { makeTrial, type TrialDeps } from './trial.ts';

export interface ChangeTrustDeps extends TenantDeps, DecideTrustDeps, TrialDeps {
  readonly clock: Clock;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly erp: Pick<Erp, 'close'>;
}

/** What becomes of the trust that stands when the change is written down. */
interface Plan {
  readonly apply: (trust: Trust) => Trust;
  /** The server was seen to show a certificate that is accepted from then on. */
  readonly seen: CertificateLook | undefined;
}

/** Changes which certificates are accepted, without the password; sockets opened under the old trust are cut. */
export function makeChangeTrust(deps: ChangeTrustDeps) {
  const look = makeLook(deps);
  const trial = makeTrial(deps);

  /** @throws {InvalidInputError} {UnavailableError} {NotFoundError} {RateLimitedError} */
  return async function changeTrust(
    principal: Principal,
    body: ChangeTrustBody,
    requestId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { connection, proxy } = await open(principal);
    const lookNow = (trust: Trust) => trial(principal, signal, () => look(connection.address, trust, proxy, signal));
    const plan = await planFor(body, lookNow);
    const { id } = connection;
    await deps.unitOfWork.within(principal.installationId, async (tx) => {
      const { trust: before, status, address } = await deps.connections.lock(tx, id);
      if (status === 'disconnected' || address !== connection.address) throw notConnected();
      const trust = plan.apply(before);
      await deps.connections.setTrust(tx, id, trust);
      await recordChange(deps, tx, {
        verb: 'trust_changed',
        connection: id,
        principal,
        requestId,
        before: recorded(before),
        after: recorded(trust),
      });
      if (plan.seen) {
        const { validTo } = plan.seen.certificate;
        await deps.connections.setLook(tx, id, { at: deps.clock.now(), validTo });
        await resumeAfterCertificate(deps, tx, id);
      }
      await deps.jobs.enqueueWithin(tx, certificateJob(id));
    });
    await deps.erp.close(id);
  };

  async function open(principal: Principal): Promise<{ connection: Connection; proxy: ErpProxy | null }> {
    return deps.unitOfWork.within(principal.installationId, async (tx) => {
      const [connection] = await deps.connections.list(tx);
      if (!connection) throw notConnected();
      return { connection, proxy: await deps.connections.openProxy(tx, connection.id) };
    });
  }

  async function planFor(body: ChangeTrustBody, lookNow: (trust: Trust) => Promise<CertificateLook>): Promise<Plan> {
    switch (body.change) {
      case 'remove': {
        const fingerprint = readFingerprint(body.fingerprint, 'fingerprint');
        return { apply: (trust) => without(trust, fingerprint), seen: undefined };
      }
      case 'add_fingerprint': {
        const fingerprint = readFingerprint(body.fingerprint, 'fingerprint');
        return { apply: (trust) => pinnedAlso(trust, fingerprint, null), seen: undefined };
      }
      case 'add_pem':
        return addPem(body.pem, lookNow);
      case 'confirm_shown': {
        const fingerprint = readFingerprint(body.fingerprint, 'fingerprint');
        const seen = await lookNow({ kind: 'public' });
        if (seen.fault === null) return { apply: () => ({ kind: 'public' }), seen };
        if (seen.fault === 'expired') throw refusedCertificate('expired', 'fingerprint');
        if (seen.certificate.fingerprint !== fingerprint) throw problem('certificate_not_confirmed', SHOWS_ANOTHER);
        const slot = { fingerprint, pem: seen.certificate.pem };
        const apply = (trust: Trust) =>
          pinnedTo([...(trust.kind === 'pinned' ? trust.slots : []), slot], 'fingerprint');
        return { apply, seen };
      }
      case 'use_public': {
        const seen = await lookNow({ kind: 'public' });
        if (seen.fault !== null) throw problem('certificate_not_public', NOT_PUBLIC);
        return { apply: () => ({ kind: 'public' }), seen };
      }
      default:
        return body satisfies never;
    }
  }

  async function addPem(pem: string, lookNow: (trust: Trust) => Promise<CertificateLook>): Promise<Plan> {
    const pasted = deps.onboarding.readTrust(pem);
    if (pasted.kind === 'server') {
      return { apply: (trust) => pinnedAlso(trust, pasted.fingerprint, pasted.pem), seen: undefined };
    }
    const authority = { kind: 'authority', pem: pasted.pem } as const;
    const seen = await lookNow(authority);
    const trust = underAuthority(authority, seen);
    return { apply: () => trust, seen };
  }
}

/** @throws {InvalidInputError} where an authority vouches: a single certificate would then accept less, not more */
function pinnedAlso(trust: Trust, fingerprint: string, pem: string | null): Trust {
  if (trust.kind !== 'pinned') throw problem('trust_not_pinned', NOT_PINNED);
  return pinnedTo([...trust.slots, { fingerprint, pem }], 'fingerprint');
}

function without(trust: Trust, fingerprint: string): Trust {
  const slots = trust.kind === 'pinned' ? trust.slots.filter((slot) => slot.fingerprint !== fingerprint) : [];
  if (trust.kind !== 'pinned' || slots.length === trust.slots.length) throw problem('slot_unknown', UNKNOWN);
  if (slots.length === 0) throw problem('last_slot', LAST);
  return { kind: 'pinned', slots };
}

const SHOWS_ANOTHER =
  'The server shows another certificate than the one you confirmed. Look at it again and compare once more.';
const NOT_PUBLIC = 'No public authority vouches for the certificate that the server shows now.';
const NOT_PINNED =
  'An authority vouches for this server, so single certificates need not be confirmed; renewals are accepted by themselves.';
const UNKNOWN = 'This certificate is not among the confirmed ones any more.';
const LAST = 'This is the only confirmed certificate. Confirm another one first, or disconnect SAP.';

function problem(code: string, message: string): InvalidInputError {
  return new InvalidInputError([{ code, message, at: 'fingerprint' }]);
}

function notConnected(): NotFoundError {
  return new NotFoundError('SAP is not connected.');
}

function recorded(trust: Trust): Json {
  return { kind: trust.kind, slots: trust.kind === 'pinned' ? trust.slots.map(({ fingerprint }) => fingerprint) : [] };
}

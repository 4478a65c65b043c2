import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type CheckCertificateDeps, makeCheckCertificate } from '../../../server/app/access/check-certificate.ts';
import { makePlanWork, type PlanWorkDeps } from '../../../server/app/operations/plan-work.ts';
import type { CertificateLook } from '../../../server/app/ports/erp-onboarding.ts';
import type { Connection, Trust } from '../../../server/app/ports/installation-store.ts';
import type { Tx } from '../../../server/app/ports/unit-of-work.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';

const NOW = new Date('2026-03-04T09:00:00Z');
const DAY = 86_400_000;
const inDays = (days: number) => new Date(NOW.getTime() + days * DAY);
const ID = installationId(randomUUID());
const unitOfWork = { within: <T>(id: string, work: (tx: Tx) => Promise<T>) => work({ installationId: id } as Tx) };

function aConnection(values: Partial<Connection> = {}): Connection {
  return {
    id: connectionId(randomUUID()),
    label: 'N',
    address: 'https://sap.example.com:50000/b1s/v2',
    companyDb: 'N',
    userName: 'u',
    trust: { kind: 'public' },
    status: 'active',
    refusedPasswords: 0,
    timeZone: 'Europe/Berlin',
    localCurrency: 'EUR',
    proxy: null,
    look: null,
    ...values,
  };
}

const looked = (validTo: Date, fault: CertificateLook['fault'] = null): CertificateLook => ({
  fault,
  certificate: { fingerprint: 'AB', subject: 'CN=sap', issuer: 'CN=sap', validFrom: new Date(0), validTo, pem: 'PEM' },
});

/** One look at a connection's server, and all that was written down because of it. */
async function check(connection: Connection, answer: CertificateLook | Error) {
  const done: string[] = [];
  const note = (what: string) => async () => {
    done.push(what);
  };
  const deps = {
    clock: { now: () => NOW },
    deadline: () => new AbortController().signal,
    unitOfWork,
    installations: { get: async () => ({ status: 'active' }) },
    settings: { get: async () => ({ settings: {} }) },
    connections: {
      list: async () => [connection],
      lock: async () => connection,
      setLook: async (_tx: Tx, _id: string, look: { at: Date; validTo: Date }) => {
        done.push(`look ${look.validTo.toISOString().slice(0, 10)}`);
      },
      setTrust: async (_tx: Tx, _id: string, trust: Trust) => {
        done.push(`trust ${JSON.stringify(trust)}`);
      },
      resume: async () => connection.status === 'certificate_changed',
    },
    findings: {
      raise: async (_tx: Tx, { kind, message }: { kind: string; message: string }) => {
        done.push(`raised ${kind}: ${message}`);
      },
      resolve: async (_tx: Tx, kind: string) => {
        done.push(`resolved ${kind}`);
      },
    },
    jobs: { enqueueWithin: note('job') },
    audit: { append: note('audited') },
    onboarding: {
      async lookAtCertificate() {
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  } as unknown as CheckCertificateDeps;
  await makeCheckCertificate(deps)(ID, connection.id, new AbortController().signal);
  return done;
}

describe('SE-08: the end of a certificate', () => {
  it.each([
    [0, 'raised'],
    [29, 'raised'],
    [30, 'raised'],
    [31, 'resolved'],
    [400, 'resolved'],
  ])('in %i days is %s', async (days, what) => {
    for (const trust of [{ kind: 'public' }, { kind: 'pinned', slots: [{ fingerprint: 'AB', pem: 'PEM' }] }] as const) {
      const done = await check(aConnection({ trust }), looked(inDays(days)));
      expect(done.filter((step) => step.includes('certificate_expiring'))).toHaveLength(1);
      expect(done.find((step) => step.includes('certificate_expiring'))).toMatch(new RegExp(`^${what}`));
      expect(done).toContain(`look ${inDays(days).toISOString().slice(0, 10)}`);
    }
  });
});

describe('a look', () => {
  it('fills the slot that knew only the fingerprint', async () => {
    const trust: Trust = { kind: 'pinned', slots: [{ fingerprint: 'AB', pem: null }] };
    expect(await check(aConnection({ trust }), looked(inDays(90)))).toContain(
      'trust {"kind":"pinned","slots":[{"fingerprint":"AB","pem":"PEM"}]}',
    );
  });

  it('lets a connection go on that waited for it, and no other', async () => {
    const waiting = aConnection({ status: 'certificate_changed' });
    expect(await check(waiting, looked(inDays(90)))).toContain('resolved certificate_changed');
    expect(await check(waiting, looked(inDays(90), 'not_trusted'))).toEqual([
      `look ${inDays(90).toISOString().slice(0, 10)}`,
    ]);
    expect(await check(aConnection(), looked(inDays(90)))).not.toContain('resolved certificate_changed');
  });

  it('at a server that does not answer changes nothing', async () => {
    expect(await check(aConnection(), new UnavailableError('away'))).toEqual([]);
  });
});

describe('when certificates are looked at', () => {
  const at = (hours: number) => ({ at: new Date(NOW.getTime() - hours * 3_600_000), validTo: inDays(90) });

  it.each([
    ['never looked at', aConnection(), 1],
    ['looked at 25 hours ago', aConnection({ look: at(25) }), 1],
    ['looked at an hour ago', aConnection({ look: at(1) }), 0],
    ['that wait because of it', aConnection({ look: at(1), status: 'certificate_changed' }), 1],
  ] as const)('of connections %s', async (_what, connection, jobs) => {
    const planned: unknown[] = [];
    const plan = makePlanWork({
      clock: { now: () => NOW },
      logger: silentLogger,
      unitOfWork,
      directory: { listDue: async () => [ID] },
      installations: { get: async () => ({ status: 'active' }) },
      connections: { list: async () => [connection] },
      jobs: {
        async enqueueWithin(_tx: Tx, job: unknown) {
          planned.push(job);
        },
      },
    } as unknown as PlanWorkDeps);
    await plan.watchCertificates();
    expect(planned).toHaveLength(jobs);
  });
});

import { describe, expect, it } from 'vitest';
import { makeReRead, type ReReadDeps } from '../../../../server/app/crm-changes/re-read.ts';
import type { CrmOrganization } from '../../../../server/app/ports/crm.ts';
import type { CrmChange } from '../../../../server/app/ports/crm-changes.ts';
import { silentLogger } from '../../../../server/kernel/logger.ts';
import { type fakeTenant as FakeTenant, fakeTenant, ID, memoryFindings, recordingChanges } from './fake-tenant.ts';

const { signal } = new AbortController();
const noCall = (): never => {
  throw new Error('not to be called here');
};
const organization = (id: number): CrmOrganization => ({
  id,
  name: `Organization ${id}`,
  postalCode: null,
  address: null,
  updateTime: '2026-11-24T09:00:00Z',
  isDeleted: false,
  customFields: {},
});

/** Changes of so many organizations wait. */
function waitingFor(count: number, tenant: ReturnType<typeof FakeTenant>, defect?: number) {
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  let waiting: CrmChange[] = ids.map((id) => ({
    entity: 'organization',
    id,
    gone: false,
    mergedInto: null,
    revision: '1',
  }));
  const applied = recordingChanges(({ id }) => {
    if (id === defect) throw new TypeError('a defect');
  });
  const asked: number[] = [];
  const findings = memoryFindings();
  const deps = {
    ...tenant,
    clock: { now: () => new Date('2026-11-24T09:00:00Z') },
    logger: silentLogger,
    handoffs: {},
    links: {},
    grants: {},
    crmFields: { get: async () => ({}) },
    jobs: { enqueueWithin: noCall },
    applyChanges: applied,
    findings,
    changes: {
      listWaiting: async (_tx: unknown, _entity: unknown, limit: number) => waiting.slice(0, limit),
      async settle(_tx: unknown, settled: readonly CrmChange[]) {
        waiting = waiting.filter((change) => !settled.includes(change));
      },
    },
    crm: {
      async getOrganization(_caller: unknown, id: number) {
        asked.push(1);
        return organization(id);
      },
      async listOrganizationsByIds(_caller: unknown, wanted: readonly number[]) {
        asked.push(wanted.length);
        return wanted.map(organization);
      },
    },
  } as unknown as ReReadDeps;
  return { applied, asked, findings, left: () => waiting.map(({ id }) => id), run: makeReRead(deps) };
}

describe('changes that wait', () => {
  it('SY-16 one that a defect keeps from being dealt with is told and holds up none of the others', async () => {
    const { applied, findings, left, run } = waitingFor(20, fakeTenant(), 7);
    await run(ID, { entity: 'organization' }, signal);
    expect(new Set(applied.reads.map(({ id }) => id))).toEqual(
      new Set(Array.from({ length: 20 }, (_, index) => index + 1).filter((id) => id !== 7)),
    );
    expect(left()).toEqual([]);
    expect(findings.raised).toMatchObject([{ subject: 'crm:organization', link: { resource: 'organization', id: 7 } }]);
  });

  it('where none can be dealt with, all stay', async () => {
    const { left, run } = waitingFor(1, fakeTenant(), 1);
    await expect(run(ID, { entity: 'organization' }, signal)).rejects.toThrow('a defect');
    expect(left()).toEqual([1]);
  });

  it('nothing is read, nor forgotten, while SAP has to be connected again', async () => {
    const { asked, left, run } = waitingFor(20, fakeTenant({ connection: 'certificate_changed' }));
    await run(ID, { entity: 'organization' }, signal);
    expect(asked).toEqual([]);
    expect(left()).toHaveLength(20);
  });
});

import { describe, expect, it } from 'vitest';
import { adoptOrganizations } from '../../../server/app/inbound-sync/adopt-organizations.ts';
import type { SyncContext, SyncDeps } from '../../../server/app/inbound-sync/sync-deps.ts';
import type { CrmOrganization } from '../../../server/app/ports/crm.ts';
import type { EntityLink } from '../../../server/app/ports/link-store.ts';
import { ForbiddenError } from '../../../server/kernel/errors.ts';
import { ID, unitOfWork } from './crm-reading/fake-tenant.ts';

const FIELD = 'b'.repeat(40);

describe('an organization with the code of another', () => {
  it('is told of although a right hides the other one, and stops nothing', async () => {
    const linked: EntityLink = {
      kind: 'partner',
      sapKey: 'C1',
      pipedriveId: 11,
      state: 'linked',
      creatingSince: null,
      contentHash: null,
    };
    const told: string[] = [];
    const deps = {
      clock: { now: () => new Date('2026-03-02T09:00:00Z') },
      unitOfWork,
      links: { findBySapKey: async () => linked },
      findings: { raise: async (_tx: unknown, { subject }: { subject: string }) => void told.push(subject) },
      crm: {
        getOrganization: async () => {
          throw new ForbiddenError('No right to see it.');
        },
      },
    } as unknown as SyncDeps;
    const context = {
      crmCaller: { installationId: ID },
      workplace: { connection: { id: 'a-connection' } },
      fields: { 'organization.sap_code': FIELD },
    } as unknown as SyncContext;
    const organization = { id: 12, name: 'Twin', customFields: { [FIELD]: 'C1' } } as unknown as CrmOrganization;
    expect(await adoptOrganizations(deps, context, [organization])).toBe(1);
    expect(told).toEqual(['organization:12']);
  });
});

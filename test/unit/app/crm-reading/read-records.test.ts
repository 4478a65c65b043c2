import { describe, expect, it } from 'vitest';
import { type ReadRecordsDeps, readRecords } from '../../../../server/app/crm-changes/read-records.ts';
import type { CrmDeal, CrmProduct } from '../../../../server/app/ports/crm.ts';
import type { CrmChange, CrmEntity } from '../../../../server/app/ports/crm-changes.ts';
import { NotFoundError, RejectedError } from '../../../../server/kernel/errors.ts';
import { decimal } from '../../../../server/kernel/money.ts';
import { fakeTenant, ID } from './fake-tenant.ts';

const { signal } = new AbortController();
const noCall = (): never => {
  throw new Error('not to be called here');
};
const refusal = () => new RejectedError({ system: 'pipedrive', code: '400', words: 'id', message: 'Refused.' });

const deal = (id: number, isArchived = false): CrmDeal => ({
  id,
  title: `Deal ${id}`,
  status: 'won',
  isDeleted: false,
  isArchived,
  wonAt: new Date('2026-11-24T09:00:00Z'),
  organizationId: null,
  personId: null,
  ownerId: null,
  currency: 'EUR',
  value: decimal('1'),
  expectedCloseDate: null,
  updateTime: '2026-11-24T09:00:00Z',
  customFields: {},
});
const product = (id: number): CrmProduct => ({
  id,
  name: `Product ${id}`,
  code: `A${id}`,
  unit: null,
  active: true,
  prices: [],
  updateTime: '2026-11-24T09:00:00Z',
  isDeleted: false,
});

const changes = (entity: CrmEntity, ids: readonly number[], gone: readonly number[] = []): CrmChange[] =>
  ids.map((id) => ({ entity, id, gone: gone.includes(id), mergedInto: null, revision: '1' }));
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

function depsWith(crm: Partial<ReadRecordsDeps['crm']>): ReadRecordsDeps {
  const none = {
    getDeal: noCall,
    getOrganization: noCall,
    getPerson: noCall,
    getProduct: noCall,
    listDealsByIds: noCall,
    listOrganizationsByIds: noCall,
    listPersonsByIds: noCall,
    listProductsByIds: noCall,
    listUsers: noCall,
  };
  const stores = { handoffs: noCall, links: noCall, grants: noCall, crmFields: noCall };
  return { ...fakeTenant(), ...stores, crm: { ...none, ...crm } } as unknown as ReadRecordsDeps;
}

/** Deals of which some are archived: the usual calls do not give those. */
function dealsOf(present: readonly number[], archived: readonly number[]) {
  const asked: string[] = [];
  const deps = depsWith({
    async getDeal(_caller, id) {
      asked.push(`one ${id}`);
      if (present.includes(id)) return deal(id);
      throw new NotFoundError('Not found.');
    },
    async listDealsByIds(_caller, ids, options) {
      asked.push(`${options?.archived ? 'archived' : 'usual'} ${ids.length}`);
      return (options?.archived ? archived : present).filter((id) => ids.includes(id)).map((id) => deal(id));
    },
  });
  return { asked, deps };
}

describe('records that changed', () => {
  it('WH-05 a few deals are found among the archived ones too, all in one question', async () => {
    const { asked, deps } = dealsOf([1], [2, 3]);
    const { read, gone } = await readRecords(deps, ID, 'deal', changes('deal', [1, 2, 3, 4, 5], [5]), signal);
    expect(read.records.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(gone.map(({ id }) => id)).toEqual([4, 5]);
    // What was said to be deleted is no archived one.
    expect(asked.at(-1)).toBe('archived 3');
    expect(asked.filter((question) => !question.startsWith('one'))).toHaveLength(1);
  });

  it('AP-11 a hundred deals that were archived at once are read in two questions, and none is lost', async () => {
    const { asked, deps } = dealsOf(from(1, 50), from(51, 50));
    const { read, gone } = await readRecords(deps, ID, 'deal', changes('deal', from(1, 100)), signal);
    expect(read.records).toHaveLength(100);
    expect(gone).toEqual([]);
    expect(asked).toEqual(['usual 100', 'archived 50']);
  });

  it('a record that Pipedrive refuses, or that cannot be read, keeps none of the others from being read', async () => {
    const poison = 7;
    const deps = depsWith({
      async listProductsByIds(_caller, ids) {
        if (ids.includes(poison)) throw refusal();
        return ids.map(product);
      },
      async getProduct(_caller, id) {
        if (id === poison) throw refusal();
        return product(id);
      },
    });
    const { read, refused } = await readRecords(deps, ID, 'product', changes('product', from(1, 20)), signal);
    expect(read.records).toHaveLength(19);
    expect(refused.map(({ id }) => id)).toEqual([poison]);
  });
});

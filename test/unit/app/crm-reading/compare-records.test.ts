import { describe, expect, it } from 'vitest';
import { makeCompareRecords } from '../../../../server/app/crm-changes/compare-records.ts';
import type { Compared } from '../../../../server/app/ports/crm-comparisons.ts';
import { makeApproveComparison } from '../../../../server/app/settings/approve-comparison.ts';
import { ForbiddenError, UnavailableError } from '../../../../server/kernel/errors.ts';
import { silentLogger } from '../../../../server/kernel/logger.ts';
import { CODE_FIELD, type ComparedSource, comparedSource, memoryComparisons } from './compared-source.ts';
import {
  type AppliedRead,
  fakeTenant,
  ID,
  memoryFindings,
  memoryReadings,
  recordingChanges,
  unitOfWork,
} from './fake-tenant.ts';

const NOW = new Date('2026-03-03T02:30:00Z');

function bench(sizes: Readonly<Record<Compared, number>>, onRead?: (read: AppliedRead) => void) {
  const source = comparedSource(sizes);
  const linked = snapshot(source);
  const gone: Record<Compared, Map<number, string>> = {
    organization: new Map(),
    person: new Map(),
    product: new Map(),
  };
  const changes = recordingChanges(onRead);
  const comparisons = memoryComparisons();
  const findings = memoryFindings();
  const readings = memoryReadings();
  const jobs: string[] = [];
  let now = NOW;
  let admin: number | undefined = 11;
  /** Who serves, look by look, before it is `admin` again. */
  const servingAdmins: number[] = [];
  const clock = { now: () => now };
  const compareRecords = makeCompareRecords({
    ...fakeTenant(),
    clock,
    logger: silentLogger,
    crm: source.crm,
    crmFields: { get: async () => ({ 'organization.sap_code': CODE_FIELD }) },
    links: {
      listKeysIn: async (_tx, _connection, kind, state) =>
        state === 'linked' ? linked[KINDS[kind]] : gone[KINDS[kind]],
    },
    readings,
    comparisons,
    findings,
    applyChanges: changes,
    findServiceAdmin: async () => servingAdmins.shift() ?? admin,
  });
  const approve = makeApproveComparison({
    clock,
    unitOfWork,
    comparisons,
    findings,
    jobs: { enqueueWithin: async (_tx, { task }) => void jobs.push(task) },
    audit: { append: async () => undefined },
  });
  return {
    source,
    readings,
    gone,
    changes,
    comparisons,
    findings,
    jobs,
    servingAdmins,
    loseAdmins: (left?: number) => {
      admin = left;
    },
    passDay: () => {
      now = new Date(now.getTime() + 86_400_000);
    },
    run: () => compareRecords(ID, new AbortController().signal),
    /** @param seenAt when the finding that the admin looks at was told last */
    approve: (seenAt = now) =>
      approve(
        { installationId: ID, companyId: '4711', userId: 11, isAdmin: true } as never,
        { seenAt: seenAt.toISOString() },
        'a-request',
      ),
  };
}

const KINDS = { partner: 'organization', contact: 'person', item: 'product' } as const;

function snapshot({ records }: ComparedSource): Record<Compared, Map<number, string>> {
  const of = (kind: Compared) => new Map([...records[kind]].map(([id, { key }]) => [id, key ?? '']));
  return { organization: of('organization'), person: of('person'), product: of('product') };
}

const SMALL = { organization: 200, person: 100, product: 100 };

describe('comparing linked records with whole lists', () => {
  it('AP-11 reads 10,000 linked records for at most 250 tokens', async () => {
    const { source, changes, run } = bench({ organization: 4_000, person: 4_000, product: 2_000 });
    await run();
    expect(source.tokens).toBeLessThanOrEqual(250);
    expect(changes.reads).toHaveLength(10_000);
    expect(changes.gone).toEqual([]);
  });

  it('SY-09 lets go what was deleted, and moves what was merged, to whoever carries the code or answers for it', async () => {
    const { source, changes, comparisons, run } = bench(SMALL);
    source.records.organization.delete(1);
    source.records.organization.delete(2);
    source.records.organization.set(901, { id: 901, key: 'C2' });
    source.records.person.delete(3);
    source.answersWith.set(3, 4);
    source.records.product.delete(5);
    await run();
    expect(changes.gone).toEqual([
      { entity: 'organization', id: 1, mergedInto: null },
      { entity: 'organization', id: 2, mergedInto: 901 },
      { entity: 'person', id: 3, mergedInto: 4 },
      { entity: 'product', id: 5, mergedInto: null },
    ]);
    expect(comparisons.current()?.state).toBe('done');
  });

  it('SY-09 lets nothing go by what somebody sees who is no admin: hidden and deleted look the same', async () => {
    const { source, changes, comparisons, loseAdmins, passDay, run } = bench(SMALL);
    source.records.organization.delete(1);
    loseAdmins();
    await run();
    expect(source.tokens).toBe(0);
    expect(comparisons.current()).toBeUndefined();
    loseAdmins(12);
    passDay();
    await run();
    expect(changes.gone).toEqual([{ entity: 'organization', id: 1, mergedInto: null }]);
  });

  it.each([1, 2, 3])('SY-09 lets nothing go when another’s access took over after %i lists', async (looks) => {
    const { source, changes, servingAdmins, loseAdmins, run } = bench(SMALL);
    source.records.organization.delete(1);
    source.records.product.delete(1);
    servingAdmins.push(...Array(looks).fill(11));
    loseAdmins(looks === 2 ? 12 : undefined);
    await expect(run()).rejects.toThrow(UnavailableError);
    expect(changes.gone).toEqual([]);
  });

  it('gives on what is linked or was restored, and organizations that carry a code without being linked', async () => {
    const { source, gone, changes, run } = bench({ organization: 3, person: 2, product: 1 });
    gone.product.set(60, 'I99');
    source.records.organization.set(50, { id: 50, key: 'C99' });
    source.records.organization.set(51, { id: 51, key: null });
    source.records.product.set(60, { id: 60, key: 'I99' });
    source.records.product.set(61, { id: 61, key: 'I100' });
    await run();
    expect(changes.reads.map(({ entity, id }) => `${entity} ${id}`)).toEqual([
      'organization 1',
      'organization 2',
      'organization 3',
      'organization 50',
      'person 1',
      'person 2',
      'product 1',
      'product 60',
    ]);
  });

  it.each([
    ['an empty list', () => []],
    ['half a page', (ids: readonly number[]) => ids.slice(0, ids.length / 2)],
    ['a list without its last records', (ids: readonly number[]) => ids.slice(0, -7)],
  ])('SY-09 removes nothing because of %s', async (_, listed) => {
    const { source, readings, changes, findings, comparisons, run } = bench(SMALL);
    const tx = { installationId: ID } as never;
    for (const list of ['organizations', 'persons'] as const) await readings.save(tx, list, { newest: NOW, seen: {} });
    await readings.suspect(tx, new Date(NOW.getTime() - 1));
    source.listed = (kind, ids) => (kind === 'organization' ? listed(ids) : ids);
    await run();
    expect(changes.gone).toEqual([]);
    expect(findings.open.size).toBe(0);
    expect(comparisons.current()?.state).toBe('done');
    expect(source.tokens).toBeLessThanOrEqual(60);
    // It stands in for no reading of what changed: who knows what else it left out.
    const suspected = (await readings.list(tx)).map(({ list, suspected }) => [list, suspected]);
    expect(Object.fromEntries(suspected)).toEqual({ organizations: true, persons: false });
  });

  it('SY-09 removes nothing after an error in the middle of a list, and reads no list twice', async () => {
    const { source, changes, run } = bench({ organization: 1_200, person: 1_200, product: 100 });
    for (const id of [1, 2, 3]) source.records.person.delete(id);
    source.beforePage = (kind, page) => {
      if (kind === 'person' && page === 1) throw new UnavailableError('Pipedrive does not answer.');
    };
    await expect(run()).rejects.toThrow(UnavailableError);
    expect(changes.gone).toEqual([]);
    source.beforePage = () => undefined;
    source.asked.length = 0;
    await run();
    expect(source.asked).not.toContain('list organization');
    expect(changes.gone.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it.each([
    ['more than 5 %', SMALL, 21, '21 organizations of the 400 records'],
    ['more than 100', { organization: 3_000, person: 100, product: 100 }, 101, '101 organizations of the 3200 records'],
  ])('SY-09 stops before it lets go %s, and goes on when an admin says so', async (_, sizes, count, words) => {
    const { source, changes, findings, comparisons, jobs, run, approve } = bench(sizes);
    for (let id = 1; id <= count; id += 1) source.records.organization.delete(id);
    await run();
    expect(changes.gone).toEqual([]);
    expect(comparisons.current()?.state).toBe('stopped');
    expect(findings.open.get('comparison_stopped installation')).toContain(words);

    // One was restored before the admin pressed the button.
    source.records.organization.set(1, { id: 1, key: 'C1' });
    await approve();
    expect(jobs).toEqual(['crm.compare']);
    await run();
    expect(changes.gone).toHaveLength(count - 1);
    expect(findings.open.size).toBe(0);
    expect(comparisons.current()?.state).toBe('done');
    await approve();
    expect(jobs).toHaveLength(1);
  });

  it('SY-09 lets nothing go that the admin did not look at: a later comparison asks for itself', async () => {
    const { source, changes, comparisons, findings, jobs, passDay, run, approve } = bench(SMALL);
    for (let id = 1; id <= 21; id += 1) source.records.organization.delete(id);
    await run();
    passDay();
    source.records.person.clear();
    await run();
    await approve(NOW);
    expect(jobs).toEqual([]);
    expect(comparisons.current()).toMatchObject({ state: 'stopped', approved: false });
    expect(findings.open.get('comparison_stopped installation')).toContain('100 people');
    await approve();
    await run();
    expect(changes.gone).toHaveLength(121);
  });

  it('SY-16 SY-09 one defective record is told and keeps no other from being compared, let go or moved', async () => {
    let isDefective = true;
    const { source, changes, findings, comparisons, passDay, run } = bench(
      { organization: 1_200, person: 40, product: 40 },
      ({ entity, id }) => {
        if (isDefective && entity === 'organization' && id === 700) throw new TypeError('a view that cannot be parsed');
      },
    );
    source.records.organization.delete(1);
    source.records.organization.delete(2);
    source.records.organization.set(5_001, { id: 5_001, key: 'C2' });
    source.records.product.delete(5);
    await run();
    expect(changes.gone.map(({ entity, id, mergedInto }) => [entity, id, mergedInto])).toEqual([
      ['organization', 1, null],
      ['organization', 2, 5_001],
      ['product', 5, null],
    ]);
    const read = new Set(changes.reads.filter(({ entity }) => entity === 'organization').map(({ id }) => id));
    expect(read.size).toBe(1_200 - 2 + 1 - 1);
    expect(comparisons.current()?.state).toBe('done');
    expect([...findings.open.keys()]).toEqual(['record_refused crm:organization']);
    expect(findings.raised).toMatchObject([
      { message: expect.stringContaining('number 700'), link: { resource: 'organization', id: 700 } },
    ]);
    // Told until it can be dealt with.
    passDay();
    await run();
    expect(findings.open.size).toBe(1);
    isDefective = false;
    passDay();
    await run();
    expect(findings.open.size).toBe(0);
  });

  it('SY-16 a record whose end cannot be dealt with keeps no other from being let go', async () => {
    const { source, changes, findings, comparisons, run } = bench(SMALL);
    for (const id of [1, 2, 3]) source.records.organization.delete(id);
    const { applyGone } = changes;
    changes.applyGone = async (id, entity, gone, signal) => {
      if (gone.some((one) => one.id === 2)) throw new TypeError('a defect');
      return applyGone(id, entity, gone, signal);
    };
    await run();
    expect(changes.gone.map(({ id }) => id)).toEqual([1, 3]);
    expect(findings.raised).toMatchObject([{ subject: 'crm:organization', link: { id: 2 } }]);
    expect(comparisons.current()?.state).toBe('done');
  });

  it('SY-09 says in words what it stopped at, one or many', async () => {
    const { source, findings, run } = bench({ organization: 4, person: 4, product: 4 });
    source.records.person.delete(1);
    source.records.product.delete(1);
    source.records.product.delete(2);
    await run();
    const message = findings.open.get('comparison_stopped installation');
    expect(message).toContain('no longer shows 1 person, 2 products of the 12 records');
  });

  it('looks anew the next night where nobody has said so', async () => {
    const { source, changes, findings, run } = bench(SMALL);
    const kept = new Map(source.records.organization);
    source.records.organization.clear();
    await run();
    expect(findings.open.size).toBe(1);
    for (const [id, record] of kept) source.records.organization.set(id, record);
    await run();
    expect(findings.open.size).toBe(0);
    expect(changes.gone).toEqual([]);
  });

  it('reports an item code of ours that stands on two products, until it does no more', async () => {
    const { source, findings, changes, passDay, run } = bench(SMALL);
    source.records.product.set(800, { id: 800, key: 'I8' });
    source.records.product.set(801, { id: 801, key: 'not ours' });
    source.records.product.set(802, { id: 802, key: 'not ours' });
    await run();
    expect([...findings.open.keys()]).toEqual(['partner_ambiguous item-code:I8']);
    expect(changes.gone).toEqual([]);
    source.records.product.delete(800);
    passDay();
    await run();
    expect(findings.open.size).toBe(0);
  });

  it('leaves the finding of an organization with the code of another to whoever saw it, until there is none', async () => {
    const { source, findings, passDay, run } = bench(SMALL);
    source.records.organization.set(700, { id: 700, key: 'C7' });
    const finding = { kind: 'partner_ambiguous', message: '', action: '', link: null } as const;
    const tell = (subject: string, at: Date) => findings.raise({} as never, { ...finding, subject }, at);
    await tell('organization:700', NOW);
    await tell('organization:701', NOW);
    await tell('partner:C9', NOW);
    passDay();
    // One that was made, and told of, while the list was read.
    source.beforePage = () => tell('organization:900', new Date('2026-03-04T02:30:01Z'));
    await run();
    const subjects = () => [...findings.open.keys()].map((key) => key.split(' ')[1]);
    expect(subjects()).toEqual(['organization:700', 'partner:C9', 'organization:900']);
    source.beforePage = () => undefined;
    source.records.organization.delete(7);
    passDay();
    await run();
    expect(subjects()).toEqual(['partner:C9']);
  });

  it('SY-09 lets go of one kind although another may not be read, and says so', async () => {
    const { source, changes, comparisons, findings, run } = bench(SMALL);
    source.records.organization.delete(1);
    source.beforePage = (kind) => {
      if (kind === 'product') throw new ForbiddenError('Products are not switched on.');
    };
    await expect(run()).rejects.toThrow(ForbiddenError);
    expect(changes.gone).toEqual([{ entity: 'organization', id: 1, mergedInto: null }]);
    expect(comparisons.current()?.state).toBe('done');
    expect(findings.open.size).toBe(0);
  });

  it('AP-11 asks for no list of which nothing is linked', async () => {
    const { source, run } = bench({ organization: 3, person: 0, product: 0 });
    await run();
    expect(source.asked).toEqual(['list organization']);
  });

  it('SY-09 asks once more for what was missing before it was interrupted', async () => {
    const { source, changes, run } = bench(SMALL);
    source.records.organization.delete(1);
    source.records.organization.delete(2);
    source.beforePage = (kind) => {
      if (kind === 'product') throw new UnavailableError('Pipedrive does not answer.');
    };
    await expect(run()).rejects.toThrow(UnavailableError);
    source.beforePage = () => undefined;
    // It was restored while the job waited for its next try.
    source.records.organization.set(1, { id: 1, key: 'C1' });
    await run();
    expect(changes.gone).toEqual([{ entity: 'organization', id: 2, mergedInto: null }]);
  });

  it('moves nothing to one of two that carry the code of what is gone', async () => {
    const { source, changes, run } = bench(SMALL);
    source.records.organization.delete(2);
    for (const id of [901, 902]) source.records.organization.set(id, { id, key: 'C2' });
    await run();
    expect(changes.gone).toEqual([{ entity: 'organization', id: 2, mergedInto: null }]);
  });
});

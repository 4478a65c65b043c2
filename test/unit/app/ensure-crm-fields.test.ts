import { describe, expect, it } from 'vitest';
import { CRM_FIELDS, FIELD_MARK } from '../../../server/app/crm-field-list.ts';
import { isStale, makeEnsureCrmFields } from '../../../server/app/ensure-crm-fields.ts';
import type { CrmField } from '../../../server/app/ports/crm.ts';
import type { KnownCrmField, StoredOption } from '../../../server/app/ports/crm-field-store.ts';
import {
  type AppError,
  ForbiddenError,
  NotFoundError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import { connectionId } from '../../../server/kernel/ids.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const YESTERDAY = new Date('2026-03-01T08:00:00Z');
const SEGMENT = 'organization.segment';
const A = connectionId('00000000-0000-4000-8000-00000000000a');
const B = connectionId('00000000-0000-4000-8000-00000000000b');

const optionOf = (id: number, key: string, label: string, of: typeof A | null = A): StoredOption => ({
  id,
  key,
  label,
  connectionId: of,
});

const refusal = new RejectedError({
  system: 'pipedrive',
  code: '400',
  words: 'no such label',
  message: 'no such label',
});

/** All fields are there since yesterday; the segment is a list with one group. */
function start(
  groups: ReadonlyMap<number, string>,
  fails: { readonly add?: AppError; readonly create?: AppError } = {},
) {
  const known = new Map<string, KnownCrmField>(
    CRM_FIELDS.map(({ purpose, name, type }, at) => [
      purpose,
      {
        purpose,
        code: String(at).padStart(40, '0'),
        name,
        type: type === 'enum' && purpose !== SEGMENT ? 'varchar' : type,
        own: true,
        options: purpose === SEGMENT ? [optionOf(1, '100', 'Retail')] : [],
        seenAt: YESTERDAY,
      },
    ]),
  );
  const present = new Map<string, CrmField & { entity: string }>(
    CRM_FIELDS.map(({ purpose, entity }) => {
      const { code, name, type, options } = known.get(purpose) ?? fail();
      return [
        purpose,
        {
          entity,
          code,
          name,
          type,
          custom: true,
          description: null,
          options: options.map(({ id, label }) => ({ id, label })),
        },
      ];
    }),
  );
  const findings = new Map<string, string>();
  const made: string[] = [];
  const renamed: string[] = [];
  const restarted: string[] = [];
  const anew: string[] = [];
  const deps = {
    clock: { now: () => NOW },
    unitOfWork: { within: async (_id: unknown, work: (tx: unknown) => unknown) => work({}) },
    crmFields: {
      list: async () => [...known.values()],
      save: async (_tx: unknown, field: KnownCrmField) => void known.set(field.purpose, field),
      remove: async (_tx: unknown, purpose: string) => void known.delete(purpose),
    },
    links: { count: async () => ({ linked: 3, to_create: 0 }) },
    handoffs: {
      countDealsInSap: async () => 4,
      writeBackAnew: async (_tx: unknown, connection: string) => void anew.push(connection),
    },
    cursors: { restart: async (_tx: unknown, _connection: string, stream: string) => void restarted.push(stream) },
    findings: {
      raise: async (_tx: unknown, { subject, message }: { subject: string; message: string }) =>
        void findings.set(subject, message),
      resolve: async (_tx: unknown, _kind: string, subject: string) => void findings.delete(subject),
    },
    audit: { append: async () => undefined },
    crm: {
      listFields: async (_caller: unknown, entity: string) =>
        [...present.values()].filter((field) => field.entity === entity),
      createField: async (_caller: unknown, _entity: string, { name, type, description }: CrmField) => {
        if (fails.create) throw fails.create;
        made.push(name);
        return { code: 'f'.repeat(40), name, type, custom: true, description: description ?? null, options: [] };
      },
      addFieldOptions: async (_caller: unknown, _entity: string, _code: string, labels: readonly string[]) => {
        if (fails.add) throw fails.add;
        return labels.map((label, at) => ({ id: 10 + at, label }));
      },
      renameFieldOptions: async (_c: unknown, _e: unknown, _f: unknown, options: readonly { label: string }[]) =>
        void renamed.push(...options.map(({ label }) => label)),
    },
    erp: { listPartnerGroups: async () => groups },
  };
  // Only what is used is there.
  const ensure = Reflect.apply(makeEnsureCrmFields, undefined, [deps]) as ReturnType<typeof makeEnsureCrmFields>;
  const crmCaller = { installationId: 'i' };
  const run = (mode = 'all', of = A) =>
    Reflect.apply(ensure, undefined, [crmCaller, { installationId: 'i', connectionId: of }, mode]) as Promise<void>;
  const purposes = () => [...known.keys()];
  return {
    run,
    purposes,
    known,
    present,
    findings,
    made,
    renamed,
    restarted,
    anew,
    segment: () => known.get(SEGMENT) ?? fail(),
  };
}

function fail(): never {
  throw new Error('no such field');
}

describe('fields whose choices Pipedrive does not take', () => {
  it('count as looked at, keep the choices they have, and are told of in words that say what is wrong', async () => {
    const world = start(
      new Map([
        [100, 'Retail'],
        [101, 'Public sector'],
      ]),
      { add: refusal },
    );
    await world.run();
    expect(isStale([...world.known.values()], NOW)).toBe(false);
    expect(world.segment().options).toEqual([optionOf(1, '100', 'Retail')]);
    const told = world.findings.get(SEGMENT) ?? '';
    expect(told).toContain('SAP segment');
    expect(told).toContain('no such label');
    expect(told).not.toContain('could not be made');
  });

  it('are told of no longer once it takes them', async () => {
    const fails: { add?: AppError } = { add: refusal };
    const world = start(
      new Map([
        [100, 'Retail'],
        [101, 'Public sector'],
      ]),
      fails,
    );
    await world.run();
    delete fails.add;
    await world.run();
    expect(world.findings.size).toBe(0);
    expect(world.segment().options).toHaveLength(2);
  });

  it('that somebody deletes meanwhile end no job for good: it comes back', async () => {
    const world = start(new Map([[101, 'Public sector']]), { add: new NotFoundError('gone') });
    await expect(world.run()).rejects.toBeInstanceOf(UnavailableError);
  });
});

describe('a field that somebody deleted', () => {
  it('is forgotten by whoever looks, and made by the one job that makes fields', async () => {
    const world = start(new Map([[100, 'Retail']]));
    world.present.delete('organization.sap_code');
    await world.run('look');
    expect(world.made).toEqual([]);
    expect(world.purposes()).not.toContain('organization.sap_code');
    await world.run('all');
    expect(world.made).toEqual(['SAP code']);
  });
});

/** A field that is in Pipedrive before the app has made any. */
function theirs(world: ReturnType<typeof start>, purpose: string, changes: Partial<CrmField> = {}) {
  const field = world.present.get(purpose) ?? fail();
  world.present.set(purpose, { ...field, code: 'e'.repeat(40), ...changes });
  world.known.clear();
}

describe('a field that is there before the app', () => {
  it.each(['deal.sap_status', SEGMENT, 'organization.sap_code', 'organization.credit_limit'])(
    '%s by the very name that the app gives is used, and stays the company’s own',
    async (purpose) => {
      const world = start(new Map([[100, 'Retail']]));
      theirs(world, purpose);
      await world.run();
      expect(world.known.get(purpose)).toMatchObject({ code: 'e'.repeat(40), own: false });
      expect(world.made).toEqual([]);
    },
  );

  it('is the app’s own when it bears the app’s mark, and goes before one of the same name that does not', async () => {
    const world = start(new Map([[100, 'Retail']]));
    theirs(world, 'deal.sap_status');
    const field = world.present.get('deal.sap_status') ?? fail();
    world.present.set('another', { ...field, code: 'd'.repeat(40), description: FIELD_MARK });
    await world.run();
    expect(world.known.get('deal.sap_status')).toMatchObject({ code: 'd'.repeat(40), own: true });
  });

  it('has none of its choices renamed: a group that SAP names anew gets one more', async () => {
    const groups = new Map([[100, 'Retail']]);
    const world = start(groups);
    theirs(world, SEGMENT, { options: [{ id: 1, label: 'Retail' }] });
    await world.run();
    groups.set(100, 'Shops');
    await world.run();
    expect(world.renamed).toEqual([]);
    expect(world.segment().options).toEqual([optionOf(10, '100', 'Shops')]);
    expect(world.restarted.at(-1)).toBe('partners');
  });
});

describe('the choices of the customer group when another SAP company is connected', () => {
  it('are that company’s own: no group of the first one is taken for its, and none is renamed', async () => {
    const groups = new Map([[100, 'Retail']]);
    const world = start(groups);
    groups.set(100, 'Handel');
    // Also by the job that asks nothing while all is known: nothing is known of this company.
    await world.run('if_missing', B);
    expect(world.renamed).toEqual([]);
    expect(world.segment().options).toEqual([optionOf(10, '100', 'Handel', B), optionOf(1, '100', 'Retail')]);
    expect(world.restarted).toEqual(['partners']);
  });

  it('may be shared by their name, and then neither company renames them for the other', async () => {
    const groups = new Map([[100, 'Retail']]);
    const world = start(groups);
    await world.run('all', B);
    expect(world.segment().options).toEqual([optionOf(1, '100', 'Retail', B), optionOf(1, '100', 'Retail')]);
    groups.set(100, 'Shops');
    await world.run('all', B);
    expect(world.renamed).toEqual([]);
    expect(world.segment().options).toEqual([optionOf(10, '100', 'Shops', B), optionOf(1, '100', 'Retail')]);
    // For the new company, and for the group that moved: what was filed under the old choice is written anew.
    expect(world.restarted).toEqual(['partners', 'partners']);
  });

  it('have SAP read anew once, not at each look for as long as Pipedrive takes none of them', async () => {
    const fails: { add?: AppError } = { add: refusal };
    const groups = new Map([[101, 'Public sector']]);
    const world = start(groups, fails);
    for (let look = 0; look < 3; look += 1) await world.run('all', B);
    expect(world.restarted).toEqual([]);
    delete fails.add;
    await world.run('all', B);
    await world.run('all', B);
    expect(world.restarted).toEqual(['partners']);
  });

  it('that were kept before companies were told apart become the company’s that asks first', async () => {
    const world = start(new Map([[100, 'Retail']]));
    world.known.set(SEGMENT, { ...world.segment(), options: [optionOf(1, '100', 'Retail', null)] });
    await world.run();
    expect(world.segment().options).toEqual([optionOf(1, '100', 'Retail')]);
    expect(world.renamed).toEqual([]);
  });
});

describe('fields for which Pipedrive has no room', () => {
  const noRoom = new ForbiddenError('Your plan has no room.');

  it('are told of once, all together, with the customers and deals that wait for them', async () => {
    const world = start(new Map([[100, 'Retail']]), { create: noRoom });
    for (const purpose of ['deal.sap_status', 'deal.sap_link', SEGMENT]) world.present.delete(purpose);
    await world.run();
    expect([...world.findings.entries()]).toEqual([
      [
        'custom-fields',
        '3 fields (“SAP status”, “SAP link”, “SAP segment”) could not be made in Pipedrive: Your plan has no room. 7 records wait for them.',
      ],
    ]);
  });

  it('of deals alone are told of with the deals that are in SAP', async () => {
    const world = start(new Map([[100, 'Retail']]), { create: noRoom });
    world.present.delete('deal.sap_status');
    await world.run();
    expect(world.findings.get('custom-fields')).toContain('has no room. 4 records wait for it.');
  });

  it('are told of no longer once there is room, and the deals in SAP are written once more', async () => {
    const fails: { create?: AppError } = { create: noRoom };
    const world = start(new Map([[100, 'Retail']]), fails);
    world.present.delete('deal.sap_status');
    await world.run();
    delete fails.create;
    // Whoever only looks makes none, and so does not know.
    await world.run('look');
    expect(world.findings.size).toBe(1);
    expect(world.anew).toEqual([]);
    await world.run();
    expect(world.findings.size).toBe(0);
    expect(world.anew).toEqual([A]);
    expect(world.made).toEqual(['SAP status']);
  });
});

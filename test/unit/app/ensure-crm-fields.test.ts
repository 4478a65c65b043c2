import { describe, expect, it } from 'vitest';
import { CRM_FIELDS } from '../../../server/app/crm-field-list.ts';
import { isStale, makeEnsureCrmFields } from '../../../server/app/ensure-crm-fields.ts';
import type { CrmField } from '../../../server/app/ports/crm.ts';
import type { KnownCrmField } from '../../../server/app/ports/crm-field-store.ts';
import { type AppError, NotFoundError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const YESTERDAY = new Date('2026-03-01T08:00:00Z');
const SEGMENT = 'organization.segment';

const refusal = new RejectedError({
  system: 'pipedrive',
  code: '400',
  words: 'no such label',
  message: 'no such label',
});

/** All fields are there since yesterday; the segment is a list with one group. */
function start(groups: ReadonlyMap<number, string>, fails: { readonly add?: AppError } = {}) {
  const known = new Map<string, KnownCrmField>(
    CRM_FIELDS.map(({ purpose, name, type }, at) => [
      purpose,
      {
        purpose,
        code: String(at).padStart(40, '0'),
        name,
        type: type === 'enum' && purpose !== SEGMENT ? 'varchar' : type,
        own: true,
        options: purpose === SEGMENT ? [{ id: 1, key: '100', label: 'Retail' }] : [],
        seenAt: YESTERDAY,
      },
    ]),
  );
  const present = new Map<string, CrmField & { entity: string }>(
    CRM_FIELDS.map(({ purpose, entity }) => {
      const { code, name, type, options } = known.get(purpose) ?? fail();
      return [
        purpose,
        { entity, code, name, type, custom: true, options: options.map(({ id, label }) => ({ id, label })) },
      ];
    }),
  );
  const findings = new Map<string, string>();
  const made: string[] = [];
  const deps = {
    clock: { now: () => NOW },
    unitOfWork: { within: async (_id: unknown, work: (tx: unknown) => unknown) => work({}) },
    crmFields: {
      list: async () => [...known.values()],
      save: async (_tx: unknown, field: KnownCrmField) => void known.set(field.purpose, field),
      remove: async (_tx: unknown, purpose: string) => void known.delete(purpose),
    },
    links: { count: async () => ({ linked: 3, to_create: 0 }) },
    cursors: { restart: async () => undefined },
    findings: {
      raise: async (_tx: unknown, { subject, message }: { subject: string; message: string }) =>
        void findings.set(subject, message),
      resolve: async (_tx: unknown, _kind: string, subject: string) => void findings.delete(subject),
    },
    audit: { append: async () => undefined },
    crm: {
      listFields: async (_caller: unknown, entity: string) =>
        [...present.values()].filter((field) => field.entity === entity),
      createField: async (_caller: unknown, _entity: string, { name, type }: CrmField) => {
        made.push(name);
        return { code: 'f'.repeat(40), name, type, custom: true, options: [] };
      },
      addFieldOptions: async (_caller: unknown, _entity: string, _code: string, labels: readonly string[]) => {
        if (fails.add) throw fails.add;
        return labels.map((label, at) => ({ id: 10 + at, label }));
      },
      renameFieldOptions: async () => undefined,
    },
    erp: { listPartnerGroups: async () => groups },
  };
  // Only what is used is there.
  const ensure = Reflect.apply(makeEnsureCrmFields, undefined, [deps]) as ReturnType<typeof makeEnsureCrmFields>;
  const crmCaller = { installationId: 'i' };
  const run = (mode = 'all') =>
    Reflect.apply(ensure, undefined, [crmCaller, { installationId: 'i', connectionId: 'c' }, mode]) as Promise<void>;
  const purposes = () => [...known.keys()];
  return { run, purposes, known, present, findings, made, segment: () => known.get(SEGMENT) ?? fail() };
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
    expect(world.segment().options).toEqual([{ id: 1, key: '100', label: 'Retail' }]);
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

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CrmCaller } from '../../../server/app/ports/crm.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { type Api, createApi } from '../../../server/pipedrive/api.ts';
import { OPERATION_LIST, type OperationName } from '../../../server/pipedrive/operation-list.ts';
import { DESCRIBED } from '../../../server/pipedrive/operations.generated.ts';
import { descriptionOf, type Kind, operation } from '../../../server/pipedrive/operations.ts';
import { type CallInput, checkInput, pathOf } from '../../../server/pipedrive/outgoing.ts';
import { contractsFolder } from '../../support/contract-recorder/contracts-folder.ts';
import { isObject, type JsonObject, objectAt } from '../../support/contract-recorder/json.ts';
import { pipedriveOperations } from '../../support/contract-recorder/pipedrive-contract.ts';

const NAMES = Object.keys(OPERATION_LIST).filter((name): name is OperationName => name in OPERATION_LIST);

const officialOf = (name: OperationName) => pipedriveOperations()?.find((known) => known.key === OPERATION_LIST[name]);

/** The tree of names of a prepared schema, as the generator spells it. */
function namesOf(schema: unknown): unknown {
  if (!isObject(schema)) return 'open';
  if (schema['type'] === 'array') return [namesOf(schema['items'])];
  const members = Object.entries(objectAt(schema, 'properties'));
  if (members.length === 0) return 'open';
  return Object.fromEntries(members.map(([name, member]) => [name, namesOf(member)]));
}

function namesOfKind(kind: Kind): unknown {
  if (typeof kind === 'string') return 'open';
  if (Array.isArray(kind)) return kind.map(namesOfKind);
  return Object.fromEntries(Object.entries(kind).map(([name, member]) => [name, namesOfKind(member)]));
}

describe('AP-01: what each call costs', () => {
  it('is known for exactly the calls in use', () => {
    expect(Object.keys(DESCRIBED).sort()).toEqual([...new Set(Object.values(OPERATION_LIST))].sort());
  });

  it.skipIf(!contractsFolder()).each(NAMES)('%s costs what the official description says', (name) => {
    expect(operation(name).cost).toBe(officialOf(name)?.cost);
  });
});

describe('SY-12: only what the official description names can be sent', () => {
  it.skipIf(!contractsFolder()).each(NAMES)('%s knows exactly the described query and body', (name) => {
    const official = officialOf(name);
    const known = descriptionOf(operation(name));
    expect(Object.keys(known.query).sort()).toEqual(official?.query.map((parameter) => parameter.name).sort());
    const body: JsonObject | undefined = official?.bodies['application/json'];
    expect(known.body === undefined ? undefined : namesOfKind(known.body)).toEqual(body && namesOf(body));
  });

  const refused: readonly [string, OperationName, CallInput][] = [
    ['a query of another call', 'listProducts', { query: { updated_until: '2026-03-02T09:00:00Z' } }],
    ['a misspelt query', 'listDeals', { query: { update_since: '2026-03-02T09:00:00Z' } }],
    ['any query where none is taken', 'getProduct', { query: { custom_fields: 'x' } }],
    ['an instant with a fraction', 'listDeals', { query: { updated_since: '2026-03-02T09:00:00.000Z' } }],
    ['a number as text', 'listDeals', { query: { org_id: '7' } }],
    ['a body of a reading call', 'listDeals', { body: { title: 'x' } }],
    ['a name of API v1 in a body', 'createPerson', { body: { name: 'Ann', email: 'a@example.com' } }],
    ['a hash outside of custom_fields', 'updateDeal', { body: { ['0'.repeat(40)]: 'x' } }],
    ['an unknown name inside of an address', 'createOrganization', { body: { address: { zip: '20457' } } }],
    ['an unknown name inside of a list', 'createPerson', { body: { emails: [{ address: 'a@example.com' }] } }],
    ['0 for false', 'updateProduct', { body: { is_linkable: 0 } }],
  ];
  it.each(refused)('%s throws before the wire', (_name, name, input) => {
    expect(() => checkInput(operation(name), input)).toThrow(TypeError);
  });

  it('null clears, undefined is not sent, and custom fields are open', () => {
    expect(() =>
      checkInput(operation('updateDeal'), {
        body: { owner_id: undefined, lost_reason: null, custom_fields: { a: 1 } },
      }),
    ).not.toThrow();
    expect(() => checkInput(operation('listDeals'), { query: { org_id: undefined, limit: 500 } })).not.toThrow();
  });

  it('sends and charges nothing for such a call, which does not even compile', async () => {
    const sent: string[] = [];
    const sender = {
      send: async (_caller: CrmCaller, called: { name: string }) => {
        sent.push(called.name);
        return { json: undefined, requestId: undefined };
      },
    };
    const api: Api = createApi(sender, silentLogger);
    const caller: CrmCaller = {
      installationId: installationId('0b1f7d9e-6f3a-4b57-9f0e-2f6f0d0c1a11'),
      as: 'service',
      purpose: 'delta',
      signal: new AbortController().signal,
    };
    // @ts-expect-error Pipedrive's description of this call has no such parameter
    const query = api.call(caller, operation('listProducts'), { query: { updated_until: 'x' } }, z.unknown());
    await expect(query).rejects.toBeInstanceOf(TypeError);
    // @ts-expect-error nor this call such a member
    const body = api.call(caller, operation('createProduct'), { body: { nme: 'Desk' } }, z.unknown());
    await expect(body).rejects.toBeInstanceOf(TypeError);
    await expect(api.call(caller, operation('listDeals'), { query: { ids: '7' } }, z.unknown())).resolves.toBe(
      undefined,
    );
    expect(sent).toEqual(['listDeals']);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53, undefined])('never puts %s into a path', (id) => {
    expect(() => pathOf(operation('getDeal'), { ...(id !== undefined && { id }) })).toThrow(TypeError);
    expect(pathOf(operation('getDeal'), { id: 7 })).toBe('/api/v2/deals/7');
  });

  it.each(['', '../deals', 'a/b', 'x?y', undefined])('never puts the field code %s into a path', (fieldCode) => {
    const options = operation('addDealFieldOptions');
    expect(() => pathOf(options, { ...(fieldCode !== undefined && { fieldCode }) })).toThrow(TypeError);
    expect(pathOf(options, { fieldCode: 'ab12' })).toBe('/api/v2/dealFields/ab12/options');
  });
});

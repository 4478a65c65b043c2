import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../practice/pipedrive/api/routes.ts';
import { createActivity } from '../../practice/pipedrive/company/activities.ts';
import { DEFAULT_SCOPES } from '../../practice/pipedrive/options.ts';
import { TOKEN_COSTS } from '../../practice/pipedrive/token-costs.ts';
import { changeEverything } from './change-everything.ts';
import { contractsPresent, list, officialOperations, sample, tree, violations } from './contracts.ts';
import { everyCall } from './every-call.ts';
import { type Rig, startRig } from './harness.ts';
import { startReceiver } from './receiver.ts';

const present = contractsPresent();

describe.runIf(present)('practice Pipedrive against the official descriptions', () => {
  it('charges exactly the official prices and serves only what exists', () => {
    const official = new Map(officialOperations().map((one) => [`${one.version} ${one.method} ${one.path}`, one.cost]));
    for (const [name, cost] of Object.entries(TOKEN_COSTS)) expect([name, cost]).toEqual([name, official.get(name)]);
    for (const { version, method, path } of ROUTES)
      expect(TOKEN_COSTS).toHaveProperty([`${version} ${method} ${path}`]);
  });

  it('answers with the members and types that are described', async () => {
    const rig = await startRig({ plan: 'growth' }, { scopes: [...DEFAULT_SCOPES, 'admin', 'search:read'] });
    await everyCall(rig);
    const calls = rig.pipedrive.log.all();
    const problems = [...new Set(calls.flatMap(violations))];
    await rig.pipedrive.close();
    expect(calls.length).toBeGreaterThan(40);
    expect(calls.filter(({ status }) => status >= 300)).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('finds a wrong name, a wrong type and a wrong query in a recorded call', () => {
    const call = { at: 0, side: 'pipedrive', method: 'POST', headers: {}, status: 200 } as const;
    const answer = JSON.stringify({ success: true, data: { id: 'seven' } });
    const found = violations({ ...call, path: '/api/v2/deals?x=1', body: '{"titel":1}', responseBody: answer });
    expect(found.join('\n')).toMatch(
      /unknown query parameter x[\s\S]*unknown member titel[\s\S]*data\/id must be integer/,
    );
  });
});

describe.runIf(present)('practice Pipedrive against recorded calls', () => {
  const served = /\/(activities|deals|organizations|persons|products|notes)/;
  const exchanges = list(present ? sample('api-exchanges')['exchanges'] : [])
    .map(tree)
    .filter((exchange) => served.test(String(tree(exchange['request'])['path'])));

  it.each(exchanges.map((exchange) => [String(exchange['name']), exchange] as const))(
    'answers %s with the same members',
    async (_name, exchange) => {
      const rig = await startSampleRig();
      const request = tree(exchange['request']);
      const path = String(request['path']);
      const query = path.endsWith('/search') ? '?term=Test' : '';
      const answer = await rig.call(String(request['method']), path + query, request['body']);
      await rig.pipedrive.close();
      expect(answer.status).toBeLessThan(300);
      const recorded = tree(tree(exchange['response'])['body'])['data'];
      expect(names(answer.body.data)).toEqual(names(recorded));
    },
  );
});

describe.runIf(present)('practice Pipedrive webhooks against recorded deliveries', () => {
  it('has the members of the recorded ones, in meta and in data', async () => {
    const [rig, receiver] = [await startRig(), await startReceiver()];
    const hook = { event_action: '*', event_object: '*', name: 'n', subscription_url: receiver.url };
    await rig.call('POST', '/v1/webhooks', hook);
    changeEverything(rig);
    await rig.pipedrive.settled();
    const recorded = list(sample('webhooks-v2')['samples']).map((one) => tree(tree(one)['body']));
    for (const entity of [
      'deal',
      'organization',
      'person',
      'product',
      'activity',
      'note',
      'pipeline',
      'stage',
      'user',
    ]) {
      const like = recorded.filter((body) => tree(body['meta'])['entity'] === entity);
      const known = new Set(
        like.flatMap((body) => [body['data'] ?? body['previous']]).flatMap((part) => Object.keys(tree(part))),
      );
      for (const action of entity === 'user' ? ['create', 'change'] : ['create', 'change', 'delete']) {
        const sent = receiver.received.find(
          ({ body }) => body.meta.entity === entity && body.meta.action === action,
        )?.body;
        const whole = action === 'delete' ? sent.previous : sent.data;
        expect([entity, action, Object.keys(whole).sort()]).toEqual([entity, action, [...known].sort()]);
        expect([sent.data === null, sent.previous === null]).toEqual([action === 'delete', action === 'create']);
      }
    }
    const meta = new Set(recorded.flatMap((body) => Object.keys(tree(body['meta']))));
    for (const { body } of receiver.received)
      expect(Object.keys(body.meta).filter((key) => !meta.has(key))).toEqual([]);
    await Promise.all([rig.pipedrive.close(), receiver.close()]);
  });

  it('types custom field values as recorded', async () => {
    const [rig, receiver] = [await startRig(), await startReceiver()];
    const hook = { event_action: 'create', event_object: 'deal', name: 'n', subscription_url: receiver.url };
    await rig.call('POST', '/v1/webhooks', hook);
    const options = [{ label: 'a' }, { label: 'b' }];
    const values = tree(tree(sample('webhooks-v2')['custom_field_values'])['values']);
    const codes = new Map<string, string>();
    const fields: Record<string, never> = {};
    for (const type of Object.keys(values)) {
      const choice = type === 'enum' || type === 'set' ? { options } : {};
      const field = rig.company.createField('deal', { field_name: type, field_type: type, ...choice });
      codes.set(type, field.field_code);
      Object.assign(fields, { [field.field_code]: restValue(type, field.options?.[0]?.id ?? 0) });
    }
    rig.company.createDeal({ title: 'D', custom_fields: fields });
    await rig.pipedrive.settled();
    const sent = receiver.received[0]?.body.data.custom_fields;
    for (const [type, recorded] of Object.entries(values)) {
      expect([type, names(sent[codes.get(type) ?? ''])]).toEqual([type, names(recorded)]);
    }
    await Promise.all([rig.pipedrive.close(), receiver.close()]);
  });
});

function names(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [names(value[0])];
  if (typeof value !== 'object' || value === null) return 'value';
  const members = tree(tree(value)['custom_fields'] === undefined ? value : { ...value, custom_fields: 1 });
  const { update_time: _volatile, tax: _tax, primary_email: _email, ...rest } = members;
  return Object.keys(rest).sort();
}

function restValue(type: string, optionId: number): unknown {
  if (type === 'double') return 12;
  if (type === 'monetary') return { value: 1, currency: 'EUR' };
  if (type === 'enum') return optionId;
  if (type === 'set') return [optionId];
  if (['user', 'org', 'people'].includes(type)) return 42;
  if (type === 'date') return '2026-01-31';
  if (type === 'daterange') return { value: '2026-01-31', until: '2026-02-01' };
  if (type === 'time') return { value: '09:00:00', timezone_name: 'Europe/Berlin' };
  if (type === 'timerange') return { value: '09:00:00', until: '10:00:00', timezone_name: 'Europe/Berlin' };
  return type === 'address' ? { value: 'Tallinn' } : 'text';
}

function startSampleRig(): Promise<Rig> {
  const named = (id: number) => ({ id, name: `Test ${id}` });
  return startRig({
    data: {
      organizations: [named(7), named(8)],
      persons: [{ ...named(10), org_id: 7, email: 'john@test.com', phone: '555-0100' }],
      products: [{ ...named(3), code: 'TW-001' }],
      deals: [
        { id: 8, title: 'Test 8', org_id: 7, person_id: 10, currency: 'USD' },
        { id: 10, title: 'Test 10', org_id: 8 },
      ],
    },
  }).then((rig) => {
    for (let n = 0; n < 2; n += 1) rig.company.addLine(8, { product_id: 3, item_price: 99.99, quantity: 2 });
    const admin = rig.company.users()[0];
    for (let n = 1; admin && n <= 10; n += 1) {
      const body = { subject: 'Call', deal_id: 8, participants: [{ person_id: 10, primary: true }] };
      createActivity(rig.company.state, { user: admin, source: 'app' }, body);
    }
    for (let n = 1; admin && n <= 8; n += 1) rig.company.addNote({ content: 'n', deal_id: 8 }, admin.id);
    return rig;
  });
}

import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../practice/pipedrive/api/routes.ts';
import { TOKEN_COSTS } from '../../practice/pipedrive/token-costs.ts';
import { contractsPresent, list, officialOperations, sample, tree, violations } from './contracts.ts';
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
    const rig = await startRig();
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
  const served = /\/(deals|organizations|persons|products|notes)/;
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
    for (const entity of ['deal', 'organization', 'person', 'product']) {
      const like = recorded.filter((body) => tree(body['meta'])['entity'] === entity);
      const known = new Set(
        like.flatMap((body) => [body['data'] ?? body['previous']]).flatMap((part) => Object.keys(tree(part))),
      );
      for (const action of ['create', 'change', 'delete']) {
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
    for (let n = 1; admin && n <= 8; n += 1) rig.company.addNote({ content: 'n', deal_id: 8 }, admin.id);
    return rig;
  });
}

function changeEverything({ company }: Rig): void {
  const org = company.createOrganization({ name: 'O' });
  company.updateOrganization(org.id, { name: 'O2' });
  const person = company.createPerson({ name: 'P Q' });
  company.updatePerson(person.id, { name: 'P R' });
  const product = company.createProduct({ name: 'Pr' });
  company.updateProduct(product.id, { name: 'Pr2' });
  const deal = company.createDeal({ title: 'D' });
  company.updateDeal(deal.id, { title: 'D2' });
  company.deleteDeal(deal.id);
  company.deletePerson(person.id);
  company.deleteProduct(product.id);
  company.deleteOrganization(org.id);
}

/** Every served call once, with as many members as it takes. */
async function everyCall(rig: Rig): Promise<void> {
  const { call } = rig;
  const id = async (method: string, path: string, body: unknown): Promise<number> =>
    (await call(method, path, body)).body.data.id;
  const address = { value: 'Weg 1, Bonn', locality: 'Bonn', postal_code: '53111', country: 'Germany' };
  const org = await id('POST', '/api/v2/organizations', { name: 'Acme', address, website: 'https://acme.example' });
  const contact = {
    emails: [{ value: 'e@a.de', primary: true, label: 'work' }],
    phones: [{ value: '1', primary: true }],
  };
  const person = await id('POST', '/api/v2/persons', { name: 'Eva Klein', org_id: org, ...contact });
  const prices = [{ currency: 'EUR', price: 12.5, cost: 8 }];
  const product = await id('POST', '/api/v2/products', { name: 'Chair', code: 'C1', unit: 'pcs', tax: 19, prices });
  const deal = await id('POST', '/api/v2/deals', {
    title: 'Desks',
    org_id: org,
    person_id: person,
    expected_close_date: '2026-12-01',
  });
  const line = {
    product_id: product,
    item_price: 12.5,
    quantity: 4,
    discount: 5,
    discount_type: 'percentage',
    tax: 19,
  };
  const lines = `/api/v2/deals/${deal}/products`;
  const first = await id('POST', lines, { ...line, comments: 'soon', is_enabled: true });
  await call('POST', `${lines}/bulk`, { data: [line, line] });
  await call('PATCH', `${lines}/${first}`, { quantity: 5 });
  await call('GET', lines);
  await call('GET', `/api/v2/deals/products?deal_ids=${deal}&limit=2`);
  for (const [kind, body] of [
    ['dealFields', { description: 'd' }],
    ['organizationFields', {}],
    ['personFields', {}],
    ['productFields', {}],
  ] as const) {
    const options = [{ label: 'a' }, { label: 'b' }];
    const made = await call('POST', `/api/v2/${kind}`, { field_name: 'F', field_type: 'enum', options, ...body });
    const one = `/api/v2/${kind}/${made.body.data.field_code}`;
    await call('GET', `/api/v2/${kind}?limit=500`);
    await call('GET', one);
    await call('PATCH', one, { field_name: 'G' });
    const [option] = (await call('POST', `${one}/options`, [{ label: 'c' }])).body.data;
    await call('PATCH', `${one}/options`, [{ id: option.id, label: 'd' }]);
    await call('DELETE', `${one}/options`, [{ id: option.id }]);
    if (kind === 'personFields') await call('DELETE', one);
  }
  const [segment] = rig.company.fields('organization');
  const choice = { [segment?.field_code ?? '']: segment?.options?.[0]?.id };
  await call('PATCH', `/api/v2/organizations/${org}`, { name: 'Acme AG', custom_fields: choice });
  await call('PATCH', `/api/v2/persons/${person}`, { name: 'Eva K' });
  await call('PATCH', `/api/v2/products/${product}`, { prices });
  await call('PATCH', `/api/v2/deals/${deal}`, { status: 'won' });
  for (const kind of ['organizations', 'persons', 'products', 'deals', 'deals/archived', 'pipelines', 'stages']) {
    await call('GET', `/api/v2/${kind}?limit=100`);
  }
  for (const one of [
    `organizations/${org}`,
    `persons/${person}`,
    `products/${product}`,
    `deals/${deal}`,
    'pipelines/1',
    'stages/1',
  ]) {
    await call('GET', `/api/v2/${one}`);
  }
  for (const kind of ['organizations', 'persons'])
    await call('GET', `/api/v2/${kind}/search?term=Acme&fields=name&exact_match=true`);
  await call('GET', '/api/v2/products/search?term=chair');
  await call('GET', `/api/v2/deals/search?term=de&organization_id=${org}`);
  const note = await id('POST', '/api/v1/notes', { content: 'x', deal_id: deal, pinned_to_deal_flag: 1 });
  await call('PUT', `/api/v1/notes/${note}`, { content: 'y' });
  await call('GET', `/api/v1/notes/${note}`);
  await call('GET', `/api/v1/notes?org_id=${org}&limit=10&start=0`);
  await call('DELETE', `/api/v1/notes/${note}`);
  for (const path of ['users/me', 'users', 'users/43', 'currencies']) await call('GET', `/v1/${path}`);
  const target = {
    subscription_url: 'http://127.0.0.1:9/x',
    event_action: '*',
    event_object: 'deal',
    name: 'n',
    version: '2.0',
  };
  const hook = await id('POST', '/v1/webhooks', { ...target, http_auth_user: 'u', http_auth_password: 'p' });
  await call('GET', '/v1/webhooks');
  await call('DELETE', `/v1/webhooks/${hook}`);
  await call('DELETE', `${lines}/${first}`);
  await call('DELETE', lines);
  for (const one of [`deals/${deal}`, `persons/${person}`, `products/${product}`, `organizations/${org}`])
    await call('DELETE', `/api/v2/${one}`);
}

import type { Rig } from './harness.ts';

/** The calls for what hangs on records, once each. */
async function everySideCall(
  rig: Rig,
  { deal, org, person, product }: { deal: number; org: number; person: number; product: number },
): Promise<void> {
  const { call } = rig;
  const id = async (method: string, path: string, body: unknown): Promise<number | string> =>
    (await call(method, path, body)).body.data.id;
  const activity = await id('POST', '/api/v2/activities', {
    subject: 'Call',
    type: 'call',
    deal_id: deal,
    org_id: org,
    participants: [{ person_id: person, primary: true }],
  });
  await call('PATCH', `/api/v2/activities/${activity}`, { done: true, note: 'done' });
  await call('GET', `/api/v2/activities/${activity}`);
  await call('GET', `/api/v2/activities?deal_id=${deal}&done=true&limit=10`);
  await call('DELETE', `/api/v2/activities/${activity}`);
  await call('GET', '/v1/activityTypes');
  await call('POST', '/v1/activityTypes', { name: 'Site visit', icon_key: 'car' });
  const variations = `/api/v2/products/${product}/variations`;
  const variation = await id('POST', variations, { name: 'Red', prices: [{ currency: 'EUR', price: 3 }] });
  await call('PATCH', `${variations}/${variation}`, { name: 'Blue' });
  await call('GET', variations);
  await call('DELETE', `${variations}/${variation}`);
  await call('POST', `/api/v2/products/${product}/duplicate`);
  const discounts = `/api/v2/deals/${deal}/discounts`;
  const discount = await id('POST', discounts, { description: 'd', amount: 5, type: 'amount' });
  await call('PATCH', `${discounts}/${discount}`, { amount: 6 });
  await call('GET', discounts);
  const installments = `/api/v2/deals/${deal}/installments`;
  const installment = await id('POST', installments, { description: 'i', amount: 5, billing_date: '2026-12-24' });
  await call('PATCH', `${installments}/${installment}`, { amount: 6 });
  await call('GET', `/api/v2/deals/installments?deal_ids=${deal}`);
  await call('DELETE', `${installments}/${installment}`);
  const pipeline = await id('POST', '/api/v2/pipelines', { name: 'Repairs' });
  await call('PATCH', `/api/v2/pipelines/${pipeline}`, { name: 'Repair' });
  const stage = await id('POST', '/api/v2/stages', { name: 'In', pipeline_id: pipeline });
  await call('PATCH', `/api/v2/stages/${stage}`, { deal_probability: 40 });
  await call('DELETE', `/api/v2/stages/${stage}`);
  await call('DELETE', `/api/v2/pipelines/${pipeline}`);
  const group = (glue: string) => ({ glue, conditions: [] });
  const conditions = { glue: 'and', conditions: [group('and'), group('or')] };
  const filter = await id('POST', '/v1/filters', { name: 'F', type: 'org', conditions });
  await call('PUT', `/v1/filters/${filter}`, { name: 'G', conditions });
  await call('GET', `/v1/filters/${filter}`);
  await call('GET', '/v1/filters?type=org');
  await call('GET', `/api/v2/organizations?filter_id=${filter}`);
  await call('DELETE', `/v1/filters/${filter}`);
  await call('DELETE', `/v1/filters?ids=${filter}`);
  const form = new FormData();
  form.set('deal_id', String(deal));
  form.set('file', new File(['hello'], 'hello.txt'));
  const file = (await rig.upload('/v1/files', form)).body.data.id;
  for (const path of [`files/${file}`, 'files', `deals/${deal}/files`, `products/${product}/files`]) {
    await call('GET', `/v1/${path}`);
  }
  await call('GET', `/v1/files/${file}/download`);
  await call('DELETE', `/v1/files/${file}`);
  await call('GET', '/v1/users/43/permissions');
  await call('GET', '/api/v2/itemSearch?term=acme&item_types=organization,person&limit=100');
  await call('GET', '/api/v2/itemSearch/field?term=Acme&entity_type=organization&field=name&match=beginning');
  const loser = (path: string, body: object) => id('POST', `/api/v2/${path}`, body);
  const merge = async (kind: string, from: number | string, to: number) =>
    call('PUT', `/api/v1/${kind}/${from}/merge`, { merge_with_id: to });
  await merge('organizations', await loser('organizations', { name: 'Acme 2' }), org);
  await merge('persons', await loser('persons', { name: 'Eva 2' }), person);
  await merge('deals', await loser('deals', { title: 'Desks 2' }), deal);
}

/** Every served call once, with as many members as it takes. */
export async function everyCall(rig: Rig): Promise<void> {
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
  await everySideCall(rig, { deal, org, person, product });
  await call('DELETE', `${lines}/${first}`);
  await call('DELETE', lines);
  for (const one of [`deals/${deal}`, `persons/${person}`, `products/${product}`, `organizations/${org}`])
    await call('DELETE', `/api/v2/${one}`);
}

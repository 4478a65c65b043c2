import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SCOPES } from '../../practice/pipedrive/options.ts';
import { ADMIN, REP, type Rig, startRig } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ plan: 'growth' }, { scopes: [...DEFAULT_SCOPES, 'admin', 'search:read'] });
});
afterAll(() => rig.pipedrive.close());

const post = (path: string, body: unknown, options = {}) => rig.call('POST', path, body, options);
const data = async (path: string) => (await rig.call('GET', path)).body.data;
const ids = async (path: string) => (await data(path)).map((row: { id: number }) => row.id);

describe('practice Pipedrive: what hangs on records', () => {
  it('takes the person of an activity from its participants, and knows its types', async () => {
    const person = rig.company.createPerson({ name: 'Eva' });
    const body = { subject: 'Call back', type: 'call', participants: [{ person_id: person.id, primary: true }] };
    const made = await post('/api/v2/activities', body);
    expect(made.body.data).toMatchObject({ person_id: person.id, done: false, owner_id: ADMIN.id });
    expect((await post('/api/v2/activities', { subject: 'x', person_id: person.id })).status).toBe(400);
    expect((await post('/api/v2/activities', { subject: 'x', type: 'dance' })).status).toBe(400);
    const done = await rig.call('PATCH', `/api/v2/activities/${made.body.data.id}`, { done: true });
    expect(done.body.data.marked_as_done_time).toBe('2026-11-23T09:00:00Z');
    expect(await ids(`/api/v2/activities?person_id=${person.id}&done=true`)).toEqual([made.body.data.id]);
    expect(await ids('/api/v2/activities?ids=1,2&done=false')).toEqual([]);
    const types = await post('/v1/activityTypes', { name: 'Site visit', icon_key: 'car' }, { userId: REP.id });
    expect(types.status).toBe(403);
  });

  it('keeps files byte for byte and pages them flat or nested', async () => {
    const deal = rig.company.createDeal({ title: 'With files' });
    const bytes = Uint8Array.from([0, 255, 10, 13, 128]);
    for (const name of ['a.pdf', 'b.pdf']) {
      const form = new FormData();
      form.set('file', new File([bytes], name));
      form.set('deal_id', String(deal.id));
      expect((await rig.upload('/v1/files', form)).body.data).toMatchObject({ name, file_size: 5, deal_id: deal.id });
    }
    const nested = (await rig.call('GET', '/v1/files?limit=1')).body.additional_data;
    expect(nested).toMatchObject({ pagination: { start: 0, more_items_in_collection: true, next_start: 1 } });
    const flat = (await rig.call('GET', `/v1/deals/${deal.id}/files?limit=1`)).body.additional_data;
    expect(flat).toEqual({ start: 0, limit: 1, more_items_in_collection: true });
    expect((await rig.call('GET', '/v1/files?limit=101')).status).toBe(400);
    const { access } = await rig.tokenOf(ADMIN.id);
    const url = `${rig.company.apiDomain}/v1/files/1/download`;
    const download = await fetch(url, { headers: { authorization: `Bearer ${access}` } });
    expect(new Uint8Array(await download.arrayBuffer())).toEqual(bytes);
    const empty = new FormData();
    empty.set('deal_id', '1');
    expect((await rig.upload('/v1/files', empty)).status).toBe(400);
  });

  it('filters by conditions, and lets other filters rest meanwhile', async () => {
    const field = rig.company.createField('organization', { field_name: 'SAP code', field_type: 'varchar' });
    const code = field.field_code;
    const named = rig.company.createOrganization({ name: 'F1', custom_fields: { [code]: 'C1' } });
    const other = rig.company.createOrganization({ name: 'F2', custom_fields: { [code]: 'C2' } });
    rig.company.createOrganization({ name: 'F3' });
    const filter = async (glue: 'and' | 'or', conditions: object[]) => {
      const groups = ['and', 'or'].map((one) => ({ glue: one, conditions: one === glue ? conditions : [] }));
      const answer = await post('/v1/filters', {
        name: 'n',
        type: 'org',
        conditions: { glue: 'and', conditions: groups },
      });
      return answer.body.data?.id ?? answer.status;
    };
    const is = (operator: string, value: string | null) => ({
      object: 'organization',
      field_id: code,
      operator,
      value,
    });
    const listed = async (id: number, more = '') => ids(`/api/v2/organizations?filter_id=${id}${more}`);
    expect(await listed(await filter('and', [is('=', 'C1')]))).toEqual([named.id]);
    expect(await listed(await filter('and', [is('IS NOT NULL', null), is('!=', 'C1')]))).toEqual([other.id]);
    const either = await filter('or', [is('=', 'C1'), is("LIKE '$%'", 'c2')]);
    expect(await listed(either, '&ids=999999')).toEqual([named.id, other.id]);
    expect(await filter('and', [is('~', 'C1')])).toBe(400);
    expect((await rig.call('GET', '/api/v2/organizations?filter_id=777')).status).toBe(404);
  });

  it('keeps variations and deal discounts, and installments by the plan and the lines', async () => {
    const product = rig.company.createProduct({ name: 'Shirt' });
    const made = await post(`/api/v2/products/${product.id}/variations`, { name: 'Red' });
    expect([made.status, made.body.data.prices]).toMatchObject([201, [{ price: 0, currency: 'EUR' }]]);
    const deal = rig.company.createDeal({ title: 'Shirts' });
    const line = { product_id: product.id, item_price: 100, quantity: 2, product_variation_id: made.body.data.id };
    const installment = { description: 'first', amount: 100, billing_date: '2026-12-01' };
    const installments = `/api/v2/deals/${deal.id}/installments`;
    expect((await post(installments, installment)).status).toBe(400);
    expect((await post(`/api/v2/deals/${deal.id}/products`, { ...line, product_variation_id: 99 })).status).toBe(400);
    await post(`/api/v2/deals/${deal.id}/products`, { ...line, tax: 0 });
    await post(`/api/v2/deals/${deal.id}/discounts`, { description: 'd', amount: 10, type: 'percentage' });
    expect(rig.company.deal(deal.id).value).toBe(180);
    expect((await post(installments, installment)).status).toBe(200);
    rig.company.changePlan('lite', 1);
    const capped = await post(installments, installment);
    expect([capped.status, capped.body.code]).toEqual([403, 'feature_capping_installments']);
    rig.company.changePlan('growth', 1);
  });

  it('takes no more than 20 recurring lines', async () => {
    const product = rig.company.createProduct({ name: 'Service' });
    const deal = rig.company.createDeal({ title: 'Subscriptions' });
    const line = { product_id: product.id, item_price: 1, quantity: 1, billing_frequency: 'monthly' };
    const path = `/api/v2/deals/${deal.id}/products`;
    for (let n = 0; n < 20; n += 1) expect((await post(path, line)).status).toBe(201);
    expect((await post(path, line)).status).toBe(400);
  });

  it('lets admins make stages and shows custom currencies', async () => {
    expect((await post('/api/v2/pipelines', { name: 'X' }, { userId: REP.id })).status).toBe(403);
    const stage = await post('/api/v2/stages', { name: 'Last', pipeline_id: 1 });
    expect(stage.body.data).toMatchObject({ order_nr: 4, pipeline_id: 1 });
    expect((await post('/api/v2/stages', { name: 'Lost', pipeline_id: 99 })).status).toBe(400);
    rig.company.addCurrency('POINTS', 0);
    const own = (await data('/v1/currencies')).filter((row: { is_custom_flag: boolean }) => row.is_custom_flag);
    expect(own).toMatchObject([{ code: 'POINTS', decimal_points: 0, active_flag: true }]);
    expect((await post('/api/v2/deals', { title: 'P', currency: 'POINTS' })).status).toBe(200);
    expect((await post('/api/v2/deals', { title: 'P', currency: 'XXX' })).status).toBe(400);
  });
});

describe('practice Pipedrive: search', () => {
  it('tells what was, until the index has caught up: creations, changes and deletions', async () => {
    const code = rig.company.createField('product', { field_name: 'Old code', field_type: 'varchar' }).field_code;
    const product = rig.company.createProduct({ name: 'Lagging lamp', custom_fields: { [code]: 'OLD1' } });
    rig.company.state.switches.searchLagMs = 10_000;
    const find = async (term: string) =>
      (await rig.call('GET', `/api/v2/products/search?term=${term}`)).body.data.items.map(
        ({ item }: { item: { name: string } }) => item.name,
      );
    expect(await find('lagging')).toEqual([]);
    rig.clock.advance(10_000);
    expect(await find('OLD1')).toEqual(['Lagging lamp']);
    rig.company.updateProduct(product.id, { name: 'Renamed lamp' });
    expect([await find('lagging'), await find('renamed')]).toEqual([['Lagging lamp'], []]);
    rig.clock.advance(10_000);
    expect(await find('renamed')).toEqual(['Renamed lamp']);
    rig.company.deleteProduct(product.id);
    expect(await find('renamed')).toEqual(['Renamed lamp']);
    rig.clock.advance(10_000);
    expect(await find('renamed')).toEqual([]);
    rig.company.state.switches.searchLagMs = 0;
  });

  it('looks over all kinds at once, or into one field with its upper and lower case', async () => {
    const code = rig.company.createField('person', { field_name: 'Number', field_type: 'varchar' }).field_code;
    const person = rig.company.createPerson({ name: 'Zora Zett', custom_fields: { [code]: 'Ab12' } });
    const organization = rig.company.createOrganization({ name: 'Zora AG' });
    const all = await data('/api/v2/itemSearch?term=zora');
    const types = all.items.map(({ item }: { item: { type: string; id: number } }) => [item.type, item.id]);
    expect(types.sort()).toEqual([
      ['organization', organization.id],
      ['person', person.id],
    ]);
    expect((await rig.call('GET', '/api/v2/itemSearch?term=zora&limit=101')).status).toBe(400);
    const field = (query: string) =>
      rig.call('GET', `/api/v2/itemSearch/field?entity_type=person&field=${code}&${query}`);
    expect((await field('term=Ab12')).body.data).toEqual([{ id: person.id, [code]: 'Ab12' }]);
    expect((await field('term=ab12')).body.data).toEqual([]);
    expect((await field('term=b1&match=middle')).body.data).toHaveLength(1);
    expect((await rig.call('GET', '/api/v2/itemSearch/field?entity_type=person&field=owner_id&term=42')).status).toBe(
      400,
    );
  });
});

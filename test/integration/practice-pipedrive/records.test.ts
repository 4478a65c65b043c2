import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REP, type Rig, startRig } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.pipedrive.close());

const refused = { success: false, code: 'ERR_SCHEMA_VALIDATION_FAILED' };

describe('practice Pipedrive: strict bodies', () => {
  it('refuses unknown parameters, wrong types and custom fields at top level, and names them', async () => {
    const field = rig.company.createField('organization', { field_name: 'SAP code', field_type: 'varchar' });
    const cases: [unknown, string][] = [
      [{ name: 'A', nonsense: 1 }, 'nonsense'],
      [{ name: 'A', owner_id: '42' }, 'owner_id'],
      [{ name: 'A', [field.field_code]: 'C1' }, field.field_code],
      [{ name: 'A', custom_fields: { [field.field_code]: 12 } }, field.field_code],
      [{ name: 'A', custom_fields: { ['f'.repeat(40)]: 'x' } }, 'f'.repeat(40)],
      [{ name: 'A', visible_to: 7 }, 'visible_to'],
      [{}, 'name'],
    ];
    for (const [body, named] of cases) {
      const answer = await rig.call('POST', '/api/v2/organizations', body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject(refused);
      expect(answer.body.error).toContain(named);
    }
    expect(rig.company.organizations()).toHaveLength(0);
  });

  it('creates with 200 or 201 as documented, with update_time null where Pipedrive leaves it', async () => {
    const org = await rig.call('POST', '/api/v2/organizations', { name: 'Acme GmbH' });
    const person = await rig.call('POST', '/api/v2/persons', { name: 'Eva Maria Klein', org_id: org.body.data.id });
    const product = await rig.call('POST', '/api/v2/products', { name: 'Chair', code: 'CH-1' });
    const deal = await rig.call('POST', '/api/v2/deals', { title: 'Chairs', org_id: org.body.data.id });
    expect([org.status, person.status, product.status, deal.status]).toEqual([200, 200, 201, 200]);
    expect(org.body.data.update_time).toBeNull();
    expect(person.body.data).toMatchObject({ first_name: 'Eva', last_name: 'Maria Klein' });
    expect(product.body.data.prices).toMatchObject([{ price: 0, currency: 'EUR' }]);
    expect(deal.body.data).toMatchObject({ status: 'open', stage_id: 1, pipeline_id: 1, owner_id: 42 });
  });

  it('lists empty custom fields as null and replaces an address as a whole', async () => {
    const made = await rig.call('POST', '/api/v2/organizations', {
      name: 'Haus AG',
      address: { value: 'Weg 1, Bonn', locality: 'Bonn', postal_code: '53111' },
    });
    const [code = ''] = rig.company.fields('organization').map((field) => field.field_code);
    expect(made.body.data.custom_fields).toEqual({ [code]: null });
    const moved = await rig.call('PATCH', `/api/v2/organizations/${made.body.data.id}`, {
      address: { value: 'Weg 2' },
    });
    expect(moved.body.data.address).toMatchObject({ value: 'Weg 2', locality: null, postal_code: null });
  });

  it('knows enum, set and monetary values', async () => {
    const status = await rig.call('POST', '/api/v2/dealFields', {
      field_name: 'SAP status',
      field_type: 'enum',
      options: [{ label: 'sent' }, { label: 'failed' }],
    });
    const limit = await rig.call('POST', '/api/v2/dealFields', { field_name: 'Limit', field_type: 'monetary' });
    const [sent] = status.body.data.options;
    const [enumCode, moneyCode] = [status.body.data.field_code, limit.body.data.field_code];
    const label = await rig.call('POST', '/api/v2/deals', { title: 'D', custom_fields: { [enumCode]: 'sent' } });
    expect(label.status).toBe(400);
    const good = await rig.call('POST', '/api/v2/deals', {
      title: 'D',
      custom_fields: { [enumCode]: sent.id, [moneyCode]: { value: 10.5 } },
    });
    expect(good.body.data.custom_fields).toEqual({
      [enumCode]: sent.id,
      [moneyCode]: { value: 10.5, currency: 'EUR' },
    });
    const shown = await rig.call('GET', `/api/v2/deals/${good.body.data.id}?include_option_labels=true`);
    expect(shown.body.data.custom_fields[enumCode]).toEqual({ id: sent.id, label: 'sent' });
  });

  it('allows 30 custom fields on Lite and fields from admins only', async () => {
    const asRep = await rig.call(
      'POST',
      '/api/v2/dealFields',
      { field_name: 'X', field_type: 'text' },
      { userId: REP.id },
    );
    expect(asRep.status).toBe(403);
    const make = (n: number) => rig.call('POST', '/api/v2/personFields', { field_name: `F${n}`, field_type: 'text' });
    let last = await make(0);
    for (let n = 1; last.status === 200 && n < 40; n += 1) last = await make(n);
    expect(last.status).toBe(403);
    expect(last.body.code).toMatch(/^feature_capping/);
    const all = (['deal', 'organization', 'person', 'product'] as const).flatMap((entity) =>
      rig.company.fields(entity),
    );
    expect(all).toHaveLength(30);
  });
});

describe('practice Pipedrive: deals and their lines', () => {
  it('computes the value from enabled lines and shares the tax method', async () => {
    const product = rig.company.createProduct({ name: 'Desk', code: 'D-1' });
    const deal = rig.company.createDeal({ title: 'Desks', value: 5000 });
    const path = `/api/v2/deals/${deal.id}/products`;
    const line = { product_id: product.id, item_price: 100, quantity: 2, discount: 10, tax_method: 'inclusive' };
    const first = await rig.call('POST', path, line);
    expect(first.status).toBe(201);
    expect(first.body.data).toMatchObject({ sum: 180, name: 'Desk', currency: 'EUR', is_enabled: true });
    await rig.call('POST', path, { product_id: product.id, item_price: 50, quantity: 1, is_enabled: false });
    expect(rig.company.deal(deal.id).value).toBe(180);
    await rig.call('PATCH', `${path}/${first.body.data.id}`, { tax_method: 'none', quantity: 1 });
    expect(rig.company.deal(deal.id).lines.map((one) => one.tax_method)).toEqual(['none', 'none']);
    const both = await rig.call('GET', `/api/v2/deals/products?deal_ids=${deal.id}`);
    expect(both.body.data).toHaveLength(2);
    const gone = await rig.call('DELETE', path);
    expect(gone.body).toMatchObject({ data: { ids: [1, 2] }, additional_data: { more_items_in_collection: false } });
  });

  it('refuses recurring lines on Lite and lines without price', async () => {
    const product = rig.company.createProduct({ name: 'Service' });
    const deal = rig.company.createDeal({ title: 'Service' });
    const path = `/api/v2/deals/${deal.id}/products`;
    const monthly = { product_id: product.id, item_price: 1, quantity: 1, billing_frequency: 'monthly' };
    expect((await rig.call('POST', path, monthly)).status).toBe(403);
    expect((await rig.call('POST', path, { product_id: product.id, quantity: 1 })).status).toBe(400);
  });

  it('wins through PATCH, deletes softly, and hides deals that only their owner may see', async () => {
    const deal = rig.company.createDeal({ title: 'Secret', visible_to: 1 });
    expect((await rig.call('GET', `/api/v2/deals/${deal.id}`, undefined, { userId: REP.id })).status).toBe(404);
    const won = await rig.call('PATCH', `/api/v2/deals/${deal.id}`, { status: 'won' });
    expect(won.body.data).toMatchObject({ status: 'won', won_time: '2026-11-23T09:00:00Z' });
    expect((await rig.call('DELETE', `/api/v2/deals/${deal.id}`)).body).toEqual({
      success: true,
      data: { id: deal.id },
    });
    expect((await rig.call('GET', `/api/v2/deals/${deal.id}`)).status).toBe(404);
    const deleted = await rig.call('GET', '/api/v2/deals?status=deleted');
    expect(deleted.body.data).toMatchObject([{ id: deal.id, is_deleted: true }]);
  });
});

describe('practice Pipedrive: lists', () => {
  it('pages with opaque cursors of at most 500 and refuses bad ones', async () => {
    for (let n = 0; n < 5; n += 1) rig.company.createProduct({ name: `P${n}`, code: `P${n}` });
    const seen: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await rig.call('GET', `/api/v2/products?limit=2&sort_by=name${query}`);
      seen.push(...page.body.data.map((row: { id: number }) => row.id));
      cursor = page.body.additional_data.next_cursor;
    }
    expect(new Set(seen).size).toBe(rig.company.products().length);
    for (const query of ['limit=501', 'cursor=xyz', 'sort_by=code', 'updated_since=2026-11-23T09:00:00.000Z']) {
      expect((await rig.call('GET', `/api/v2/products?${query}`)).status).toBe(400);
    }
    expect((await rig.call('GET', '/api/v2/products?bogus=1&limit=1')).body.data).toHaveLength(1);
    expect((await rig.call('GET', '/api/v2/products?updated_since=2026-11-23T09:00:01Z')).body.data).toEqual([]);
  });

  it('finds organizations and persons, exactly or in part, after the index lag', async () => {
    rig.company.createOrganization({ name: 'Nordlicht Möbel GmbH' });
    const find = async (query: string) =>
      (await rig.call('GET', `/api/v2/organizations/search?${query}`)).body.data.items;
    expect(await find('term=nordlicht')).toHaveLength(1);
    expect(await find('term=nordlicht&exact_match=true')).toHaveLength(0);
    rig.company.state.switches.searchLagMs = 5_000;
    expect(await find('term=nordlicht')).toHaveLength(0);
    rig.clock.advance(6_000);
    expect(await find('term=nordlicht')).toHaveLength(1);
    expect((await rig.call('GET', '/api/v2/organizations/search?term=n')).status).toBe(400);
  });
});

describe('practice Pipedrive: v1 resources', () => {
  it('keeps notes in v1 style and links a deal note to its organization', async () => {
    const org = rig.company.createOrganization({ name: 'Note AG' });
    const deal = rig.company.createDeal({ title: 'With note', org_id: org.id });
    const made = await rig.call('POST', '/api/v1/notes', {
      content: '<b>SAP order 17</b><script>alert(1)</script>',
      deal_id: deal.id,
      pinned_to_deal_flag: 1,
    });
    expect(made.body.data).toMatchObject({ content: '<b>SAP order 17</b>', org_id: org.id, pinned_to_deal_flag: true });
    expect(made.body.data.add_time).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    await rig.call('PUT', `/v1/notes/${made.body.data.id}`, { content: 'new' });
    const listed = await rig.call('GET', `/api/v1/notes?deal_id=${deal.id}`);
    expect(listed.body.data).toMatchObject([{ content: 'new' }]);
    expect(listed.body.additional_data.pagination.more_items_in_collection).toBe(false);
    expect((await rig.call('POST', '/api/v1/notes', { content: 'x' })).status).toBe(400);
  });

  it('tells who the user is', async () => {
    const me = await rig.call('GET', '/v1/users/me', undefined, { userId: REP.id });
    expect(me.body.data).toMatchObject({ id: 43, company_id: 1234567, company_domain: 'acme', is_you: true });
    expect(me.body.data.access.map((one: { app: string }) => one.app)).not.toContain('account_settings');
  });
});

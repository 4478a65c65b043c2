import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CrmDeal, CrmOrganization } from '../../../server/app/ports/crm.ts';
import { RejectedError } from '../../../server/kernel/errors.ts';
import { ADMIN, apiRequests, type Bench, REP, startBench } from './bench.ts';

async function collect<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

describe('what the app reads and writes in Pipedrive', () => {
  let bench: Bench;
  beforeEach(async () => {
    const organizations = Array.from({ length: 1_201 }, (_, index) => ({
      id: index + 1,
      name: `Organization ${index + 1}`,
      address: { value: 'Hauptstr. 1, 10115 Berlin', postal_code: '10115', locality: 'Berlin' },
    }));
    bench = await startBench({ organizations, products: [{ id: 3, name: 'Desk', code: 'D-1', price: 120 }] });
    await bench.install(ADMIN);
  });
  afterEach(() => bench.close());

  it('lists organizations in pages of 500, each once', async () => {
    const found: CrmOrganization[] = await collect(
      bench.crm.listOrganizations(bench.caller(), {
        customFields: [],
        updatedSince: new Date('2020-01-01T00:00:00.5Z'),
      }),
    );
    expect(new Set(found.map(({ id }) => id)).size).toBe(1_201);
    expect(found[0]).toMatchObject({ id: 1, name: 'Organization 1', postalCode: '10115' });
    expect(apiRequests(bench.practice)).toHaveLength(3);
  });

  it('writes an organization with its address and its custom fields, and changes only what is given', async () => {
    const { code } = await bench.crm.createField(bench.caller(), 'organization', { name: 'SAP code', type: 'varchar' });
    const { code: limit } = await bench.crm.createField(bench.caller(), 'organization', {
      name: 'Limit',
      type: 'monetary',
    });
    expect(code).toMatch(/^[0-9a-f]{40}$/);
    const id = await bench.crm.createOrganization(bench.caller(), {
      name: 'Nordwind GmbH',
      address: { value: 'Kai 3, 20457 Hamburg', postalCode: '20457', locality: 'Hamburg', country: null },
      customFields: { [code]: 'C20000', [limit]: { value: 50_000, currency: 'EUR' } },
    });
    await bench.crm.updateOrganization(bench.caller(), id, { customFields: { [code]: 'C20001' } });
    await expect(bench.crm.getOrganization(bench.caller(), id)).resolves.toMatchObject({
      name: 'Nordwind GmbH',
      postalCode: '20457',
      customFields: { [code]: 'C20001', [limit]: { value: 50_000, currency: 'EUR' } },
    });
    const fields = await bench.crm.listFields(bench.caller(), 'organization');
    expect(fields).toContainEqual({
      code,
      name: 'SAP code',
      type: 'varchar',
      custom: true,
      options: [],
      description: null,
    });
    expect(fields.some(({ custom }) => !custom)).toBe(true);
  });

  it.each(['person', 'deal', 'product'] as const)('makes and lists fields of a %s', async (entity) => {
    const { code } = await bench.crm.createField(bench.caller(), entity, { name: 'SAP note', type: 'text' });
    await expect(bench.crm.listFields(bench.caller(), entity)).resolves.toContainEqual(
      expect.objectContaining({ code, name: 'SAP note' }),
    );
  });

  it.each(['organization', 'deal'] as const)(
    'makes a list of choices for a %s, adds to it and rewords it',
    async (entity) => {
      const caller = bench.caller();
      const field = { name: 'SAP segment', type: 'enum', options: ['Dealers', 'Fit-out'] } as const;
      const made = await bench.crm.createField(caller, entity, field);
      expect(made.options.map(({ label }) => label)).toEqual(['Dealers', 'Fit-out']);
      const [first] = made.options;
      const added = await bench.crm.addFieldOptions(caller, entity, made.code, ['Public sector']);
      expect(added).toEqual([{ id: expect.any(Number), label: 'Public sector' }]);
      await bench.crm.renameFieldOptions(caller, entity, made.code, [
        { id: first?.id ?? 0, label: 'Specialist dealers' },
      ]);
      const fields = await bench.crm.listFields(caller, entity);
      expect(fields.find(({ code }) => code === made.code)?.options.map(({ label }) => label)).toEqual([
        'Specialist dealers',
        'Fit-out',
        'Public sector',
      ]);
    },
  );

  it('keeps the words of a refusal', async () => {
    const call = bench.crm.updateOrganization(bench.caller(), 1, { customFields: { ['0'.repeat(40)]: 'x' } });
    const failure = await call.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RejectedError);
    expect(failure).toMatchObject({ system: 'pipedrive', code: 'ERR_SCHEMA_VALIDATION_FAILED' });
  });

  it('writes and lists persons of an organization, and leaves alone what it is not told', async () => {
    const work = (value: string, primary = true) => ({ value, label: 'work', primary });
    const values = {
      name: 'Ann',
      organizationId: 5,
      emails: [work('ann@example.com'), { value: 'a@example.com', label: 'home', primary: false }],
      phones: [work('+49 40 1')],
    };
    const id = await bench.crm.createPerson(bench.caller(), values);
    const ann = { id, ...values, name: 'Anna', phones: [work('+49 40 1'), work('+49 40 2', false)] };
    await bench.crm.updatePerson(bench.caller(), id, { name: 'Anna', organizationId: 5, phones: ann.phones });
    await expect(bench.crm.getPerson(bench.caller(), id)).resolves.toMatchObject(ann);
    await expect(collect(bench.crm.listPersons(bench.caller(), { organizationId: 5 }))).resolves.toMatchObject([ann]);
    await expect(collect(bench.crm.listPersons(bench.caller(), { organizationId: 6 }))).resolves.toEqual([]);
  });

  it('writes products with all their prices, and takes one off the deals', async () => {
    const prices = [
      { currency: 'EUR', price: '12.50' },
      { currency: 'USD', price: '14' },
    ];
    const product = { name: 'Chair', code: 'C-1', unit: 'pcs', prices, active: true };
    const id = await bench.crm.createProduct(bench.caller(), product);
    await bench.crm.updateProduct(bench.caller(), id, { ...product, unit: null, active: false });
    const stored = bench.company.products().find((row) => row.id === id);
    expect(stored).toMatchObject({ code: 'C-1', is_linkable: false });
    expect(stored?.prices.map(({ currency, price }) => [currency, price])).toEqual([
      ['EUR', 12.5],
      ['USD', 14],
    ]);
    const chair = { id, name: 'Chair', code: 'C-1', unit: 'pcs', active: false, isDeleted: false };
    await expect(bench.crm.getProduct(bench.caller(), id)).resolves.toMatchObject({
      ...chair,
      prices: [{ price: '12.5' }, { price: '14' }],
    });
    await expect(collect(bench.crm.listProducts(bench.caller(), {}))).resolves.toContainEqual(
      expect.objectContaining(chair),
    );
  });

  it('reads a won deal with its lines, amounts as decimals', async () => {
    const { id } = bench.company.createDeal({
      title: 'Twelve desks',
      org_id: 5,
      currency: 'EUR',
      expected_close_date: '2026-04-01',
      lines: [
        { product_id: 3, item_price: 99.99, quantity: 12, discount: 10 },
        { product_id: 3, item_price: 0.1, quantity: 3, is_enabled: false, discount: 1, discount_type: 'amount' },
      ],
    });
    const before = await bench.crm.getDeal(bench.caller(), id);
    expect(before).toMatchObject({ status: 'open', wonAt: null, organizationId: 5, value: '1079.89' });
    bench.company.win(id);
    const deal: CrmDeal = await bench.crm.getDeal(bench.caller(), id);
    expect(deal).toMatchObject({ status: 'won', expectedCloseDate: '2026-04-01', currency: 'EUR' });
    expect(deal.wonAt).toEqual(new Date(bench.clock.now()));
    await expect(bench.crm.listDealLines(bench.caller(), id)).resolves.toMatchObject([
      { productId: 3, quantity: '12', unitPrice: '99.99', discount: '10', discountType: 'percentage', enabled: true },
      { quantity: '3', unitPrice: '0.1', discountType: 'amount', enabled: false, billingFrequency: 'one-time' },
    ]);
    const since = { updatedSince: new Date(bench.clock.now()), archived: false };
    await expect(collect(bench.crm.listChangedDeals(bench.caller(), since))).resolves.toEqual([deal]);
    await expect(bench.crm.listDealsOfOrganization(bench.caller(), 5)).resolves.toEqual({
      deals: [deal],
      more: false,
    });
    await expect(bench.crm.listDealsOfOrganization(bench.caller(), 6)).resolves.toEqual({ deals: [], more: false });
  });

  it('writes the receipt on the deal: fields and a pinned note', async () => {
    const { id } = bench.company.createDeal({ title: 'Desks', org_id: 5 });
    const { code } = await bench.crm.createField(bench.caller(), 'deal', { name: 'SAP order', type: 'varchar' });
    await bench.crm.updateDealFields(bench.caller(), id, { [code]: '1042' });
    const note = await bench.crm.createDealNote(bench.caller(), id, '<p>SAP order 1042</p>');
    await expect(bench.crm.listDealNotes(bench.caller(), id)).resolves.toEqual([
      { id: note, content: '<p>SAP order 1042</p>' },
    ]);
    expect(bench.company.deal(id).custom_fields[code]).toBe('1042');
    expect(bench.company.notes(id)[0]).toMatchObject({ pinned_to_deal_flag: true });
  });

  it('makes, lists and removes webhooks of format 2.0', async () => {
    const webhook = { name: 'deals', object: 'deal', action: 'change', user: 'u', password: 'p' };
    const url = `${bench.practice.oauthUrl}/webhooks/pipedrive/secret`;
    const id = await bench.crm.createWebhook(bench.caller(), { ...webhook, url });
    const hooks = await bench.crm.listWebhooks(bench.caller());
    expect(hooks).toMatchObject([{ id, url, object: 'deal', action: 'change', active: true, user: 'u' }]);
    expect(hooks).toMatchObject([{ ownerId: ADMIN, lastStatus: null, lastDeliveryAt: null }]);
    const [hook] = bench.company.webhooks();
    Object.assign(hook ?? {}, { last_http_status: 503, last_delivery_time: '2026-11-23T08:00:00.000Z', user_id: null });
    expect(await bench.crm.listWebhooks(bench.caller())).toMatchObject([
      { ownerId: null, lastStatus: 503, lastDeliveryAt: new Date('2026-11-23T08:00:00Z') },
    ]);
    expect(bench.company.webhooks()[0]).toMatchObject({ version: '2.0', http_auth_user: 'u' });
    await bench.crm.deleteWebhook(bench.caller(), id);
    await expect(bench.crm.createWebhook(bench.caller(), { ...webhook, url: 'http://127.0.0.1:1/' })).rejects.toThrow(
      'subscription_url: ',
    );
    await expect(bench.crm.listWebhooks(bench.caller())).resolves.toEqual([]);
  });

  it('knows who is an admin, and whose name it acts in', async () => {
    await bench.install(REP);
    await expect(bench.crm.getMe(bench.caller(REP))).resolves.toMatchObject({ userId: REP, isAdmin: false });
    await expect(bench.crm.listUsers(bench.caller())).resolves.toEqual([
      { id: ADMIN, name: 'Ada Admin', email: 'ada@example.com', active: true, isAdmin: true },
      { id: REP, name: 'Rolf Rep', email: 'rolf@example.com', active: true, isAdmin: false },
    ]);
  });
});

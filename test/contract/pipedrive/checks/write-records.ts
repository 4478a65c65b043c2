import type { ProductValues } from '../../../../server/app/ports/crm.ts';
import { compare } from '../../../../server/kernel/money.ts';
import { type Found, holds, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { type Maker, making, refusalOf } from '../maker.ts';
import { recordOf } from '../raw-client.ts';
import type { Scene } from '../scene.ts';

const ADDRESS = { value: 'Hauptstraße 1, 10115 Berlin', postalCode: '10115', locality: 'Berlin', country: 'Germany' };

async function organization({ crm, caller, raw }: Scene, maker: Maker): Promise<Found> {
  const id = await maker.make('organization', (name) => crm.createOrganization(caller, { name, address: ADDRESS }));
  const first = await crm.getOrganization(caller, id);
  const name = `${first.name}, renamed`;
  await crm.updateOrganization(caller, id, { name });
  const second = await crm.getOrganization(caller, id);
  await maker.remove('organization', id);
  const gone = await raw.read(`/api/v2/organizations/${id}`);
  const listed = await crm.listOrganizationsByIds(caller, [id], []);
  return verdict(
    [
      [first.postalCode === ADDRESS.postalCode, `Its postal code reads ${first.postalCode}.`],
      [second.name === name && second.address === first.address, 'The change of its name changed more, or nothing.'],
      [listed.every(({ isDeleted }) => isDeleted), 'It is still listed once it is deleted.'],
    ],
    `Deleted, it is answered ${gone.status} alone and ${listed.length > 0 ? 'still' : 'not'} listed by its id.`,
  );
}

async function person({ crm, caller }: Scene, maker: Maker): Promise<Found> {
  const organizationId = await maker.make('organization', (name) => crm.createOrganization(caller, { name }));
  const email = { value: 'suite@example.com', label: 'work', primary: true };
  const id = await maker.make('person', (name) => crm.createPerson(caller, { name, organizationId, emails: [email] }));
  const phones = [{ value: '+49 30 123', label: 'work', primary: true }];
  await crm.updatePerson(caller, id, { phones });
  const { emails, phones: kept, organizationId: of } = await crm.getPerson(caller, id);
  return verdict([
    [of === organizationId, 'It is of another organization.'],
    [emails.length === 1 && emails[0]?.value === email.value, 'Its address is gone, or another one.'],
    [kept.length === 1 && kept[0]?.value === phones[0]?.value, 'Its number is another one.'],
  ]);
}

/** A product in the company's own currency, which its prices show when none is given. */
async function made(scene: Scene, maker: Maker, more: Partial<ProductValues> = {}) {
  const { crm, caller } = scene;
  const values = (name: string): ProductValues => ({
    name,
    code: name.split(' ').at(-1) ?? name,
    unit: 'pcs',
    prices: [{ currency: 'EUR', price: '12.5' }],
    active: true,
    ...more,
  });
  const id = await maker.make('product', (name) => crm.createProduct(caller, values(name)));
  return { id, product: await crm.getProduct(caller, id), values };
}

const priceIn = (prices: ProductValues['prices'], currency: string) =>
  prices.find((one) => one.currency === currency)?.price ?? '-1';

async function product(scene: Scene, maker: Maker): Promise<Found> {
  const { crm, caller } = scene;
  const { id, product: first, values } = await made(scene, maker);
  const change = { ...values(first.name), active: false, prices: [{ currency: 'USD', price: '20' }] };
  await crm.updateProduct(caller, id, change);
  const second = await crm.getProduct(caller, id);
  return verdict(
    [
      [first.code !== null, 'Its code is gone.'],
      [!second.active, 'It is still offered on deals.'],
      [compare(priceIn(second.prices, 'EUR'), '12.5') === 0, 'The price in the other currency is gone.'],
      [compare(priceIn(second.prices, 'USD'), '20') === 0, 'The new price is missing.'],
    ],
    `${second.prices.length} prices.`,
  );
}

async function barePatch(scene: Scene, maker: Maker): Promise<Found> {
  const { id, product: first } = await made(scene, maker);
  recordOf(await scene.raw.once('PATCH', `/api/v2/products/${id}`, { name: `${first.name}, renamed` }));
  const { prices } = await scene.crm.getProduct(scene.caller, id);
  return verdict([[compare(priceIn(prices, 'EUR'), '12.5') === 0, `It is ${priceIn(prices, 'EUR')} afterwards.`]]);
}

async function sameCode(scene: Scene, maker: Maker): Promise<Found> {
  const { product: first } = await made(scene, maker);
  const refusal = await refusalOf(() => maker.post('product', (name) => ({ name, code: first.code })));
  return holds(refusal === undefined ? 'Taken: codes need not be unique.' : `Refused: ${refusal}`);
}

async function merge({ crm, caller, raw }: Scene, maker: Maker): Promise<Found> {
  const one = await maker.make('organization', (name) => crm.createOrganization(caller, { name }));
  const other = await maker.make('organization', (name) => crm.createOrganization(caller, { name }));
  recordOf(await raw.once('PUT', `/api/v1/organizations/${one}/merge`, { merge_with_id: other }));
  const left = (await crm.listOrganizationsByIds(caller, [one, other], [])).filter(({ isDeleted }) => !isDeleted);
  const { status } = await raw.read(`/api/v2/organizations/${one}`);
  return verdict(
    [
      [left.length === 1, `${left.length} of them are left.`],
      [left[0]?.id === other, 'The one that was named to merge with is gone.'],
    ],
    `The one that is gone is answered ${status}.`,
  );
}

/** Makes organizations, persons and products, and removes them. Source: reference 4.5, 4.6, 4.9 and 10. */
export const recordWriteChecks: readonly Check[] = [
  {
    name: 'write.organization',
    claim: 'An organization is made with its address, renamed without losing it, and deleted.',
    covers: ['createOrganization', 'updateOrganization'],
    writes: true,
    run: making(organization),
  },
  {
    name: 'write.person',
    claim: 'A person is made in its organization; what a change leaves out stays.',
    covers: ['createPerson', 'updatePerson'],
    writes: true,
    run: making(person),
  },
  {
    name: 'write.product',
    claim: 'A product is made with its price, switched off, and keeps prices in other currencies.',
    covers: ['createProduct', 'updateProduct'],
    writes: true,
    run: making(product),
  },
  {
    name: 'write.product-prices',
    claim: 'A change of a product that leaves out the prices keeps them.',
    writes: true,
    run: making(barePatch),
  },
  {
    name: 'write.product-code',
    claim: 'A second product of the same code is taken, or refused.',
    writes: true,
    run: making(sameCode),
  },
  {
    name: 'write.merge',
    claim: 'Of two organizations that are merged, the one that was named to merge with stays.',
    writes: true,
    run: making(merge),
  },
];

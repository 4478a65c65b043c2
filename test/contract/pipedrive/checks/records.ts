import { type Found, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { rowsOf } from '../raw-client.ts';
import type { Scene } from '../scene.ts';

interface Changed {
  readonly updateTime: string;
}

/** A record read alone against the same one of a list. */
function same(alone: Changed, listed: Changed): Found {
  if (alone.updateTime !== listed.updateTime) return notAsked('Somebody is working on it.');
  return verdict(
    [[JSON.stringify(alone) === JSON.stringify(listed), 'It reads differently.']],
    alone.updateTime === '' ? 'It does not tell when it was changed.' : undefined,
  );
}

/** A field of the company's own that can be searched, with a value that stands on one of its organizations. */
async function ownText({
  crm,
  caller,
  facts,
}: Scene): Promise<{ code: string; value: string; id: number } | undefined> {
  const fields = (await crm.listFields(caller, 'organization')).filter(
    ({ custom, type }) => custom && (type === 'varchar' || type === 'text'),
  );
  for (const { id, customFields } of await facts.organizations()) {
    for (const { code } of fields) {
      const value = customFields[code];
      if (typeof value === 'string' && value.length > 1) return { code, value, id };
    }
  }
  return undefined;
}

/** Organizations, persons, products, and searching for them. Source: reference 4.5, 4.6, 4.9 and 4.11. */
export const recordChecks: readonly Check[] = [
  {
    name: 'organizations.read',
    claim: 'An organization reads the same alone and in a list.',
    covers: ['getOrganization', 'listOrganizations'],
    async run({ crm, caller, facts }) {
      const [listed] = await facts.organizations();
      if (!listed) return notAsked('There is no organization.');
      // How many people it has is asked for with one alone.
      const { people: _people, ...alone } = await crm.getOrganization(caller, listed.id);
      return same(alone, listed);
    },
  },
  {
    name: 'persons.read',
    claim: 'A person reads the same alone and in a list, and among those of its organization.',
    covers: ['getPerson', 'listPersons'],
    async run({ crm, caller, facts }) {
      const all = await facts.persons();
      const listed = all.find(({ organizationId }) => organizationId !== null) ?? all[0];
      if (!listed) return notAsked('There is no person.');
      const alone = same(await crm.getPerson(caller, listed.id), listed);
      const { organizationId } = listed;
      if (alone.outcome !== 'holds' || organizationId === null) return alone;
      for await (const rows of crm.listPersons(caller, { organizationId }))
        if (rows.some(({ id }) => id === listed.id)) return holds();
      return verdict([[false, 'It is not among those of its organization.']]);
    },
  },
  {
    name: 'products.read',
    claim: 'A product reads the same alone and in a list, its prices too.',
    covers: ['getProduct', 'listProducts'],
    async run({ crm, caller, facts }) {
      const [listed] = await facts.products();
      if (!listed) return notAsked('There is no product.');
      return same(await crm.getProduct(caller, listed.id), listed);
    },
  },
  {
    name: 'products.variations',
    claim: 'The variations of a product are listed; there may be none.',
    covers: ['listProductVariations'],
    async run({ crm, caller, facts }) {
      const [product] = await facts.products();
      if (!product) return notAsked('There is no product.');
      return holds(`${(await crm.listProductVariations(caller, product.id)).length} variations.`);
    },
  },
  {
    name: 'search.products',
    claim: 'A product is found by exactly its code.',
    covers: ['searchProducts'],
    async run({ crm, caller, facts }) {
      const product = (await facts.products()).find(({ code }) => code !== null);
      if (!product || product.code === null) return notAsked('None of the newest products has a code.');
      const found = await crm.findProductsByCode(caller, product.code);
      if (found.length === 0) return notAsked('Nothing is found: the search lags behind.');
      return verdict([[found.some(({ id }) => id === product.id), 'Others are found.']], `${found.length} found.`);
    },
  },
  {
    name: 'search.organizations',
    claim: 'An organization is found by exactly its name.',
    covers: ['searchOrganizations'],
    async run({ crm, caller, facts }) {
      const organization = (await facts.organizations()).find(({ name }) => name.length > 1);
      if (!organization) return notAsked('There is no organization.');
      const found = await crm.findOrganizationsByName(caller, organization.name);
      if (found.length === 0) return notAsked('Nothing is found: the search lags behind.');
      return verdict([[found.some(({ id }) => id === organization.id), 'Others are found.']], `${found.length} found.`);
    },
  },
  {
    name: 'search.field-key',
    claim: 'A search in one custom field gives the id and the value, by a name that is not documented.',
    async run(scene) {
      const own = await ownText(scene);
      if (!own) return notAsked('No custom text stands on the newest organizations.');
      const query = new URLSearchParams({
        entity_type: 'organization',
        field: own.code,
        match: 'exact',
        term: own.value,
      });
      const answer = await scene.raw.read(`/api/v2/itemSearch/field?${query}`);
      if (answer.status === 403) return notAsked('The scope search:read is missing.');
      const rows = rowsOf(answer);
      if (rows.length === 0) return notAsked('Nothing is found: the search lags behind.');
      const names = Object.keys(rows[0] ?? {}).map((name) => (name === own.code ? 'the code of the field' : name));
      return verdict(
        [[rows.some((row) => row['id'] === own.id), 'Others are found.']],
        `Its members: ${names.join(', ')}.`,
      );
    },
  },
];

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsOf } from '../practice/kernel/json.ts';
import { createRandom } from '../practice/kernel/random.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies, writesIn } from '../support/companies.ts';

/** How many are played, in the long run at most a thousand; `ORDERLINE_SEED` plays one (`17`) or a range (`10-17`) again. */
const SEEDS = seedsOf(
  process.env['ORDERLINE_SEED'] ?? `1-${Math.min(1_000, Number(process.env['ORDERLINE_SEEDS'] ?? 10))}`,
);
/** Seeds played side by side: each has a record of each kind for itself. */
const AT_ONCE = Math.min(20, SEEDS.length);
const COMPANY = 2620;
const GATHERED = 40_000;

/** What the app gets to do after each round of edits: nothing, read what it was told, or also read SAP. */
const ROUNDS = ['nothing', 'read', 'sync', 'nothing', 'read', 'sync'] as const;

/** An edit on either side. `free`: it touches nothing that the two sides share, so nothing may be written because of it. */
interface Move {
  readonly make: (random: Life['random']) => void;
  readonly free?: boolean;
}

interface Life {
  readonly name: string;
  readonly kind: string;
  /** Of its record in Pipedrive's API. */
  readonly path: string;
  readonly random: ReturnType<typeof createRandom>;
  readonly moves: Readonly<Record<string, Move>>;
  /** What is not as it has to be in the end; empty: all is. */
  readonly problem: () => string;
  readonly done: string[];
  edits: number;
}
type Kind = Pick<Life, 'path' | 'moves' | 'problem'>;

let companies: Companies;
let customer: Customer;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: COMPANY, partners: AT_ONCE * 3 + 4, items: AT_ONCE + 4, organizations: 4 });
  await customer.setUp();
  await companies.app.runJobs();
  await companies.app.runJobsFor(GATHERED);
  await companies.app.api(COMPANY, ADMIN).post('/api/settings/handoff', { enabled: true });
}, 240_000);
afterAll(() => companies?.close(), 60_000);

describe('both sides edit one record, drawn from seeds', { timeout: SEEDS.length * 6_000 + 60_000 }, () => {
  it(`WH-13 each edit is written at most once, SAP’s values stand in the end, and then nothing moves any more (${SEEDS.length} seeds of organizations, people, products and deals)`, async () => {
    const broken: string[] = [];
    const written = new Set<string>();
    for (let from = 0; from < SEEDS.length; from += AT_ONCE) {
      const lives = await begin(SEEDS.slice(from, from + AT_ONCE));
      const calls = await customer.callsDuring(async () => {
        for (const round of ROUNDS) {
          for (const life of lives) act(life);
          await work(round);
        }
        await work('sync');
        await work('read');
      });
      const echoes = await customer.callsDuring(async () => {
        await work('sync');
        await work('read');
      });
      for (const life of lives) broken.push(...brokenIn(life, writesTo(life, calls), writesTo(life, echoes)));
      for (const life of lives) if (writesTo(life, calls) > 0) written.add(life.kind);
    }
    expect(broken.join('\n')).toBe('');
    // What nobody ever writes proves nothing.
    if (SEEDS.length >= 10)
      expect(['organization', 'product', 'person'].filter((kind) => !written.has(kind))).toEqual([]);
  });
});

async function begin(seeds: readonly number[]): Promise<Life[]> {
  const organizations = await organizationsOfOurs();
  const contacts = await contactsBut(new Set(organizations.slice(0, AT_ONCE).map(({ cardCode }) => cardCode)));
  const items = await linksOf('item');
  const deals = await dealsInSap(seeds.length, organizations.slice(AT_ONCE));
  return seeds.flatMap((seed, index) => {
    const kinds: readonly (readonly [string, Kind | undefined])[] = [
      ['organization', organizations[index] && organizationLife(seed, organizations[index])],
      ['product', items[index] && productLife(seed, items[index])],
      ['person', contacts[index] && personLife(contacts[index])],
      ['deal', deals[index] !== undefined ? dealLife(deals[index]) : undefined],
    ];
    return kinds.map(([name, kind], place) => {
      if (!kind) throw new Error(`There are only ${index} that could be a ${name}.`);
      return {
        ...kind,
        name: `seed ${seed}, ${name}`,
        kind: name,
        random: createRandom(seed * 4 + place),
        done: [],
        edits: 0,
      };
    });
  });
}

const linksOf = async (kind: 'item' | 'contact') =>
  (await customer.rows('entity_links'))
    .filter((row) => row['kind'] === kind && row['state'] === 'linked')
    .map((row) => ({ id: Number(row['pipedrive_id']), key: String(row['sap_key']) }))
    .sort((left, right) => left.id - right.id);

interface LinkedOrganization {
  readonly id: number;
  readonly cardCode: string;
}

async function organizationsOfOurs(): Promise<readonly LinkedOrganization[]> {
  return customer.pipedrive.organizations().flatMap(({ id }) => {
    const organization = customer.pipedrive.organizations().find((one) => one.id === id);
    const cardCode = organization && customer.pipedrive.fieldValue('organization', organization, 'SAP code');
    const isWritten = typeof cardCode === 'string' && cardCode !== '';
    return isWritten && customer.sap.partner(cardCode)['Frozen'] !== 'tYES' ? [{ id, cardCode }] : [];
  });
}

/** One contact of each customer, but for those who are taken. */
async function contactsBut(taken: Set<string>): Promise<readonly { id: number; key: string; cardCode: string }[]> {
  return (await linksOf('contact')).flatMap(({ id, key }) => {
    const cardCode = key.slice(0, key.lastIndexOf('/'));
    if (taken.has(cardCode)) return [];
    taken.add(cardCode);
    return [{ id, key, cardCode }];
  });
}

/** Deals that were won, with their orders made and their receipts written. */
async function dealsInSap(count: number, among: readonly LinkedOrganization[]): Promise<readonly number[]> {
  const buyer = among.find(({ cardCode }) => customer.sap.partner(cardCode)['CardType'] === 'cCustomer');
  const sold = customer.sap.rows('Items').find((row) => row['SalesItem'] === 'tYES' && row['Valid'] !== 'tNO');
  const product = customer.pipedrive.products().find(({ code }) => code === sold?.['ItemCode']);
  const lines = [{ product_id: product?.id ?? 0, item_price: 75, quantity: 1 }];
  companies.world.clock.advance(1_000);
  const deals = Array.from({ length: count }, (_, index) =>
    customer.pipedrive.createDeal({
      title: `Deal ${index}`,
      org_id: buyer?.id ?? null,
      currency: 'EUR',
      owner: REP,
      lines,
    }),
  );
  companies.world.clock.advance(1_000);
  for (const { id } of deals) customer.pipedrive.win(id, REP);
  await companies.app.runJobsFor(GATHERED);
  return deals.map(({ id }) => id);
}

function organizationLife(seed: number, { id, cardCode }: LinkedOrganization): Kind {
  const patch = (values: Parameters<Customer['pipedrive']['updateOrganization']>[1]) =>
    customer.pipedrive.updateOrganization(id, values);
  const inSap = () => String(customer.sap.partner(cardCode)['CardName']);
  const limit = fieldCode('organization', 'SAP credit limit');
  return {
    path: `/api/v2/organizations/${id}`,
    moves: {
      nothing: { free: true, make: () => undefined },
      'person renames': { make: (random) => patch({ name: `Own ${random.int(1, 3)}` }) },
      'person takes it back': { make: () => patch({ name: inSap() }) },
      'person moves it': { make: (random) => patch({ address: { value: `Own street ${random.int(1, 3)}` } }) },
      'person empties the limit': { make: () => patch({ custom_fields: { [limit]: null } }) },
      'person adds a website': {
        free: true,
        make: (random) => patch({ website: `https://own-${random.int(1, 9)}.example` }),
      },
      'SAP renames': {
        make: (random) => customer.sap.changePartner(cardCode, { CardName: `SAP ${seed} ${random.int(1, 3)}` }),
      },
    },
    problem: () => nameProblem(customer.pipedrive.organizations().find((one) => one.id === id)?.name, inSap()),
  };
}

function productLife(seed: number, { id, key }: { readonly id: number; readonly key: string }): Kind {
  const now = () => customer.pipedrive.products().find((one) => one.id === id);
  const inSap = () => String(customer.sap.item(key)['ItemName']);
  return {
    path: `/api/v2/products/${id}`,
    moves: {
      nothing: { free: true, make: () => undefined },
      'person renames': { make: (random) => customer.pipedrive.updateProduct(id, { name: `Own ${random.int(1, 3)}` }) },
      'person takes it back': { make: () => customer.pipedrive.updateProduct(id, { name: inSap() }) },
      'person describes it': {
        free: true,
        make: (random) => customer.pipedrive.updateProduct(id, { description: `Own words ${random.int(1, 3)}` }),
      },
      'SAP renames': {
        make: (random) => customer.sap.changeItem(key, { ItemName: `SAP ${seed} ${random.int(1, 3)}` }),
      },
    },
    problem: () => nameProblem(now()?.name, inSap()),
  };
}

/** What a person changed of another person is theirs: nothing of it is written over, and SAP adds its own once. */
function personLife({
  id,
  key,
  cardCode,
}: {
  readonly id: number;
  readonly key: string;
  readonly cardCode: string;
}): Kind {
  const code = Number(key.slice(key.lastIndexOf('/') + 1));
  return {
    path: `/api/v2/persons/${id}`,
    moves: {
      nothing: { free: true, make: () => undefined },
      'person renames': {
        free: true,
        make: (random) => customer.pipedrive.updatePerson(id, { name: `Own name ${random.int(1, 3)}` }),
      },
      'person gives it to somebody': {
        free: true,
        make: (random) => customer.pipedrive.updatePerson(id, { owner_id: random.pick([ADMIN, REP]) }),
      },
      'SAP gives another number': {
        make: (random) => {
          const contacts = recordsOf(customer.sap.partner(cardCode), 'ContactEmployees');
          customer.sap.changePartner(cardCode, {
            ContactEmployees: contacts.map((contact) =>
              contact['InternalCode'] === code ? { ...contact, Phone1: `+49 30 ${random.int(1_000, 1_003)}` } : contact,
            ),
          });
        },
      },
    },
    problem: () => '',
  };
}

/** The fields of a deal that say what has become of it in SAP. */
function dealLife(id: number): Kind {
  const status = fieldCode('deal', 'SAP status');
  const patch = (values: Parameters<Customer['pipedrive']['updateDeal']>[1]) =>
    customer.pipedrive.updateDeal(id, values, REP);
  return {
    path: `/api/v2/deals/${id}`,
    moves: {
      nothing: { free: true, make: () => undefined },
      'person renames': { free: true, make: (random) => patch({ title: `Own title ${random.int(1, 3)}` }) },
      'person empties the status': { make: () => patch({ custom_fields: { [status]: null } }) },
      'person writes another status': {
        make: (random) => patch({ custom_fields: { [status]: `Own ${random.int(1, 3)}` } }),
      },
    },
    problem: () => '',
  };
}

function fieldCode(entity: 'organization' | 'deal', name: string): string {
  const code = customer.pipedrive.fields(entity).find(({ field_name }) => field_name === name)?.field_code;
  if (code === undefined) throw new Error(`There is no field ${name}.`);
  return code;
}

/** One edit on either side, or none. Every edit counts, also one that changes nothing. */
function act(life: Life): void {
  const name = life.random.pick(Object.keys(life.moves));
  const move = life.moves[name];
  life.done.push(name);
  if (!move?.free) life.edits += 1;
  move?.make(life.random);
}

async function work(round: (typeof ROUNDS)[number]): Promise<void> {
  if (round === 'sync') await companies.syncAgain();
  if (round !== 'nothing') await companies.app.runJobsFor(GATHERED);
  companies.world.clock.advance(2_000);
}

function nameProblem(name: string | undefined, inSap: string): string {
  return name === inSap ? '' : `its name is “${name}”, in SAP “${inSap}”`;
}

function writesTo({ path }: Life, calls: Parameters<typeof writesIn>[0]): number {
  return writesIn(calls).filter((call) => call.path === path).length;
}

function brokenIn(life: Life, writes: number, echoes: number): string[] {
  const problems = [
    life.problem(),
    writes <= life.edits ? '' : `${writes} writes for ${life.edits} edits`,
    echoes === 0 ? '' : `${echoes} writes when nobody edited any more`,
  ].filter((problem) => problem !== '');
  return problems.map((problem) => `${life.name} (${life.done.join(', ')}): ${problem}`);
}

function seedsOf(text: string): readonly number[] {
  const [first = 1, last = first] = text.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

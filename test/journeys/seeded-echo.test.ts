import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../practice/kernel/random.ts';
import { type Companies, type Customer, startCompanies, writesIn } from '../support/companies.ts';

/** How many are played, in the long run at most a thousand; `ORDERLINE_SEED` plays one (`17`) or a range (`10-17`) again. */
const SEEDS = seedsOf(
  process.env['ORDERLINE_SEED'] ?? `1-${Math.min(1_000, Number(process.env['ORDERLINE_SEEDS'] ?? 20))}`,
);
/** Played side by side, each with an organization of its own. */
const LIVES = 20;
const COMPANY = 2620;
const GATHERED = 40_000;

/** What the app gets to do after each round of edits: nothing, read what it was told, or also read SAP. */
const ROUNDS = ['nothing', 'read', 'sync', 'nothing', 'read', 'sync'] as const;

interface Life {
  readonly seed: number;
  readonly organizationId: number;
  readonly cardCode: string;
  readonly random: ReturnType<typeof createRandom>;
  readonly done: string[];
  edits: number;
}

let companies: Companies;
let customer: Customer;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: COMPANY, partners: LIVES * 2, items: 2, organizations: 4 });
  await customer.setUp();
  await companies.app.runJobs();
  await companies.app.runJobsFor(GATHERED);
}, 240_000);
afterAll(() => companies?.close(), 60_000);

describe('both sides edit one organization, drawn from seeds', { timeout: SEEDS.length * 3_000 + 60_000 }, () => {
  it('WH-13 each edit is written at most once, SAP’s values stand in the end, and then nothing moves any more', async () => {
    const broken: string[] = [];
    for (let from = 0; from < SEEDS.length; from += LIVES) {
      const lives = begin(SEEDS.slice(from, from + LIVES));
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
    }
    expect(broken.join('\n')).toBe('');
  });
});

function begin(seeds: readonly number[]): Life[] {
  const linked = customer.pipedrive.organizations().flatMap((organization) => {
    const cardCode = customer.pipedrive.fieldValue('organization', organization, 'SAP code');
    const isWritten = typeof cardCode === 'string' && cardCode !== '';
    return isWritten && customer.sap.partner(cardCode)['Frozen'] !== 'tYES' ? [{ id: organization.id, cardCode }] : [];
  });
  return seeds.map((seed, index) => {
    const one = linked[index];
    if (!one) throw new Error(`There are only ${linked.length} linked organizations.`);
    const { id: organizationId, cardCode } = one;
    return { seed, organizationId, cardCode, random: createRandom(seed), done: [], edits: 0 };
  });
}

/** One edit on either side, or none. Every edit counts, also one that changes nothing. */
function act(life: Life): void {
  const { organizationId, cardCode, random } = life;
  const patch = (values: Parameters<Customer['pipedrive']['updateOrganization']>[1]) =>
    customer.pipedrive.updateOrganization(organizationId, values);
  const [limit] = customer.pipedrive
    .fields('organization')
    .filter(({ field_name }) => field_name === 'SAP credit limit');
  const moves: Readonly<Record<string, () => void>> = {
    nothing: () => undefined,
    'person renames': () => patch({ name: `Own ${random.int(1, 3)}` }),
    'person takes it back': () => patch({ name: inSap(life) }),
    'person moves it': () => patch({ address: { value: `Own street ${random.int(1, 3)}` } }),
    'person empties the limit': () => limit && patch({ custom_fields: { [limit.field_code]: null } }),
    'person adds a website': () => patch({ website: `https://own-${random.int(1, 9)}.example` }),
    'SAP renames': () => customer.sap.changePartner(cardCode, { CardName: `SAP ${life.seed} ${random.int(1, 3)}` }),
  };
  const name = random.pick(Object.keys(moves));
  life.done.push(name);
  if (name !== 'nothing' && name !== 'person adds a website') life.edits += 1;
  moves[name]?.();
}

async function work(round: (typeof ROUNDS)[number]): Promise<void> {
  if (round === 'sync') await companies.syncAgain();
  if (round !== 'nothing') await companies.app.runJobsFor(GATHERED);
  companies.world.clock.advance(2_000);
}

const inSap = ({ cardCode }: Life) => String(customer.sap.partner(cardCode)['CardName']);

function writesTo({ organizationId }: Life, calls: Parameters<typeof writesIn>[0]): number {
  return writesIn(calls).filter(({ path }) => path === `/api/v2/organizations/${organizationId}`).length;
}

function brokenIn(life: Life, writes: number, echoes: number): string[] {
  const now = customer.pipedrive.organizations().find(({ id }) => id === life.organizationId);
  const problems = [
    now?.name === inSap(life) ? '' : `its name is “${now?.name}”, in SAP “${inSap(life)}”`,
    writes <= life.edits ? '' : `${writes} writes for ${life.edits} edits`,
    echoes === 0 ? '' : `${echoes} writes when nobody edited any more`,
  ].filter((problem) => problem !== '');
  return problems.map((problem) => `seed ${life.seed} (${life.done.join(', ')}): ${problem}`);
}

function seedsOf(text: string): readonly number[] {
  const [first = 1, last = first] = text.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

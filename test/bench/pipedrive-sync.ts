import { queriesOf } from '../../server/db/unit-of-work.ts';
import { ADMIN, type Companies, type Customer, startCompanies } from '../support/companies.ts';
import type { Measure } from './measure.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;
const CHANGED_DEALS = 1_000;
const LINKED = { partner: 4_000, contact: 4_000, item: 2_000 } as const;

/** What keeping up with Pipedrive costs its token budget. A database has to be there. */
export async function measurePipedriveSync(): Promise<readonly Measure[]> {
  const companies = await startCompanies();
  try {
    return [await measureQuietDay(companies), await measureChangedDeals(companies), await measureComparison(companies)];
  } finally {
    await companies.close();
  }
}

async function aLoaded(companies: Companies, id: number): Promise<Customer> {
  const customer = await companies.add({ id, partners: 20, items: 20, invoices: 5, organizations: 12 });
  await customer.setUp();
  await companies.app.runJobs();
  const switched = await companies.app.api(id, ADMIN).post('/api/settings/handoff', { enabled: true });
  if (switched.status !== 200) throw new Error(`switch: ${switched.status}`);
  await companies.app.runJobsFor(15 * MINUTE);
  return customer;
}

/** Tokens that a company's Pipedrive counts while something goes on, over its midnight too. */
async function spentBy({ pipedrive }: Customer, steps: number, step: () => Promise<void>): Promise<number> {
  let spent = 0;
  for (let index = 0; index < steps; index += 1) {
    const before = pipedrive.tokensSpent();
    await step();
    const now = pipedrive.tokensSpent();
    spent += now >= before ? now - before : now;
  }
  return spent;
}

async function measureQuietDay(companies: Companies): Promise<Measure> {
  const customer = await aLoaded(companies, 7101);
  // The first night after the installation has its own work.
  await companies.app.runJobsFor(DAY_MINUTES * MINUTE);
  const ours = await spentBy(customer, DAY_MINUTES / 15, () => companies.app.runJobsFor(15 * MINUTE));
  return { name: 'a day without changes', unit: 'tokens', ours, floor: 1_500, against: 'what it may cost' };
}

/** As after a bulk edit whose deliveries all came: what waits is read in batches. */
async function measureChangedDeals(companies: Companies): Promise<Measure> {
  const customer = await aLoaded(companies, 7102);
  const { pipedrive } = customer;
  const deals = Array.from(
    { length: CHANGED_DEALS },
    (_, index) => pipedrive.createDeal({ title: `Deal ${index}` }).id,
  );
  await companies.app.runJobs();
  const ours = await spentBy(customer, 1, async () => {
    for (const deal of deals) pipedrive.updateDeal(deal, { title: `Deal ${deal}, again` });
    await companies.app.runJobs();
  });
  return {
    name: 're-reading 1,000 changed deals',
    unit: 'tokens',
    ours,
    floor: 120,
    against: 'what it may cost',
  };
}

async function measureComparison(companies: Companies): Promise<Measure> {
  const customer = await aLoaded(companies, 7103);
  await link(customer);
  const ours = await backfillSpentBy(customer, async () => {
    companies.world.clock.advance(DAY_MINUTES * MINUTE);
    await companies.app.runJobsFor(15 * MINUTE);
  });
  return { name: 'comparing 10,000 linked records', unit: 'tokens', ours, floor: 250, against: 'what it may cost' };
}

/** Tokens booked for full readings, by the app's own ledger. */
async function backfillSpentBy(customer: Customer, work: () => Promise<unknown>): Promise<number> {
  const booked = async () =>
    (await customer.rows('token_ledger'))
      .filter(({ purpose }) => purpose === 'backfill')
      .reduce((sum, { tokens }) => sum + Number(tokens), 0);
  const before = await booked();
  await work();
  return (await booked()) - before;
}

/** Fills both sides up to 10,000 links, without the first load that would have made them. */
async function link({ pipedrive, within }: Customer): Promise<void> {
  const { state } = pipedrive;
  const makers = {
    partner: { records: state.organizations, like: [...state.organizations.values()][0] },
    contact: { records: state.persons, like: [...state.persons.values()][0] },
    item: { records: state.products, like: [...state.products.values()][0] },
  } as const;
  await within(async (tx, connection) => {
    for (const [kind, count] of Object.entries(LINKED)) {
      const known = await queriesOf(tx)('entity_links').where({ kind }).count<{ count: string }[]>();
      const missing = count - Number(known[0]?.count ?? 0);
      const { records, like } = makers[kind === 'partner' || kind === 'contact' ? kind : 'item'];
      if (!like) throw new Error(`There is no ${kind} to copy.`);
      const rows = Array.from({ length: missing }, (_, index) => ({
        installation_id: tx.installationId,
        connection_id: connection,
        kind,
        sap_key: `BENCH-${index}`,
        pipedrive_id: String(1_000_000 + index),
        state: 'linked',
      }));
      for (const [index] of rows.entries())
        Reflect.apply(records.set, records, [1_000_000 + index, { ...like, id: 1_000_000 + index, custom_fields: {} }]);
      await queriesOf(tx).batchInsert('entity_links', rows, 500);
    }
  });
}

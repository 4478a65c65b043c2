import { ADMIN, type Companies, type Customer, startCompanies } from '../support/companies.ts';
import { fillLinks, type LinkedSizes } from '../support/linked-town.ts';
import { tokensOf } from '../support/tokens-counted.ts';
import type { Measure } from './measure.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const CHANGED_DEALS = 1_000;
const LINKED: LinkedSizes = { partner: 4_000, contact: 4_000, item: 2_000 };
/** The furniture distributor of the practice company. */
const PRACTICE = { partners: 400, items: 1_200, invoices: 20, organizations: 300 };
const SMALL = { partners: 20, items: 20, invoices: 5, organizations: 12 };

/** What keeping up with Pipedrive costs its token budget, by the practice side's prices. A database has to be there. */
export async function measurePipedriveSync(): Promise<readonly Measure[]> {
  const companies = await startCompanies();
  try {
    return [await measurePractice(companies), ...(await measureLarge(companies)), await measureChangedDeals(companies)];
  } finally {
    await companies.close();
  }
}

const tokens = (ours: number, most: number) =>
  ({ unit: 'tokens', ours, floor: most, against: 'what it may cost', bar: 'most' }) as const;

async function aLoaded(companies: Companies, id: number, sizes: typeof SMALL): Promise<Customer> {
  const customer = await companies.add({ id, ...sizes });
  await customer.setUp();
  await companies.app.runJobs();
  return customer;
}

/** Deals go by themselves, which they do not before somebody has said so. */
async function switchOn(companies: Companies, { id }: Customer): Promise<void> {
  const switched = await companies.app.api(id, ADMIN).post('/api/settings/handoff', { enabled: true });
  if (switched.status !== 200) throw new Error(`switch: ${switched.status}`);
  await companies.app.runJobsFor(15 * MINUTE);
}

/** One day of nothing, and what of it were the lists of the night's comparison. */
async function measureDay(companies: Companies, customer: Customer): Promise<{ day: number; comparison: number }> {
  // The first nights after a change have their own work.
  await runDay(companies);
  await runDay(companies);
  const calls = await customer.callsDuring(() => runDay(companies));
  const lists = calls.filter(({ path }) => {
    const { pathname, searchParams } = new URL(path, 'http://practice');
    return /\/(organizations|persons|products)$/.test(pathname) && !searchParams.has('updated_since');
  });
  return { day: tokensOf(calls), comparison: tokensOf(lists) };
}

/** In steps no longer than what asks Pipedrive most often. */
async function runDay({ app }: Companies): Promise<void> {
  for (let at = 0; at < DAY; at += 15 * MINUTE) await app.runJobsFor(15 * MINUTE);
}

async function measurePractice(companies: Companies): Promise<Measure> {
  const customer = await aLoaded(companies, 7101, PRACTICE);
  await switchOn(companies, customer);
  const { day } = await measureDay(companies, customer);
  return { name: 'a quiet day, the practice company, deals go', ...tokens(day, 1_500) };
}

async function measureLarge(companies: Companies): Promise<readonly Measure[]> {
  const customer = await aLoaded(companies, 7103, SMALL);
  await fillLinks(customer, LINKED, companies.world.clock.now() - DAY);
  const { day, comparison } = await measureDay(companies, customer);
  await switchOn(companies, customer);
  const going = await measureDay(companies, customer);
  const { bar: _told, ...told } = tokens(going.day, 1_500);
  return [
    { name: 'a quiet day, 10,000 linked, default settings', ...tokens(day, 1_500) },
    { name: 'a quiet day, 10,000 linked, deals go', ...told },
    { name: 'comparing 10,000 linked records', ...tokens(comparison, 250) },
  ];
}

/** As after a bulk edit whose deliveries all came: what waits is read in batches. */
async function measureChangedDeals(companies: Companies): Promise<Measure> {
  const customer = await aLoaded(companies, 7102, SMALL);
  await switchOn(companies, customer);
  const { pipedrive } = customer;
  const deals = Array.from(
    { length: CHANGED_DEALS },
    (_, index) => pipedrive.createDeal({ title: `Deal ${index}` }).id,
  );
  await companies.app.runJobs();
  const calls = await customer.callsDuring(async () => {
    for (const deal of deals) pipedrive.updateDeal(deal, { title: `Deal ${deal}, again` });
    await companies.app.runJobs();
  });
  return { name: 're-reading 1,000 changed deals', ...tokens(tokensOf(calls), 120) };
}

import { add, compare } from '../../../../server/kernel/money.ts';
import { type Found, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { rowsOf } from '../raw-client.ts';
import type { Scene } from '../scene.ts';

const LONG_AGO = new Date('2000-01-01T00:00:00Z');
const NO_DEAL = 'There is no deal.';

async function firstOf<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row | undefined> {
  return (await firstPage(pages))[0];
}

async function firstPage<Row>(pages: AsyncIterable<readonly Row[]>): Promise<readonly Row[]> {
  for await (const rows of pages) if (rows.length > 0) return rows;
  return [];
}

async function archived({ crm, caller, raw }: Scene): Promise<Found> {
  const deal = await firstOf(crm.listChangedDeals(caller, { updatedSince: LONG_AGO, archived: true }));
  if (!deal) return notAsked('There is no archived deal.');
  const found = await crm.findArchivedDeal(caller, deal.id);
  const usual = await crm.listDealsByIds(caller, [deal.id]);
  const { status } = await raw.read(`/api/v2/deals/${deal.id}`);
  return verdict(
    [
      [deal.isArchived, 'It is not marked as archived.'],
      [found?.id === deal.id, 'It is not found by its id.'],
      [usual.length === 0, 'It stands in the usual list too.'],
    ],
    `Asked for alone, it is answered ${status}.`,
  );
}

async function deleted({ crm, caller, raw }: Scene): Promise<Found> {
  const deal = await firstOf(crm.listDeletedDeals(caller, LONG_AGO));
  if (!deal) return notAsked('No deal was deleted in the last 30 days.');
  const usual = await crm.listDealsByIds(caller, [deal.id]);
  const { status } = await raw.read(`/api/v2/deals/${deal.id}`);
  return verdict(
    [[deal.isDeleted, 'It is not marked as deleted.']],
    `By its id it ${usual.length > 0 ? 'comes' : 'does not come'} in the usual list; asked for alone, it is answered ${status}.`,
  );
}

async function wonOnes({ raw }: Scene): Promise<Found> {
  const rows = rowsOf(await raw.read('/api/v2/deals?status=won&limit=500&sort_by=update_time&sort_direction=desc'));
  if (rows.length === 0) return notAsked('There is no deal.');
  const others = rows.filter((row) => row['status'] !== 'won');
  const gone = rows.filter((row) => row['is_deleted'] === true);
  return verdict(
    [[others.every((row) => row['is_deleted'] === true), `${others.length} of them are not won.`]],
    `${rows.length} deals, ${gone.length} of them deleted.`,
  );
}

async function lines({ crm, caller, facts }: Scene): Promise<Found> {
  const deal = await facts.dealWithLines();
  if (!deal) return notAsked('None of the newest deals has lines.');
  const alone = await crm.listDealLines(caller, deal.id);
  const among = (await crm.listDealLinesOf(caller, [deal.id])).get(deal.id) ?? [];
  const ids = (some: typeof alone) => some.map(({ id }) => id).join();
  const sum = add(...alone.filter(({ enabled }) => enabled).map((line) => ('sum' in line ? line.sum : '0')));
  return verdict(
    [[ids(alone) === ids(among), 'Both ways give other lines, or another order.']],
    `${alone.length} lines, together ${sum}; the deal's value is ${deal.value !== null && compare(sum, deal.value) === 0 ? 'the same' : deal.value}.`,
  );
}

/** Deals and their lines, as they are. Source: reference 4.7, 4.8 and 10. */
export const dealChecks: readonly Check[] = [
  {
    name: 'deals.read',
    claim: 'A deal reads the same alone and in a list, and tells when it was changed.',
    covers: ['getDeal', 'listDeals'],
    async run({ crm, caller, facts }) {
      const [listed] = await facts.deals();
      if (!listed) return notAsked(NO_DEAL);
      const deal = await crm.getDeal(caller, listed.id);
      if (deal.updateTime !== listed.updateTime) return notAsked('Somebody is working on it.');
      return verdict(
        [
          [deal.updateTime !== '', 'It does not tell when it was changed.'],
          [JSON.stringify(deal) === JSON.stringify(listed), 'It reads differently.'],
        ],
        `Changed at ${deal.updateTime}.`,
      );
    },
  },
  {
    name: 'deals.of-organization',
    claim: 'A list of an organization’s open and won deals holds nothing else.',
    covers: ['listDeals'],
    async run({ crm, caller, facts }) {
      const deal = (await facts.deals()).find(({ organizationId }) => organizationId !== null);
      if (!deal || deal.organizationId === null) return notAsked('None of the newest deals has an organization.');
      const { deals, more } = await crm.listDealsOfOrganization(caller, deal.organizationId);
      return holds(`${deals.length} deals${more ? ', and more' : ''}.`);
    },
  },
  {
    name: 'deals.changed',
    claim: 'Deals that were changed lately are listed, the oldest change first.',
    covers: ['listDeals'],
    async run({ crm, caller }) {
      const last = await crm.findLastChange(caller, 'archived_deals');
      const deals = await firstPage(crm.listChangedDeals(caller, { updatedSince: LONG_AGO, archived: false }));
      if (deals.length === 0) return notAsked('There is no deal.');
      const times = deals.map(({ updateTime }) => updateTime);
      return verdict(
        [
          [
            deals.every(({ status, wonAt }) => status !== 'won' || wonAt !== null),
            'Some that are won do not tell since when.',
          ],
          [times.every((time, at) => at === 0 || (times[at - 1] ?? '') <= time), 'They are in another order.'],
        ],
        `The newest archived one was changed ${last ?? 'never'}.`,
      );
    },
  },
  {
    name: 'deals.won',
    claim: 'The list of won deals holds won ones, and perhaps some that were deleted since.',
    covers: ['listDeals'],
    run: wonOnes,
  },
  {
    name: 'deals.archived',
    claim: 'Archived deals stand in their own list alone.',
    covers: ['listArchivedDeals'],
    run: archived,
  },
  {
    name: 'deals.deleted',
    claim: 'Deals that were deleted lately are listed as such.',
    covers: ['listDeals'],
    run: deleted,
  },
  {
    name: 'deals.lines',
    claim: 'The lines of a deal are the same, and in the same order, alone and among those of many deals.',
    covers: ['listDealLines', 'listLinesOfDeals'],
    run: lines,
  },
];

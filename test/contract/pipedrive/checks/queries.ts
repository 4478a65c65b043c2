import type { Crm } from '../../../../server/app/ports/crm.ts';
import { instantOf, wholeSeconds } from '../../../../server/pipedrive/values.ts';
import { type Found, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { memberOf, type RawClient, rowsOf, wordsOf } from '../raw-client.ts';
import type { Facts, Scene } from '../scene.ts';

const LISTS = ['deals', 'organizations', 'persons', 'products'] as const satisfies readonly (keyof Facts)[];
type List = (typeof LISTS)[number];

const FEW = 3;
const NO_SUCH_ID = 2_147_483_646;
const TOLERANCE_S = 60;

async function refuses(raw: RawClient, query: string): Promise<{ refused: boolean; seen: string; rows: number }> {
  const answer = await raw.read(`/api/v2/organizations?${query}`);
  if (answer.status === 400) return { refused: true, seen: wordsOf(answer), rows: 0 };
  return { refused: false, seen: `It is answered ${answer.status}.`, rows: rowsOf(answer).length };
}

/** Seconds by which the oldest row lies before the instant; undefined where the company has none of these. */
async function oldestBefore({ raw, facts }: Scene, list: List): Promise<number | undefined> {
  const changes = (await facts[list]()).flatMap(({ updateTime }) => instantOf(updateTime) ?? []);
  const since = changes[Math.min(FEW, changes.length) - 1];
  if (since === undefined) return undefined;
  const target = `/api/v2/${list}?limit=100&sort_by=update_time&sort_direction=asc&updated_since=${wholeSeconds(since)}`;
  const rows = rowsOf(await raw.read(target));
  const times = rows.map((row) => instantOf(String(row['update_time']))?.getTime() ?? since.getTime());
  return (Date.parse(wholeSeconds(since)) - Math.min(...times)) / 1_000;
}

async function since(scene: Scene): Promise<Found> {
  const seen: string[] = [];
  const wrong: string[] = [];
  for (const list of LISTS) {
    const seconds = await oldestBefore(scene, list);
    if (seconds === undefined) continue;
    seen.push(list);
    if (seconds > TOLERANCE_S) wrong.push(`The oldest of ${list} lies ${seconds} s before.`);
  }
  if (seen.length === 0) return notAsked('There are no records.');
  return verdict([[wrong.length === 0, wrong.join(' ')]], `Seen on ${seen.join(', ')}.`);
}

const BY_IDS = {
  deals: ({ listDealsByIds }: Crm, caller, ids) => listDealsByIds(caller, ids),
  organizations: ({ listOrganizationsByIds }: Crm, caller, ids) => listOrganizationsByIds(caller, ids, []),
  persons: ({ listPersonsByIds }: Crm, caller, ids) => listPersonsByIds(caller, ids),
  products: ({ listProductsByIds }: Crm, caller, ids) => listProductsByIds(caller, ids),
} as const satisfies Record<
  List,
  (crm: Crm, caller: Scene['caller'], ids: readonly number[]) => Promise<readonly { readonly id: number }[]>
>;

async function byIds({ crm, caller, facts }: Scene): Promise<Found> {
  const wrong: string[] = [];
  const seen: string[] = [];
  for (const list of LISTS) {
    const ids = (await facts[list]()).slice(0, FEW).map(({ id }) => id);
    if (ids.length === 0) continue;
    seen.push(list);
    const found = new Set((await BY_IDS[list](crm, caller, [...ids, NO_SUCH_ID])).map(({ id }) => id));
    if (found.has(NO_SUCH_ID) || ids.some((id) => !found.has(id))) wrong.push(list);
  }
  if (seen.length === 0) return notAsked('There are no records.');
  return verdict([[wrong.length === 0, `Not so for ${wrong.join(', ')}.`]], `Seen on ${seen.join(', ')}.`);
}

/** Lists, pages and filters. Source: reference 4.3. */
export const queryChecks: readonly Check[] = [
  {
    name: 'query.limit',
    claim: 'A page has at most 500 rows: more are refused, or cut.',
    async run({ raw }) {
      const { refused, seen, rows } = await refuses(raw, 'limit=501');
      return verdict([[refused || rows <= 500, `It gave ${rows} rows.`]], refused ? `Refused: ${seen}` : 'Cut.');
    },
  },
  {
    name: 'query.fraction',
    claim: 'updated_since with a fraction of a second is refused.',
    async run({ raw }) {
      const { refused, seen } = await refuses(raw, 'limit=1&updated_since=2026-01-01T00:00:00.000Z');
      return verdict([[refused, seen]], seen);
    },
  },
  {
    name: 'query.unknown-name',
    claim: 'A parameter that Pipedrive does not know is passed over.',
    async run({ raw }) {
      const { refused, seen } = await refuses(raw, 'limit=1&orderline_no_such_name=1');
      return verdict([[!refused, `It is refused: ${seen}`]], seen);
    },
  },
  {
    name: 'query.pages',
    claim: 'Pages follow each other by cursor, repeat nothing, and the order stays.',
    async run({ raw }) {
      const ids: number[] = [];
      let cursor: unknown;
      for (let page = 0; page < FEW; page += 1) {
        const next = typeof cursor === 'string' ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const answer = await raw.read(`/api/v2/organizations?limit=2&sort_by=id&sort_direction=asc${next}`);
        ids.push(...rowsOf(answer).map((row) => Number(row['id'])));
        cursor = memberOf(answer.json, 'additional_data.next_cursor');
        if (typeof cursor !== 'string') break;
      }
      if (ids.length < 2) return notAsked('There are too few organizations to tell.');
      return verdict(
        [
          [new Set(ids).size === ids.length, 'A row came twice.'],
          [ids.every((id, at) => at === 0 || (ids[at - 1] ?? 0) < id), 'They are in another order.'],
        ],
        `${ids.length} rows${typeof cursor === 'string' ? '' : ', and the end'}.`,
      );
    },
  },
  {
    name: 'query.old-pages',
    claim: 'v1 tells of more rows below additional_data, with or without pagination in between.',
    async run({ raw }) {
      const answer = await raw.read('/api/v1/notes?start=0&limit=1');
      rowsOf(answer);
      const deep = memberOf(answer.json, 'additional_data.pagination.more_items_in_collection');
      const flat = memberOf(answer.json, 'additional_data.more_items_in_collection');
      return verdict(
        [[typeof deep === 'boolean' || typeof flat === 'boolean', 'It does not tell it.']],
        typeof deep === 'boolean' ? 'Below pagination.' : 'Without pagination.',
      );
    },
  },
  {
    name: 'query.since',
    claim: 'No row of a list of changes is more than a minute older than what was asked for.',
    run: since,
  },
  {
    name: 'query.ids',
    claim: 'Asked by their ids, those come that are there, and no others.',
    covers: ['listDeals', 'listOrganizations', 'listPersons', 'listProducts'],
    run: byIds,
  },
];

import type { GapCrm } from '../../../../server/app/crm-changes/gap-lists.ts';
import type { CrmDeal, CrmOrganization, CrmPerson, CrmProduct } from '../../../../server/app/ports/crm.ts';

const COSTS = { deals: 10, archived_deals: 20, organizations: 10, persons: 10, products: 10 } as const;
export type ListName = keyof typeof COSTS;
export const LIST_NAMES: readonly ListName[] = ['deals', 'archived_deals', 'organizations', 'persons', 'products'];

interface SourceRow {
  readonly id: number;
  updateTime: string;
  /** Milliseconds on the source's clock from which lists show it so; before, they show what was there. */
  visibleFrom: number;
}

/**
 * Pipedrive's lists of changes as a model: stamps of whole seconds on a clock of its own, pages in the order of change,
 * records that move and appear while they are read.
 */
export interface ChangingSource {
  readonly crm: GapCrm;
  /** The source's clock, in milliseconds. */
  now: number;
  /** Called between two pages. */
  betweenPages: () => void;
  edit(list: ListName, id: number, lateMs?: number): void;
  deleteDeal(id: number): void;
  /** What each record was last changed to. */
  last(list: ListName): ReadonlyMap<number, string>;
  readonly calls: { readonly list: string; readonly since: Date | null }[];
  tokens: number;
}

const wholeSecond = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

export function changingSource(start: number, pageSize = 500): ChangingSource {
  const rows = new Map<ListName, Map<number, SourceRow>>(LIST_NAMES.map((name) => [name, new Map()]));
  const deleted = new Map<number, string>();
  const of = (name: ListName) => rows.get(name) ?? new Map<number, SourceRow>();

  async function* changed(name: ListName, since: Date): AsyncGenerator<readonly SourceRow[]> {
    const given = new Set<string>();
    source.calls.push({ list: name, since });
    for (;;) {
      const fresh = [...of(name).values()]
        .filter((row) => row.visibleFrom <= source.now && Date.parse(row.updateTime) >= since.getTime())
        .filter((row) => !given.has(`${row.id} ${row.updateTime}`))
        .sort((a, b) => (a.updateTime < b.updateTime ? -1 : a.updateTime > b.updateTime ? 1 : a.id - b.id));
      const page = fresh.slice(0, pageSize).map((row) => ({ ...row }));
      source.tokens += COSTS[name];
      for (const row of page) given.add(`${row.id} ${row.updateTime}`);
      yield page;
      if (fresh.length <= pageSize) return;
      source.betweenPages();
    }
  }

  const source: ChangingSource = {
    now: start,
    betweenPages: () => undefined,
    calls: [],
    tokens: 0,
    edit(list, id, lateMs = 0) {
      of(list).set(id, { id, updateTime: wholeSecond(source.now), visibleFrom: source.now + lateMs });
    },
    deleteDeal(id) {
      of('deals').delete(id);
      deleted.set(id, wholeSecond(source.now));
    },
    last: (list) => new Map([...of(list)].map(([id, row]) => [id, row.updateTime])),
    crm: {
      // Only id and time of change are looked at by what is tested here.
      listChangedDeals: (_caller, { updatedSince, archived }) =>
        changed(archived ? 'archived_deals' : 'deals', updatedSince) as AsyncGenerator<readonly CrmDeal[]>,
      async *listDeletedDeals(_caller, since) {
        source.calls.push({ list: 'deleted_deals', since });
        source.tokens += 10;
        yield [...deleted].map(([id, updateTime]) => ({ id, updateTime })) as unknown as readonly CrmDeal[];
      },
      listOrganizations: (_caller, { updatedSince }) =>
        changed('organizations', updatedSince ?? new Date(0)) as unknown as AsyncGenerator<readonly CrmOrganization[]>,
      listPersons: (_caller, { updatedSince }) =>
        changed('persons', updatedSince ?? new Date(0)) as unknown as AsyncGenerator<readonly CrmPerson[]>,
      listProducts: (_caller, { updatedSince }) =>
        changed('products', updatedSince ?? new Date(0)) as unknown as AsyncGenerator<readonly CrmProduct[]>,
      async findLastChange(_caller, list) {
        source.tokens += COSTS[list];
        source.calls.push({ list, since: null });
        return [...of(list).values()]
          .map(({ updateTime }) => updateTime)
          .sort()
          .at(-1);
      },
    },
  };
  return source;
}

import type { Crm, CrmCaller, CrmChangingList } from '../../../server/app/ports/crm.ts';
import { after } from '../../../server/kernel/clock.ts';
import { remembered } from '../remembered.ts';
import type { Facts } from './scene.ts';

const A_DAY_MS = 86_400_000;
/** Where nothing was ever changed since it was made. */
const LONG_AGO = new Date('2000-01-01T00:00:00Z');
/** As many as can be asked for by their ids at once. */
const SAMPLE = 100;

export function createFacts(crm: Crm, caller: CrmCaller): Facts {
  /** Changed within a day of the newest change: some of the company's living records, at two calls. */
  async function newest<Row>(
    list: CrmChangingList,
    read: (since: Date) => AsyncIterable<readonly Row[]>,
  ): Promise<readonly Row[]> {
    const last = await crm.findLastChange(caller, list);
    if (last === undefined) return [];
    for await (const rows of read(last === '' ? LONG_AGO : after(new Date(last), -A_DAY_MS))) {
      if (rows.length > 0) return rows.slice(-SAMPLE).reverse();
    }
    return [];
  }

  const deals = remembered(() =>
    newest('deals', (updatedSince) => crm.listChangedDeals(caller, { updatedSince, archived: false })),
  );
  return {
    deals,
    organizations: remembered(() =>
      newest('organizations', (updatedSince) => crm.listOrganizations(caller, { updatedSince, customFields: [] })),
    ),
    persons: remembered(() => newest('persons', (updatedSince) => crm.listPersons(caller, { updatedSince }))),
    products: remembered(() => newest('products', (updatedSince) => crm.listProducts(caller, { updatedSince }))),
    dealWithLines: remembered(async () => {
      const all = await deals();
      if (all.length === 0) return undefined;
      const lines = await crm.listDealLinesOf(
        caller,
        all.map(({ id }) => id),
      );
      return all.find(({ id }) => (lines.get(id)?.length ?? 0) > 0);
    }),
  };
}

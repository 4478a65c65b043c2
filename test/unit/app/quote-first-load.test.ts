import { describe, expect, it } from 'vitest';
import type { CrmCaller } from '../../../server/app/ports/crm.ts';
import type { ErpCaller } from '../../../server/app/ports/erp.ts';
import { askFirstLoadQuote, type QuoteDeps } from '../../../server/app/settings/quote-first-load.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';

const ID = installationId('3c1f3f4e-0d58-4f6e-9c43-2f2f5d3f7a01');
const signal = new AbortController().signal;
const erpCaller: ErpCaller = { installationId: ID, connectionId: connectionId(ID), priority: 'person', signal };
const crmCaller: CrmCaller = { installationId: ID, as: 'service', purpose: 'person', signal };

interface Town {
  readonly partners: number;
  readonly items: number;
  readonly organizations: readonly string[];
  readonly products?: readonly string[];
}

/** Every fourth partner is out of use; each other one has a contact in use and one that is not. */
function town({ partners, items, organizations, products = [] }: Town) {
  const asked: number[] = [];
  const page = <T>(count: number, limit: number, row: (index: number) => T) => ({
    rows: Array.from({ length: Math.min(count, limit) }, (_, index) => row(index)),
    done: count <= limit,
  });
  const contact = (active: boolean) => ({ name: 'Ada', active });
  const deps = {
    erp: {
      countPartners: async () => partners,
      countItems: async () => items,
      listPartnersByKey: async (_caller: ErpCaller, _after: string | null, limit: number) =>
        page(partners, limit, (index) => ({
          name: `Firm ${index}`,
          type: 'customer',
          active: index % 4 !== 0,
          contacts: [contact(true), contact(false)],
        })),
      listItemsByKey: async (_caller: ErpCaller, _after: string | null, limit: number) =>
        page(items, limit, (index) => ({ itemCode: `A${index}`, active: true, sales: index % 2 === 0 })),
    },
    crm: {
      async *listOrganizations() {
        for (let from = 0; from === 0 || from < organizations.length; from += 500) {
          const names = organizations.slice(from, from + 500);
          asked.push(names.length);
          yield names.map((name) => ({ name }));
        }
      },
      async *listProducts() {
        for (let from = 0; from === 0 || from < products.length; from += 500)
          yield products.slice(from, from + 500).map((code) => ({ code }));
      },
    },
  } as unknown as QuoteDeps;
  return { asked, quote: (fields = 0) => askFirstLoadQuote(deps, erpCaller, crmCaller, fields) };
}

const firms = (count: number) => Array.from({ length: count }, (_, index) => `Firm ${index}`);

describe('the quote for a first load (issue 4, point 3)', () => {
  it('counts what will be written where one page has all of it', async () => {
    const { quote } = town({ partners: 100, items: 50, organizations: [] });
    // 75 customers with a contact each, 25 items, one page of each list.
    expect(await quote()).toEqual({ tokens: 75 * 5 + 75 * 5 + 25 * 5 + 20, partners: 75, items: 25 });
  });

  it('takes the rest to be like the first two hundred', async () => {
    const { quote } = town({ partners: 8_000, items: 15_000, organizations: [] });
    expect(await quote()).toEqual({ tokens: 6_000 * 10 + 7_500 * 5 + 20, partners: 6_000, items: 7_500 });
  });

  it('adds what it takes to look at organizations that are there already', async () => {
    const empty = await town({ partners: 100, items: 0, organizations: [] }).quote();
    // Three in use of the first four.
    const some = await town({ partners: 100, items: 0, organizations: firms(4) }).quote();
    expect(some.tokens - empty.tokens).toBe(3 * 11);
  });

  it('adds what it takes to read products that are there already', async () => {
    const empty = await town({ partners: 0, items: 100, organizations: [] }).quote();
    // Two for sale of the first four.
    const some = await town({
      partners: 0,
      items: 100,
      organizations: [],
      products: ['A0', 'A1', 'A2 ', 'A3'],
    }).quote();
    expect(some.tokens - empty.tokens).toBe(2);
    const many = Array.from({ length: 1_200 }, (_, index) => `B${index}`);
    const all = await town({ partners: 0, items: 100, organizations: [], products: many }).quote();
    // Fifty items, each of which may be there, and one page more.
    expect(all.tokens - empty.tokens).toBe(50 + 10);
  });

  it('asks for two pages of organizations at most, and takes every customer to be there where there are more', async () => {
    const others = Array.from({ length: 1_200 }, (_, index) => `Other ${index}`);
    const { quote, asked } = town({ partners: 100, items: 0, organizations: others });
    const { tokens } = await quote();
    expect(asked).toEqual([500, 500]);
    expect(tokens).toBe(75 * 10 + 75 * 11 + 2 * 10 + 10);
  });
});

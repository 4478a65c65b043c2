import { RejectedError } from '../../../../server/kernel/errors.ts';
import { compare } from '../../../../server/kernel/money.ts';
import { type Found, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';

const unique = (keys: readonly unknown[]): boolean => new Set(keys).size === keys.length;
const ORDER_TYPE = 17;

/** A short list is read whole, each entry once. */
function list(keys: readonly unknown[]): Found {
  return verdict([[unique(keys), 'An entry came twice.']], `${keys.length} entries.`);
}

/** The company's switches and short lists. Source: reference 7.3. */
export const referenceChecks: readonly Check[] = [
  {
    name: 'reference.company',
    claim: 'The company tells its currency, its decimals and its switches.',
    covers: ['getCompanyRules'],
    async run({ erp, caller }) {
      const rules = await erp.getCompanyRules(caller);
      return verdict(
        [
          [rules.localCurrency !== '', 'It names no local currency.'],
          [
            Object.values(rules.decimals).every((digits) => digits >= 0 && digits <= 6),
            'A number of decimals is none.',
          ],
        ],
        `${rules.localCurrency}, ${rules.decimals.totals} decimals on totals, ${rules.decimals.prices} on prices.`,
      );
    },
  },
  {
    name: 'reference.groups-and-units',
    claim: 'Item groups, units and groups of units can be read; every unit of a group exists.',
    covers: ['listItemGroups', 'listUnits', 'listUnitGroups'],
    async run({ erp, caller }) {
      const groups = await erp.listItemGroups(caller);
      const units = new Set((await erp.listUnits(caller)).map(({ entry }) => entry));
      const unitGroups = await erp.listUnitGroups(caller);
      const used = unitGroups.flatMap((group) => group.units).filter(({ unit }) => unit > 0);
      return verdict(
        [
          [used.every(({ unit }) => units.has(unit)), 'A group names a unit that does not exist.'],
          [
            used.every((one) => compare(one.baseQuantity, '0') > 0 && compare(one.alternateQuantity, '0') > 0),
            'A ratio is nothing.',
          ],
        ],
        `${groups.size} item groups, ${units.size} units, ${unitGroups.length} groups of units.`,
      );
    },
  },
  {
    name: 'reference.warehouses',
    claim: 'Warehouses can be read.',
    covers: ['listWarehouses'],
    run: async ({ erp, caller }) => list((await erp.listWarehouses(caller)).map(({ code }) => code)),
  },
  {
    name: 'reference.profit-centers',
    claim: 'Dimensions, profit centers and distribution rules agree: each center has a rule of its own name.',
    covers: ['listDimensions', 'listProfitCenters', 'listDistributionRules'],
    async run({ erp, caller }) {
      const dimensions = await erp.listDimensions(caller);
      const centers = await erp.listProfitCenters(caller);
      const rules = await erp.listDistributionRules(caller);
      const named = new Set(rules.map(({ code }) => code));
      return verdict(
        [
          [dimensions.length <= 5, `There are ${dimensions.length} dimensions.`],
          [centers.every(({ code }) => named.has(code)), 'A profit center has no rule of its own name.'],
          [rules.every(({ dimension }) => dimension >= 1 && dimension <= 5), 'A rule lies in no dimension.'],
        ],
        `${centers.length} profit centers, ${rules.length} rules.`,
      );
    },
  },
  {
    name: 'reference.sales-persons',
    claim: 'Sales employees can be read.',
    covers: ['listSalesPersons'],
    run: async ({ erp, caller }) => list((await erp.listSalesPersons(caller)).map(({ code }) => code)),
  },
  {
    name: 'reference.payment-terms',
    claim: 'Payment terms that customers have exist.',
    covers: ['listPaymentTerms'],
    async run({ erp, caller, facts }) {
      const known = new Set((await erp.listPaymentTerms(caller)).map(({ code }) => code));
      const used = (await facts.partners()).flatMap(({ paymentTerms }) =>
        paymentTerms === null ? [] : [paymentTerms],
      );
      return verdict(
        [[used.every((code) => known.has(code)), 'A partner names terms that do not exist.']],
        `${known.size} terms.`,
      );
    },
  },
  {
    name: 'reference.tax',
    claim: 'Tax groups have dated rates, or the company has tax codes, or both.',
    covers: ['listTaxGroups', 'listSalesTaxCodes'],
    async run({ erp, caller }) {
      const groups = await erp.listTaxGroups(caller);
      const codes = await erp.listSalesTaxCodes(caller);
      const dated = groups.filter(({ active, on }) => active && on === 'sales');
      return verdict(
        [
          [groups.length + codes.length > 0, 'It has neither.'],
          [dated.every(({ rates }) => rates.length > 0), 'A group for sales has no rate.'],
        ],
        `${groups.length} groups, ${codes.length} codes.`,
      );
    },
  },
  {
    name: 'reference.currencies',
    claim:
      'Currencies can be read, the local one among them; its rate is one, and a missing rate is SAP’s own refusal.',
    covers: ['listCurrencies', 'getExchangeRate'],
    async run({ erp, caller, today }) {
      const { localCurrency } = await erp.getCompanyRules(caller);
      const currencies = await erp.listCurrencies(caller);
      const own = await erp.getExchangeRate(caller, localCurrency, today);
      const foreign = currencies.find(({ code }) => code !== localCurrency && code !== '##');
      let refusal = '';
      const rate = foreign
        ? await erp.getExchangeRate(caller, foreign.code, today).catch((error: unknown) => {
            if (!(error instanceof RejectedError)) throw error;
            refusal = ` SAP said ${error.code}: ${error.words}`;
            return 'refused';
          })
        : 'none';
      return verdict(
        [
          [currencies.some(({ code }) => code === localCurrency), `${localCurrency} is not among them.`],
          [compare(own, '1') === 0, `Its own rate is ${own}.`],
          [rate === 'refused' || rate === 'none' || compare(rate, '0') > 0, 'A rate is nothing.'],
        ],
        foreign ? `${foreign.code} today: ${rate}.${refusal}` : undefined,
      );
    },
  },
  {
    name: 'reference.series',
    claim: 'Orders have a series to be numbered by, and the usual one is among them.',
    covers: ['listSeries', 'getDefaultSeries'],
    async run({ erp, caller }) {
      const series = await erp.listSeries(caller, ORDER_TYPE);
      const usual = await erp.getDefaultSeries(caller, ORDER_TYPE);
      return verdict(
        [
          [series.length > 0, 'There is none.'],
          [usual === null || series.some((one) => one.series === usual.series), 'The usual one is not among them.'],
        ],
        `${series.length} series; the usual one: ${usual?.name ?? 'none'}.`,
      );
    },
  },
  {
    name: 'reference.branches',
    claim: 'A company with branches lists them, one of them open.',
    covers: ['listBranches'],
    async run({ erp, caller }) {
      const { branches: needed } = await erp.getCompanyRules(caller);
      const branches = await erp.listBranches(caller);
      if (!needed) return holds('The company has no branches.');
      return verdict([[branches.some(({ active }) => active), 'None is open.']], `${branches.length} branches.`);
    },
  },
  {
    name: 'reference.rights',
    claim: 'The user may read everything that the product reads.',
    async run({ raw }) {
      const sets = [
        'BusinessPartners',
        'Items',
        'Orders',
        'Drafts',
        'Quotations',
        'DeliveryNotes',
        'Invoices',
        'CreditNotes',
        'IncomingPayments',
        'JournalEntries',
        'PurchaseOrders',
        'SpecialPrices',
        'PriceLists',
        'UserFieldsMD',
      ];
      const refused: string[] = [];
      for (const set of sets)
        if ((await raw.read(`${set}?$top=1&$select=${KEYS[set] ?? 'DocEntry'}`)).status !== 200) refused.push(set);
      return refused.length === 0 ? holds() : notAsked(`Refused: ${refused.join(', ')}.`);
    },
  },
];

const KEYS: Readonly<Record<string, string>> = {
  BusinessPartners: 'CardCode',
  Items: 'ItemCode',
  SpecialPrices: 'CardCode',
  PriceLists: 'PriceListNo',
  UserFieldsMD: 'Name',
  JournalEntries: 'JdtNum',
};

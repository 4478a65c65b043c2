import { addDays } from '../../../../server/kernel/local-date.ts';
import { compare } from '../../../../server/kernel/money.ts';
import { differs, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';

const PAGE = 40;
/** No record has such a code; it holds what breaks a literal, a key or a URL that is not escaped. */
export const AWKWARD = ["O'Neill", "a''b", '100%', 'a/b?c#d&e+f', "%2 or 1 eq 1 or '", 'ä€😀', "x') or (1 eq 1"];

const sorted = (codes: readonly string[]): boolean =>
  codes.every((code, at) => at === 0 || (codes[at - 1] ?? '') !== code);

/** Business partners as the product reads them. */
export const partnerChecks: readonly Check[] = [
  {
    name: 'partners.by-key',
    claim: 'Partners can be walked by their code, page by page, each once.',
    covers: ['listPartnersByKey', 'countPartners'],
    async run({ erp, caller }) {
      const codes: string[] = [];
      for (let page = 0; page < 3; page += 1) {
        const { rows, done } = await erp.listPartnersByKey(caller, codes.at(-1) ?? null, PAGE);
        codes.push(...rows.map(({ cardCode }) => cardCode));
        if (done) break;
      }
      const count = await erp.countPartners(caller);
      return verdict(
        [
          [new Set(codes).size === codes.length && sorted(codes), 'A partner came twice.'],
          [codes.length <= count, `${codes.length} came, and SAP counts ${count}.`],
        ],
        `${count} partners.`,
      );
    },
  },
  {
    name: 'partners.changed',
    claim: 'Partners can be walked by the stamp of their last change, and the newest stamp is known.',
    covers: ['listPartnersChanged', 'newestStamp'],
    async run({ erp, caller, today }) {
      const newest = await erp.newestStamp(caller, 'partners');
      if (newest === null) return notAsked('No partner has a stamp.');
      const from = { date: addDays(newest.date, -60), time: '00:00:00' };
      const first = await erp.listPartnersChanged(caller, from, null, PAGE);
      const last = first.rows.at(-1);
      const rest =
        first.done || !last?.updated
          ? []
          : (await erp.listPartnersChanged(caller, from, { stamp: last.updated, key: last.cardCode }, PAGE)).rows;
      const codes = [...first.rows, ...rest].map(({ cardCode }) => cardCode);
      const stampOf = (stamp: { date: string; time: string } | null) => (stamp ? `${stamp.date} ${stamp.time}` : '');
      return verdict(
        [
          [codes.length > 0, 'The newest one does not come.'],
          [new Set(codes).size === codes.length, 'A partner came twice.'],
          [first.rows.every(({ updated }) => stampOf(updated) <= stampOf(newest)), 'One is newer than the newest.'],
          [newest.date <= addDays(today, 1), `The newest stamp, ${newest.date}, lies ahead.`],
        ],
        `The newest is of ${newest.date} ${newest.time}.`,
      );
    },
  },
  {
    name: 'partners.by-codes',
    claim: 'Named partners come as they came in the list, and codes that break out of a literal find nothing.',
    covers: ['getPartners'],
    async run({ erp, caller, facts }) {
      const known = (await facts.partners()).slice(0, 5);
      const rows = await erp.getPartners(caller, [...known.map(({ cardCode }) => cardCode), ...AWKWARD]);
      const names = new Map(rows.map(({ cardCode, name }) => [cardCode, name]));
      return verdict([
        [rows.length === known.length, `${known.length} were named, ${rows.length} came.`],
        [known.every(({ cardCode, name }) => names.get(cardCode) === name), 'A name is another one.'],
      ]);
    },
  },
  {
    name: 'partners.groups',
    claim: 'The groups that partners name exist.',
    covers: ['listPartnerGroups', 'listPartnerKinds'],
    async run({ erp, caller, facts }) {
      const groups = await erp.listPartnerGroups(caller);
      const kinds = await erp.listPartnerKinds(caller);
      const named = (await facts.partners()).flatMap(({ groupCode }) => (groupCode === null ? [] : [groupCode]));
      return verdict([
        [named.every((code) => groups.has(code)), 'A partner names a group that is not in the list.'],
        [kinds.length === groups.size, `${groups.size} groups, and ${kinds.length} with their kinds.`],
      ]);
    },
  },
  {
    name: 'partners.details',
    claim: 'A partner comes whole: addresses with one default a kind, contacts, what decides its prices.',
    covers: ['getPartnerDetails'],
    async run({ erp, caller, facts }) {
      const customer = await facts.customer();
      if (!customer) return notAsked('There is no active customer.');
      const details = await erp.getPartnerDetails(caller, customer.cardCode);
      const defaults = (kind: string) => details.addresses.filter((one) => one.kind === kind && one.isDefault).length;
      return verdict([
        [details.name === customer.name, 'The name is another one.'],
        [defaults('bill_to') <= 1 && defaults('ship_to') <= 1, 'More than one address is the default.'],
        [details.contacts.length === customer.contacts.length, 'The number of contacts is another one.'],
        [details.pricing.priceList === customer.priceList, 'The price list is another one.'],
      ]);
    },
  },
  {
    name: 'partners.credit',
    claim: 'A customer’s figures agree, whichever way they are read; exposure follows the company’s switches.',
    covers: ['getCreditAccount', 'viewCustomer'],
    async run({ erp, caller, facts }) {
      const customer = await facts.customer();
      if (!customer) return notAsked('There is no active customer.');
      const account = await erp.getCreditAccount(caller, customer.cardCode);
      const view = await erp.viewCustomer(caller, customer.cardCode);
      const own = account.accountOf === customer.cardCode;
      return verdict([
        [view.partner.cardCode === customer.cardCode, 'Another customer came.'],
        [!own || compare(view.partner.credit.balance, account.balance) === 0, 'The balances differ.'],
        [!own || compare(view.partner.credit.limit, account.limit ?? '0') === 0, 'The limits differ.'],
        [
          account.counts.orders || account.counts.deliveries || compare(account.exposure, account.balance) === 0,
          'The exposure counts more than the switches say.',
        ],
      ]);
    },
  },
  {
    name: 'partners.missing',
    claim: 'A partner that does not exist is not found, whatever its code holds.',
    async run({ erp, caller }) {
      for (const code of AWKWARD) {
        const kind = await erp.getPartnerDetails(caller, code.slice(0, 15)).then(
          () => 'found',
          (error: unknown) => (error instanceof Error && 'kind' in error ? String(error.kind) : 'defect'),
        );
        if (kind !== 'not_found') return differs(`${code} is answered with: ${kind}.`);
      }
      return verdict([]);
    },
  },
  {
    name: 'partners.due',
    claim: 'What is overdue is known by partner and by day.',
    covers: ['oldestDueDates', 'listPartnersDueBetween'],
    async run({ erp, caller, facts, today }) {
      const customers = (await facts.partners()).filter(({ type }) => type === 'customer').slice(0, 20);
      const oldest = await erp.oldestDueDates(
        caller,
        customers.map(({ cardCode }) => cardCode),
      );
      const [first] = oldest;
      if (!first) return notAsked('None of the customers looked at owes anything.');
      const [cardCode, day] = first;
      const due = await erp.listPartnersDueBetween(caller, day, day);
      return verdict([
        [due.includes(cardCode), `${cardCode} owes since ${day}, and is not among those of that day.`],
        [day <= addDays(today, 3_650), `${day} is no day to pay on.`],
      ]);
    },
  },
];

import { differs, holds, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { annotationOf, errorOf, type RawClient, rowsOf } from '../raw-client.ts';

const filter = (set: string, condition: string, more = '') => `${set}?$filter=${encodeURIComponent(condition)}${more}`;
const nextLink = ({ version }: RawClient) => (version === 'v1' ? 'odata.nextLink' : '@odata.nextLink');
const textOf = (row: Record<string, unknown> | undefined, name: string): string => String(row?.[name] ?? '');

/** Lists, pages, filters and names. Source: reference 4 and 17. */
export const queryChecks: readonly Check[] = [
  {
    name: 'query.page-size',
    claim: 'A page is as long as Prefer: odata.maxpagesize asks, and says so; some servers always give 20 rows.',
    async run({ raw }) {
      const answer = await raw.read('Items?$select=ItemCode&$orderby=ItemCode', { prefer: 'odata.maxpagesize=25' });
      const rows = rowsOf(answer);
      if (rows === undefined) return differs(`The list is answered with ${answer.status}.`);
      if (rows.length < 20) return notAsked('There are too few items to tell.');
      const more = annotationOf(answer, nextLink(raw)) !== undefined;
      if (rows.length === 20 && more) return differs('It gave 20 rows although 25 were asked for.');
      const applied = answer.header('preference-applied') ?? 'not confirmed';
      return verdict([[rows.length <= 25, `It gave ${rows.length} rows.`]], `25 rows; ${applied}.`);
    },
  },
  {
    name: 'query.next-link',
    claim: 'A full page carries a link to the next one, made of $skip, below the service root.',
    async run({ raw }) {
      const answer = await raw.read('Items?$select=ItemCode&$orderby=ItemCode', { prefer: 'odata.maxpagesize=5' });
      if ((rowsOf(answer)?.length ?? 0) < 5) return notAsked('There are too few items to tell.');
      const link = annotationOf(answer, nextLink(raw));
      if (typeof link !== 'string') return differs('There is no link.');
      const form = /^https?:/i.test(link) ? 'absolute' : link.startsWith('/') ? 'rooted' : 'relative';
      return verdict([[/(?:\$|%24)skip/i.test(link), `The link reads ${link}.`]], `The link is ${form}.`);
    },
  },
  {
    name: 'query.top',
    claim: '$top is kept to.',
    async run({ raw }) {
      const rows = rowsOf(await raw.read('Items?$select=ItemCode&$top=3'));
      return verdict([[rows !== undefined && rows.length <= 3, `It gave ${rows?.length ?? 'no'} rows.`]]);
    },
  },
  {
    name: 'query.keyset',
    claim: 'Pages by key, each from the last key of the one before, repeat nothing and keep their order.',
    async run({ raw }) {
      const codes: string[] = [];
      for (let page = 0; page < 3; page += 1) {
        const last = codes.at(-1);
        const after =
          last === undefined ? '' : `&$filter=${encodeURIComponent(`ItemCode gt '${last.replaceAll("'", "''")}'`)}`;
        const target = `Items?$select=ItemCode&$orderby=ItemCode&$top=10${after}`;
        const rows = rowsOf(await raw.read(target, { prefer: 'odata.maxpagesize=10' }));
        if (rows === undefined) return differs('A page was refused.');
        codes.push(...rows.map((row) => textOf(row, 'ItemCode')));
      }
      if (codes.length < 2) return notAsked('There are too few items to tell.');
      return verdict([[new Set(codes).size === codes.length, 'A code came twice.']], `${codes.length} items.`);
    },
  },
  {
    name: 'query.stamp-order',
    claim: 'Partners come in the order of their stamps, and no filter on a day loses a later morning.',
    async run({ raw }) {
      const target =
        'BusinessPartners?$select=CardCode,UpdateDate,UpdateTime&$orderby=UpdateDate,UpdateTime,CardCode&$top=20';
      const rows = rowsOf(await raw.read(target));
      if (rows === undefined) return differs('The order by three fields is refused.');
      const stamps = rows
        .filter((row) => row['UpdateDate'] !== null)
        .map((row) => `${textOf(row, 'UpdateDate').slice(0, 10)} ${textOf(row, 'UpdateTime')}`);
      if (stamps.length < 2) return notAsked('There are too few partners to tell.');
      const seconds = stamps.some((stamp) => !stamp.endsWith(':00'));
      return verdict(
        [[stamps.every((stamp, at) => at === 0 || (stamps[at - 1] ?? '') <= stamp), 'The order is another one.']],
        seconds ? 'Stamps carry seconds.' : 'No stamp of the first 20 carries seconds.',
      );
    },
  },
  {
    name: 'query.time-precision',
    claim: 'Filters on times look at hour and minute; some servers at seconds too.',
    async run({ raw }) {
      const condition = "UpdateDate ge '2000-01-01'";
      const rows = rowsOf(
        await raw.read(
          filter(
            'BusinessPartners',
            condition,
            '&$select=CardCode,UpdateDate,UpdateTime&$orderby=UpdateDate desc&$top=20',
          ),
        ),
      );
      const row = rows?.find((one) => /:(?!00)\d\d$/.test(textOf(one, 'UpdateTime')));
      if (row === undefined) return notAsked('No stamp of the newest 20 has seconds.');
      const day = textOf(row, 'UpdateDate').slice(0, 10);
      const time = textOf(row, 'UpdateTime');
      const code = textOf(row, 'CardCode').replaceAll("'", "''");
      const exact = `CardCode eq '${code}' and UpdateDate eq '${day}' and UpdateTime eq '${time.slice(0, 5)}:00'`;
      const found = rowsOf(await raw.read(filter('BusinessPartners', exact, '&$select=CardCode')));
      if (found === undefined) return differs('The filter on a time is refused.');
      return holds(found.length === 1 ? 'Minutes only.' : 'Seconds count.');
    },
  },
  {
    name: 'query.count',
    claim: '/$count answers with a bare number.',
    async run({ raw }) {
      const answer = await raw.read('Items/$count');
      return verdict([[/^\s*\d+\s*$/.test(answer.text), `It answers ${answer.text.slice(0, 40)}.`]]);
    },
  },
  {
    name: 'query.inline-count',
    claim: 'A list tells how many there are: $inlinecount=allpages on v1, $count=true on v2.',
    async run({ raw }) {
      const option = raw.version === 'v1' ? '$inlinecount=allpages' : '$count=true';
      const answer = await raw.read(`Items?$select=ItemCode&$top=1&${option}`);
      const count = annotationOf(answer, raw.version === 'v1' ? 'odata.count' : '@odata.count');
      if (count === undefined) return differs('No count came.');
      return holds(typeof count === 'string' ? 'As text.' : 'As a number.');
    },
  },
  {
    name: 'query.enums',
    claim: 'An enum may be asked for by its name and by its database value, and comes back by its name.',
    async run({ raw }) {
      const ask = async (value: string) =>
        rowsOf(
          await raw.read(
            filter('BusinessPartners', `CardType eq '${value}'`, '&$select=CardCode,CardType&$orderby=CardCode&$top=5'),
          ),
        );
      const [named, stored] = [await ask('cCustomer'), await ask('C')];
      if (named === undefined) return differs('The name is refused.');
      if (stored === undefined) return differs('The database value is refused.');
      if (named.length === 0) return notAsked('There is no customer.');
      return verdict([
        [JSON.stringify(named) === JSON.stringify(stored), 'The two give different customers.'],
        [named.every((row) => row['CardType'] === 'cCustomer'), `It comes back as ${textOf(named[0], 'CardType')}.`],
      ]);
    },
  },
  {
    name: 'query.null',
    claim: 'eq null finds empty fields, and ne a value does not.',
    async run({ raw }) {
      const count = async (condition: string) =>
        Number((await raw.read(filter('BusinessPartners/$count', condition))).text);
      const [empty, filled, all] = [
        await count('FederalTaxID eq null'),
        await count('FederalTaxID ne null'),
        await count("CardCode ne ''"),
      ];
      if (![empty, filled, all].every(Number.isFinite)) return differs('One of the filters is refused.');
      return verdict([[empty + filled === all, `${empty} empty and ${filled} filled do not make ${all}.`]]);
    },
  },
  {
    name: 'query.functions',
    claim: 'startswith, endswith and contains work; lambdas, in and arithmetic do not.',
    async run({ raw }) {
      const status = async (condition: string) =>
        (await raw.read(filter('Items', condition, '&$select=ItemCode&$top=1'))).status;
      const missing: string[] = [];
      for (const name of ['startswith', 'endswith', 'contains'])
        if ((await status(`${name}(ItemCode,'A')`)) !== 200) missing.push(name);
      return verdict([[missing.length === 0, `Not understood: ${missing.join(', ')}.`]]);
    },
  },
  {
    name: 'query.case',
    claim: 'HANA tells capitals from small letters unless B1S-CaseInsensitive asks otherwise.',
    async run({ raw, facts }) {
      const code = (await facts.customer())?.cardCode;
      if (code === undefined || code.toLowerCase() === code) return notAsked('No code has a capital letter.');
      const condition = `CardCode eq '${code.toLowerCase().replaceAll("'", "''")}'`;
      const target = filter('BusinessPartners', condition, '&$select=CardCode');
      const plain = rowsOf(await raw.read(target))?.length;
      const loose = rowsOf(await raw.read(target, { 'b1s-caseinsensitive': 'true' }))?.length;
      return verdict(
        [[loose === 1, 'The header makes no difference.']],
        plain === 0 ? 'Capitals count.' : 'Capitals do not count.',
      );
    },
  },
  {
    name: 'query.unknown-name',
    claim: 'A name that does not exist is refused with 400, in a filter, a selection and an order.',
    async run({ raw }) {
      const answers = await Promise.all(
        ['Items?$select=Nothing', filter('Items', "Nothing eq 'x'"), 'Items?$orderby=Nothing'].map((target) =>
          raw.read(target),
        ),
      );
      const codes = answers.map((answer) => errorOf(answer)?.code ?? 'none');
      return verdict(
        [
          [
            answers.every(({ status }) => status === 400),
            `Answered with ${answers.map(({ status }) => status).join(', ')}.`,
          ],
        ],
        `Codes ${codes.join(', ')}.`,
      );
    },
  },
  {
    name: 'query.missing-key',
    claim: 'A record that does not exist is answered with 404 and -2028.',
    async run({ raw }) {
      const answer = await raw.read("BusinessPartners('~none~')?$select=CardCode");
      const code = errorOf(answer)?.code;
      return verdict([
        [answer.status === 404, `The status is ${answer.status}.`],
        [code === '-2028', `The code is ${code ?? 'missing'}.`],
      ]);
    },
  },
  {
    name: 'query.collections',
    claim: 'Collections may be selected by name; some v2 servers refuse it.',
    async run({ raw }) {
      const answer = await raw.read('Items?$top=1&$select=ItemCode,ItemPrices');
      return answer.status === 200
        ? holds('Selected.')
        : differs(`Refused with ${errorOf(answer)?.code ?? answer.status}.`);
    },
  },
  {
    name: 'etag.selected',
    claim: 'The ETag of a record is right when DataVersion is selected, and worthless when it is not.',
    async run({ raw, facts }) {
      const code = (await facts.customer())?.cardCode;
      if (code === undefined) return notAsked('There is no customer.');
      const key = encodeURIComponent(`'${code.replaceAll("'", "''")}'`);
      const name = raw.version === 'v1' ? 'odata.etag' : '@odata.etag';
      const whole = annotationOf(await raw.read(`BusinessPartners(${key})?$select=CardCode,DataVersion`), name);
      if (whole === undefined) return differs('There is no ETag.');
      return verdict([[typeof whole === 'string' && whole.startsWith('W/"'), `It reads ${String(whole)}.`]]);
    },
  },
];

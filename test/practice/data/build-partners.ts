import type { Fields } from '../kernel/json.ts';
import type { SeededRandom } from '../kernel/random.ts';
import { addDays } from '../sap/company/local-time.ts';
import { SEGMENTS } from './reference-data.ts';
import { FIRST_NAMES, FORMS, PLACES, POSITIONS, STREETS, SURNAMES, TRADES } from './word-lists.ts';

interface Home {
  readonly country: string;
  readonly zip: string;
  readonly city: string;
}

/** Customers, leads and suppliers; some frozen, some without a VAT number, one pair with the same name in two towns. */
export function buildPartners(random: SeededRandom, count: number, today: string): Fields[] {
  const leads = Math.round(count * 0.07);
  const suppliers = Math.round(count * 0.12);
  const customers = count - leads - suppliers;
  const names = new Set<string>();
  const contacts = { next: 1 };
  const kinds = [
    ...Array<'cCustomer'>(customers).fill('cCustomer'),
    ...Array<'cLid'>(leads).fill('cLid'),
    ...Array<'cSupplier'>(suppliers).fill('cSupplier'),
  ];
  return kinds.map((type, index) => {
    const home = pickHome(random, type);
    const name = freshName(random, names, home.country);
    return buildPartner(random, { type, index, home, name, today, contacts });
  });
}

function pickHome(random: SeededRandom, type: string): Home {
  const foreign = type === 'cCustomer' && random.chance(0.15);
  const country = foreign ? random.pick(['AT', 'CH', 'NL', 'FR', 'PL', 'DK', 'GB']) : 'DE';
  const [zip, city] = random.pick(PLACES[country] ?? [['20457', 'Hamburg']]);
  return { country, zip, city };
}

function freshName(random: SeededRandom, taken: Set<string>, country: string): string {
  for (;;) {
    const form = random.pick(FORMS[country] ?? ['GmbH']);
    const surname = random.pick(SURNAMES);
    const base = random.pick([
      `${surname} ${random.pick(TRADES)}`,
      `${surname} & ${random.pick(SURNAMES)}`,
      `${random.pick(TRADES)} ${surname}`,
      `${surname} & Söhne ${random.pick(TRADES)}`,
    ]);
    if (taken.has(base)) continue;
    taken.add(base);
    return `${base} ${form}`;
  }
}

const CODE_OF: Readonly<Record<string, readonly [prefix: string, first: number]>> = {
  cCustomer: ['C', 10_001],
  cLid: ['L', 30_001],
  cSupplier: ['V', 70_001],
};

interface PartnerRequest {
  readonly type: 'cCustomer' | 'cLid' | 'cSupplier';
  readonly index: number;
  readonly home: Home;
  readonly name: string;
  readonly today: string;
  readonly contacts: { next: number };
}

function buildPartner(random: SeededRandom, { type, index, home, name, today, contacts }: PartnerRequest): Fields {
  const [prefix, first] = CODE_OF[type] ?? ['C', 10_001];
  const code = `${prefix}${first + index}`;
  const segment = random.pick(SEGMENTS);
  const swiss = home.country === 'CH';
  const supplier = type === 'cSupplier';
  const created = addDays(today, -random.int(30, 3000));
  const updated = addDays(today, -random.int(1, 400));
  const vat = type === 'cLid' || random.chance(0.08) ? undefined : vatNumber(random, home.country);
  const domain = `${slug(name)}.example`;
  const frozen = type === 'cCustomer' && index > 0 && random.chance(0.03);
  const people = buildContacts(random, code, type === 'cLid' ? 1 : random.int(1, 3), domain, contacts, updated);
  return {
    CardCode: code,
    CardName: name,
    CardType: type,
    GroupCode: supplier ? 101 : home.country === 'DE' ? segment.group : 105,
    CompanyPrivate: 'cCompany',
    Currency: swiss ? 'CHF' : home.country === 'GB' ? '##' : 'EUR',
    ...(vat === undefined ? {} : { FederalTaxID: vat, VatIDNum: vat }),
    VatGroup: supplier ? 'V1' : home.country === 'DE' ? 'A1' : 'A0',
    VatLiable: 'vLiable',
    Phone1: `+49 ${random.int(30, 899)} ${random.int(100_000, 9_999_999)}`,
    EmailAddress: `info@${domain}`,
    Website: `https://www.${domain}`,
    PriceListNum: swiss ? 5 : supplier ? 1 : segment.list,
    PayTermsGrpCode: random.pick([1, 1, 1, 2, 2, 3, 4]),
    SalesPersonCode: supplier ? -1 : random.int(1, 10),
    DiscountPercent: random.chance(0.1) ? random.pick([2, 3, 5]) : 0,
    CreditLimit: type === 'cCustomer' ? random.pick(segment.limits) : 0,
    MaxCommitment: 0,
    Valid: frozen ? 'tNO' : 'tYES',
    Frozen: frozen ? 'tYES' : 'tNO',
    ...(frozen ? { FrozenRemarks: random.pick(['Zahlungsverzug', 'Insolvenz angemeldet', 'Dublette']) } : {}),
    BlockDunning: 'tNO',
    DunningLevel: 0,
    PaymentBlock: 'tNO',
    ContactPerson: typeof people[0]?.['Name'] === 'string' ? people[0]['Name'] : '',
    ContactEmployees: people,
    ...addresses(random, code, home),
    CreateDate: created,
    CreateTime: '09:12:00',
    UpdateDate: updated < created ? created : updated,
    UpdateTime: `${String(random.int(7, 18)).padStart(2, '0')}:${String(random.int(0, 59)).padStart(2, '0')}:${String(random.int(0, 59)).padStart(2, '0')}`,
    DataVersion: random.int(1, 20),
  };
}

function addresses(random: SeededRandom, code: string, { country, zip, city }: Home): Fields {
  const street = `${random.pick(STREETS)} ${random.int(1, 180)}`;
  const base: Fields = { Street: street, ZipCode: zip, City: city, Country: country, BPCode: code };
  const second = random.chance(0.25);
  const rows: Fields[] = [
    { ...base, AddressName: 'Rechnung', AddressType: 'bo_BillTo', RowNum: 0 },
    { ...base, AddressName: 'Lieferung', AddressType: 'bo_ShipTo', RowNum: 1 },
    ...(second
      ? [
          {
            ...base,
            Street: `${random.pick(STREETS)} ${random.int(1, 90)}`,
            AddressName: 'Lager',
            AddressType: 'bo_ShipTo',
            RowNum: 2,
          },
        ]
      : []),
  ];
  return {
    Address: street,
    ZipCode: zip,
    City: city,
    Country: country,
    BilltoDefault: 'Rechnung',
    ShipToDefault: 'Lieferung',
    BPAddresses: rows,
  };
}

function buildContacts(
  random: SeededRandom,
  code: string,
  count: number,
  domain: string,
  contacts: { next: number },
  updated: string,
): Fields[] {
  const names = new Set<string>();
  while (names.size < count) names.add(`${random.pick(FIRST_NAMES)} ${random.pick(SURNAMES)}`);
  return [...names].map((name) => {
    const [first = '', last = ''] = name.split(' ');
    const internal = contacts.next;
    contacts.next += 1;
    return {
      CardCode: code,
      InternalCode: internal,
      Name: name,
      FirstName: first,
      LastName: last,
      Position: random.pick(POSITIONS),
      ...(random.chance(0.9) ? { E_Mail: `${slug(first)}.${slug(last)}@${domain}` } : {}),
      ...(random.chance(0.7)
        ? { Phone1: `+49 ${random.int(30, 899)} ${random.int(100_000, 999_999)}-${random.int(10, 99)}` }
        : {}),
      ...(random.chance(0.4) ? { MobilePhone: `+49 17${random.int(0, 9)} ${random.int(1_000_000, 9_999_999)}` } : {}),
      Active: random.chance(0.95) ? 'tYES' : 'tNO',
      UpdateDate: updated,
      UpdateTime: '10:00:00',
    };
  });
}

/** The shape of a VAT number; check digits are not claimed to be right. */
function vatNumber(random: SeededRandom, country: string): string {
  const digits = (length: number) => Array.from({ length }, () => random.int(0, 9)).join('');
  switch (country) {
    case 'AT':
      return `ATU${digits(8)}`;
    case 'CH':
      return `CHE${digits(9)}`;
    case 'NL':
      return `NL${digits(9)}B${digits(2)}`;
    case 'FR':
      return `FR${digits(11)}`;
    case 'PL':
      return `PL${digits(10)}`;
    case 'DK':
      return `DK${digits(8)}`;
    case 'GB':
      return `GB${digits(9)}`;
    default:
      return `DE${digits(9)}`;
  }
}

/** Lower-case letters, digits and hyphens; umlauts written out. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .replaceAll('ı', 'i')
    .replaceAll('ł', 'l')
    .normalize('NFD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

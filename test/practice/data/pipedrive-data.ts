import type { Fields } from '../kernel/json.ts';
import { recordsOf, textOf } from '../kernel/json.ts';
import type { SeededRandom } from '../kernel/random.ts';
import { createRandom } from '../kernel/random.ts';
import { slug } from './build-partners.ts';
import type { CompanyData } from './company-data.ts';
import { misspell } from './spellings.ts';
import { FIRST_NAMES, PLACES, SURNAMES, TRADES } from './word-lists.ts';

/** What the practice Pipedrive is filled with, before ids of custom fields exist. */
export interface PipedriveOrganization {
  readonly id: number;
  readonly name: string;
  readonly address?: {
    readonly value: string;
    readonly postal_code?: string;
    readonly locality?: string;
    readonly country?: string;
  };
  /** Goes into an existing custom field named "VAT number"; absent where nobody typed it in. */
  readonly vatNumber?: string;
}

export interface PipedrivePerson {
  readonly id: number;
  readonly name: string;
  readonly org_id: number;
  readonly email?: string;
  readonly phone?: string;
}

export interface PipedriveDeal {
  readonly id: number;
  readonly title: string;
  readonly org_id: number;
  readonly person_id?: number;
  /** Place of the stage in its pipeline, from 0. */
  readonly stage: number;
  readonly status: 'open' | 'won' | 'lost';
  readonly currency: string;
  readonly value: number;
}

/** How an organization really stands to SAP. `by` says what a careful reader could recognise it by. */
export type Truth =
  | {
      readonly kind: 'same';
      readonly orgId: number;
      readonly cardCode: string;
      readonly by: 'vat' | 'name_and_postcode' | 'nothing_certain';
    }
  | {
      readonly kind: 'ambiguous';
      readonly orgId: number;
      readonly cardCodes: readonly string[];
      readonly why: 'twice_in_pipedrive' | 'two_partners';
    }
  | { readonly kind: 'only_in_pipedrive'; readonly orgId: number };

export interface PipedriveData {
  readonly organizations: readonly PipedriveOrganization[];
  readonly persons: readonly PipedrivePerson[];
  readonly deals: readonly PipedriveDeal[];
  /** One row per organization. */
  readonly truth: readonly Truth[];
}

type Draft = {
  readonly organization: Omit<PipedriveOrganization, 'id'>;
  readonly truth: (orgId: number) => Truth;
  readonly partner?: Fields;
};

/**
 * Organizations as sales people typed them: two in five known by VAT number, a third by name and postcode in another
 * spelling, some with too little to be sure, some twice, and some that SAP never heard of.
 */
export function buildPipedriveData(
  company: CompanyData,
  { seed, organizations = 300 }: { readonly seed: number; readonly organizations?: number },
): PipedriveData {
  const random = createRandom(seed + 101);
  const known = random.shuffle(company.partners.filter((row) => textOf(row, 'CardType') !== 'cSupplier'));
  const drafts: Draft[] = [];
  for (const partner of known) {
    if (drafts.length >= organizations * 0.85) break;
    drafts.push(...fromPartner(random, partner));
  }
  while (drafts.length < organizations) drafts.push(stranger(random));
  const mixed = random.shuffle(drafts.slice(0, organizations));
  const truth = mixed.map((draft, index) => draft.truth(index + 1));
  const persons = mixed
    .flatMap(({ partner }, index) => personsOf(random, partner, index + 1))
    .map((person, index) => ({ ...person, id: index + 1 }));
  return {
    organizations: mixed.map(({ organization }, index) => ({ id: index + 1, ...organization })),
    persons,
    deals: buildDeals(random, mixed.length, persons),
    truth: settleTwins(mixed, truth),
  };
}

function fromPartner(random: SeededRandom, partner: Fields): Draft[] {
  const cardCode = textOf(partner, 'CardCode');
  const name = textOf(partner, 'CardName');
  const vat = textOf(partner, 'VatIDNum');
  const turn = random.next();
  if (turn < 0.42 && vat !== '') {
    const organization = {
      name: misspell(random, name),
      ...(random.chance(0.7) ? addressOf(partner) : {}),
      vatNumber: spelledVat(random, vat),
    };
    return [{ organization, partner, truth: (orgId) => ({ kind: 'same', orgId, cardCode, by: 'vat' }) }];
  }
  if (turn < 0.8) {
    return [
      {
        organization: { name: misspell(random, name), ...addressOf(partner) },
        partner,
        truth: (orgId) => ({ kind: 'same', orgId, cardCode, by: 'name_and_postcode' }),
      },
    ];
  }
  if (turn < 0.92) {
    const bare = { name: random.chance(0.5) ? misspell(random, name) : (name.split(' ')[0] ?? name) };
    return [
      { organization: bare, partner, truth: (orgId) => ({ kind: 'same', orgId, cardCode, by: 'nothing_certain' }) },
    ];
  }
  const twin = { ...addressOf(partner), ...(vat === '' ? {} : { vatNumber: vat }) };
  return [1, 2].map(() => ({
    organization: { name: misspell(random, name), ...twin },
    partner,
    truth: (orgId) => ({ kind: 'ambiguous', orgId, cardCodes: [cardCode], why: 'twice_in_pipedrive' }),
  }));
}

/** Where cutting to size separated a pair of twins, the one that is left is no longer ambiguous. */
function settleTwins(drafts: readonly Draft[], truth: readonly Truth[]): readonly Truth[] {
  const counts = new Map<string, number>();
  for (const entry of truth)
    if (entry.kind === 'ambiguous') counts.set(entry.cardCodes.join(), (counts.get(entry.cardCodes.join()) ?? 0) + 1);
  return truth.map((entry, index): Truth => {
    const [cardCode] = entry.kind === 'ambiguous' ? entry.cardCodes : [];
    if (cardCode === undefined || counts.get(cardCode) !== 1) return entry;
    const by = drafts[index]?.organization.vatNumber === undefined ? 'name_and_postcode' : 'vat';
    return { kind: 'same', orgId: entry.orgId, cardCode, by };
  });
}

function addressOf(partner: Fields): Pick<PipedriveOrganization, 'address'> {
  const [postal_code, locality, country, street] = [
    textOf(partner, 'ZipCode'),
    textOf(partner, 'City'),
    textOf(partner, 'Country'),
    textOf(partner, 'Address'),
  ];
  return { address: { value: `${street}, ${postal_code} ${locality}`, postal_code, locality, country } };
}

/** With blanks, dots or in lower case, as it was copied from somewhere. */
function spelledVat(random: SeededRandom, vat: string): string {
  const spaced = `${vat.slice(0, 2)} ${vat.slice(2, 5)} ${vat.slice(5)}`;
  return random.pick([vat, vat, spaced, vat.toLowerCase(), `${vat.slice(0, 2)}-${vat.slice(2)}`]);
}

function stranger(random: SeededRandom): Draft {
  const [postal_code, locality] = random.pick(PLACES['DE'] ?? [['20457', 'Hamburg']]);
  const name = `${random.pick(TRADES)} ${random.pick(SURNAMES)}-${random.pick(SURNAMES)} ${random.pick(['UG', 'GmbH', 'e.V.'])}`;
  const address = { value: `${postal_code} ${locality}`, postal_code, locality, country: 'DE' };
  return {
    organization: { name, ...(random.chance(0.6) ? { address } : {}) },
    truth: (orgId) => ({ kind: 'only_in_pipedrive', orgId }),
  };
}

function personsOf(random: SeededRandom, partner: Fields | undefined, orgId: number): Omit<PipedrivePerson, 'id'>[] {
  const contacts = partner === undefined ? [] : recordsOf(partner, 'ContactEmployees').filter(() => random.chance(0.7));
  const known = contacts.map((contact) => {
    const email = textOf(contact, 'E_Mail');
    return {
      name: textOf(contact, 'Name'),
      org_id: orgId,
      ...(email === '' || random.chance(0.2) ? {} : { email: random.chance(0.2) ? email.toUpperCase() : email }),
    };
  });
  if (known.length > 0 || random.chance(0.5)) return known;
  const name = `${random.pick(FIRST_NAMES)} ${random.pick(SURNAMES)}`;
  return [
    { name, org_id: orgId, email: `${slug(name)}@mail.example`, phone: `+49 40 ${random.int(100_000, 999_999)}` },
  ];
}

const PROJECTS = [
  'Neue Büroetage',
  'Empfang und Lounge',
  '40 Arbeitsplätze',
  'Konferenzraum',
  'Homeoffice-Paket',
  'Umzug',
  'Ergonomie 2027',
  'Nachbestellung Stühle',
] as const;

function buildDeals(random: SeededRandom, organizations: number, persons: readonly PipedrivePerson[]): PipedriveDeal[] {
  if (organizations === 0) return [];
  return Array.from({ length: Math.ceil(organizations / 8) }, (_, index): PipedriveDeal => {
    const orgId = random.int(1, organizations);
    const person = persons.find((entry) => entry.org_id === orgId);
    return {
      id: index + 1,
      title: random.pick(PROJECTS),
      org_id: orgId,
      ...(person === undefined ? {} : { person_id: person.id }),
      stage: random.int(0, 4),
      status: 'open',
      currency: 'EUR',
      value: 0,
    };
  });
}

/** What two records of the same firm have in common. */
export interface MatchSubject {
  readonly name: string;
  readonly vatNumber: string | null;
  readonly postalCode: string | null;
}
export interface OrganizationCandidate extends MatchSubject {
  readonly id: number;
  /** Content of the SAP code field. */
  readonly sapCode: string | null;
}

export type Match =
  | { readonly kind: 'linked'; readonly id: number; readonly by: 'sap_code' | 'vat_number' | 'name_and_postcode' }
  | {
      readonly kind: 'ambiguous';
      readonly ids: readonly number[];
      readonly by: 'sap_code' | 'vat_number' | 'name_and_postcode';
      /** Several organizations look alike, one is another customer's, or several customers look like one organization. */
      readonly why: 'many_organizations' | 'taken' | 'many_customers';
    }
  | { readonly kind: 'none' };

/** Looks organizations up by code, VAT number, and name with postcode. Built once for a whole load. */
export interface OrganizationIndex {
  match(cardCode: string, partner: MatchSubject): Match;
  /** From now on the organization belongs to that SAP code. */
  take(id: number): void;
  /** Whether the organization is among those looked through. */
  has(id: number): boolean;
}

/**
 * @param taken organizations that are linked already: they are nobody else's match
 * @param customers all customers that may claim an organization: what several of them share tells none of them apart
 */
export function indexOrganizations(
  candidates: Iterable<OrganizationCandidate>,
  taken: ReadonlySet<number>,
  customers: Iterable<MatchSubject> = [],
): OrganizationIndex {
  const bySapCode = new Map<string, number[]>();
  const byVat = new Map<string, number[]>();
  const byName = new Map<string, number[]>();
  const claims = new Map<string, number>();
  const gone = new Set(taken);
  const present = new Set<number>();
  for (const candidate of candidates) {
    present.add(candidate.id);
    push(bySapCode, candidate.sapCode?.trim(), candidate.id);
    // A record that already names its SAP code is only ever that code's match.
    if (candidate.sapCode?.trim()) continue;
    push(byVat, normaliseVat(candidate.vatNumber), candidate.id);
    push(byName, nameKey(candidate), candidate.id);
  }
  for (const customer of customers) {
    for (const key of [normaliseVat(customer.vatNumber), nameKey(customer)]) {
      if (key) claims.set(key, (claims.get(key) ?? 0) + 1);
    }
  }

  return {
    take: (id) => void gone.add(id),
    has: (id) => present.has(id),
    match(cardCode, partner) {
      const attempts = [
        ['sap_code', undefined, bySapCode.get(cardCode)],
        ['vat_number', normaliseVat(partner.vatNumber), lookUp(byVat, normaliseVat(partner.vatNumber))],
        ['name_and_postcode', nameKey(partner), lookUp(byName, nameKey(partner))],
      ] as const;
      for (const [by, key, ids] of attempts) {
        const [first, ...more] = ids ?? [];
        if (first === undefined) continue;
        if (more.length > 0) return { kind: 'ambiguous', ids: [first, ...more], by, why: 'many_organizations' };
        // A look-alike that is taken already is no free pass to make a second one: a person decides.
        if (gone.has(first)) return { kind: 'ambiguous', ids: [first], by, why: 'taken' };
        if (key && (claims.get(key) ?? 0) > 1) return { kind: 'ambiguous', ids: [first], by, why: 'many_customers' };
        return { kind: 'linked', id: first, by };
      }
      return { kind: 'none' };
    },
  };
}

/** Letters and digits alone; null for what is too short to tell anybody apart. */
export function normaliseVat(vatNumber: string | null): string | undefined {
  const bare = vatNumber?.toUpperCase().replace(/[^A-Z0-9]/g, '') ?? '';
  return bare.length >= 6 ? bare : undefined;
}

const LEGAL_FORMS =
  /(?<![\p{L}\p{N}])(gesellschaft mit beschraenkter haftung|gesellschaft mbh|ges ?mbh|aktiengesellschaft|gmbh und co kg|gmbh|mbh|ag|kg|ohg|ug|gbr|e ?k|se|ltd|limited|plc|llc|inc|corp|sarl|sas|s ?a|srl|spa|b ?v|n ?v|oy|ab|aps|a ?s|sp ?z ?o ?o|co)(?![\p{L}\p{N}])/gu;

/** Lower case, accents and umlauts spelt out, punctuation and the legal form left out. */
export function normaliseName(name: string): string {
  const plain = name
    // One letter and its mark may come as two characters; umlauts are spelt out only where they are one.
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    // `G.m.b.H.` and `e.K.`: dots between letters join, all other marks part words.
    .replace(/(?<=\p{L})\.(?=\p{L}|\s|$)/gu, '')
    .replace(/[&+]/g, ' und ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ');
  return plain
    .replace(LEGAL_FORMS, ' ')
    .replace(/\bund\s*$/, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function nameKey({ name, postalCode }: MatchSubject): string | undefined {
  const bare = normaliseName(name);
  const code = postalCode?.replace(/\s+/g, '').toUpperCase();
  return bare && code ? `${bare}|${code}` : undefined;
}

function push(map: Map<string, number[]>, key: string | undefined, id: number): void {
  if (!key) return;
  const ids = map.get(key);
  if (ids) ids.push(id);
  else map.set(key, [id]);
}

function lookUp(map: ReadonlyMap<string, number[]>, key: string | undefined): readonly number[] | undefined {
  return key === undefined ? undefined : map.get(key);
}

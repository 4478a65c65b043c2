import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  indexOrganizations,
  type MatchSubject,
  normaliseName,
  normaliseVat,
  type OrganizationCandidate,
} from '../../../server/domain/entity-match.ts';
import { misspell } from '../../practice/data/spellings.ts';
import { createRandom } from '../../practice/kernel/random.ts';

const organization = (values: Partial<OrganizationCandidate> & { id: number }): OrganizationCandidate => ({
  name: 'Meyer Büromöbel GmbH',
  vatNumber: null,
  postalCode: null,
  sapCode: null,
  ...values,
});
const partner = (values: Partial<MatchSubject> = {}): MatchSubject => ({
  name: 'Meyer Büromöbel GmbH',
  vatNumber: null,
  postalCode: null,
  ...values,
});
const indexOf = (...candidates: OrganizationCandidate[]) => indexOrganizations(candidates, new Set());

describe('indexOrganizations', () => {
  it('SY-02 prefers the SAP code to everything else', () => {
    const index = indexOf(
      organization({ id: 1, vatNumber: 'DE123456789' }),
      organization({ id: 2, sapCode: ' C20000 ', name: 'Somebody else' }),
    );
    expect(index.match('C20000', partner({ vatNumber: 'DE123456789' }))).toEqual({
      kind: 'linked',
      id: 2,
      by: 'sap_code',
    });
  });

  it('takes the one with the same VAT number, however it is spelt', () => {
    const index = indexOf(organization({ id: 1, vatNumber: 'de 123-456.789' }));
    expect(index.match('C1', partner({ vatNumber: 'DE123456789' }))).toMatchObject({ id: 1, by: 'vat_number' });
  });

  it('takes the one with the same name and postcode, whatever its legal form and accents', () => {
    const index = indexOf(organization({ id: 1, name: 'MEYER  Bueromoebel', postalCode: '20 457' }));
    expect(index.match('C1', partner({ postalCode: '20457' }))).toMatchObject({ id: 1, by: 'name_and_postcode' });
  });

  it('a name alone, or a postcode alone, is nobody', () => {
    const index = indexOf(organization({ id: 1 }), organization({ id: 2, name: 'Other', postalCode: '20457' }));
    expect(index.match('C1', partner({ postalCode: '20457' }))).toEqual({ kind: 'none' });
    expect(index.match('C1', partner())).toEqual({ kind: 'none' });
  });

  it('asks a person where two organizations have the same VAT number', () => {
    const index = indexOf(
      organization({ id: 1, vatNumber: 'DE123456789' }),
      organization({ id: 2, vatNumber: 'DE 123456789' }),
    );
    expect(index.match('C1', partner({ vatNumber: 'DE123456789' }))).toEqual({
      kind: 'ambiguous',
      ids: [1, 2],
      by: 'vat_number',
      why: 'many_organizations',
    });
  });

  it('asks a person where the only fit belongs to another customer', () => {
    const index = indexOf(organization({ id: 1, vatNumber: 'DE123456789' }));
    index.take(1);
    expect(index.match('C2', partner({ vatNumber: 'DE123456789' }))).toMatchObject({ kind: 'ambiguous', why: 'taken' });
  });

  it('asks a person where several customers fit one organization', () => {
    const twins = [partner({ vatNumber: 'DE123456789' }), partner({ vatNumber: 'DE123456789', name: 'Meyer Nord' })];
    const index = indexOrganizations([organization({ id: 1, vatNumber: 'DE123456789' })], new Set(), twins);
    expect(index.match('C1', partner({ vatNumber: 'DE123456789' }))).toMatchObject({ why: 'many_customers' });
  });

  it('an organization that names its SAP code is no look-alike of others', () => {
    const index = indexOf(organization({ id: 1, sapCode: 'C9', vatNumber: 'DE123456789' }));
    expect(index.match('C1', partner({ vatNumber: 'DE123456789' }))).toEqual({ kind: 'none' });
  });

  it('gives one organization to one customer at most', () => {
    const names = fc.constantFrom('Meyer GmbH', 'Meyer', 'Schulz AG', 'Schulz & Söhne KG');
    const vats = fc.constantFrom('DE111111111', 'DE222222222', null);
    const codes = fc.constantFrom('20457', '80331', null);
    const subject = fc.record({ name: names, vatNumber: vats, postalCode: codes });
    const candidates = fc
      .array(fc.tuple(subject, fc.constantFrom('C0', 'C1', null)), { maxLength: 8 })
      .map((list) => list.map(([values, sapCode], id) => ({ ...values, sapCode, id })));
    fc.assert(
      fc.property(candidates, fc.array(subject, { maxLength: 8 }), (organizations, partners) => {
        const index = indexOrganizations(organizations, new Set(), partners);
        const given: number[] = [];
        for (const [position, one] of partners.entries()) {
          const match = index.match(`C${position}`, one);
          if (match.kind !== 'linked') continue;
          given.push(match.id);
          index.take(match.id);
        }
        expect(new Set(given).size).toBe(given.length);
      }),
    );
  });

  it('does not depend on the order of the organizations', () => {
    const subject = fc.record({
      name: fc.constantFrom('Meyer GmbH', 'Meyer KG'),
      vatNumber: fc.constantFrom('DE111111111', null),
      postalCode: fc.constantFrom('20457', null),
    });
    fc.assert(
      fc.property(fc.array(subject, { maxLength: 5 }), subject, (values, one) => {
        const candidates = values.map((value, id) => ({ ...value, sapCode: null, id }));
        const sorted = (match: ReturnType<ReturnType<typeof indexOf>['match']>) =>
          match.kind === 'ambiguous' ? { ...match, ids: [...match.ids].sort() } : match;
        const there = sorted(indexOf(...candidates).match('C1', one));
        expect(sorted(indexOf(...candidates.toReversed()).match('C1', one))).toEqual(there);
      }),
    );
  });
});

describe('normaliseName', () => {
  it.each([
    ['Müller & Söhne GmbH & Co. KG', 'mueller und soehne'],
    ['MUELLER UND SOEHNE', 'mueller und soehne'],
    ['Café Élysée S.A.R.L.', 'cafe elysee'],
    ['Böhm e.K.', 'boehm'],
    ['Nordlicht Gesellschaft mit beschränkter Haftung', 'nordlicht'],
    ['  Straße   12 AG ', 'strasse 12'],
  ])('%s', (name, expected) => {
    expect(normaliseName(name)).toBe(expected);
  });

  it('5.9.12 composed and decomposed letters are the same name', () => {
    expect(normaliseName('Bu\u0308ro'.normalize('NFD'))).toBe(normaliseName('B\u00fcro'));
  });

  it('a name that was normalised stays as it is', () => {
    const words = fc.array(fc.constantFrom('Müller', '& Söhne', 'GmbH', 'Möbel', 'e.K.', 'Café'), { maxLength: 5 });
    fc.assert(
      fc.property(words, (parts) => {
        const once = normaliseName(parts.join(' '));
        expect(normaliseName(once)).toBe(once);
      }),
    );
  });

  it('every spelling that the practice company uses is the same name', () => {
    const random = createRandom(5);
    const forms = [
      'GmbH & Co. KG',
      'GmbH',
      'GesmbH',
      'Sp. z o.o.',
      'Limited',
      'Ltd',
      'B.V.',
      'S.A.',
      'e.K.',
      'AG',
      'OHG',
    ];
    for (const form of forms) {
      const name = `Köhler & Söhne Büromöbel ${form}`;
      for (let turn = 0; turn < 60; turn += 1) expect(normaliseName(misspell(random, name))).toBe(normaliseName(name));
    }
  });
});

describe('normaliseVat', () => {
  it('leaves out what is too short to tell anybody apart', () => {
    expect(normaliseVat('DE 1')).toBeUndefined();
    expect(normaliseVat(null)).toBeUndefined();
    expect(normaliseVat('  ')).toBeUndefined();
    expect(normaliseVat('de-123.456')).toBe('DE123456');
  });
});

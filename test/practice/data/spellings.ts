import type { SeededRandom } from '../kernel/random.ts';

const FORMS: readonly (readonly [form: string, variants: readonly string[]])[] = [
  ['GmbH & Co. KG', ['GmbH & Co KG', 'G.m.b.H. & Co. KG', 'GmbH und Co. KG', 'GMBH & CO. KG']],
  ['GmbH', ['G.m.b.H.', 'gmbh', 'GMBH', 'Gesellschaft mbH', 'GmbH ']],
  ['GesmbH', ['Ges.m.b.H.', 'GmbH']],
  ['Sp. z o.o.', ['Sp.z o.o.', 'sp. z o. o.']],
  ['Limited', ['Ltd', 'Ltd.']],
  ['Ltd', ['Ltd.', 'Limited']],
  ['B.V.', ['BV', 'b.v.']],
  ['S.A.', ['SA']],
  ['e.K.', ['e. K.', 'eK']],
  ['AG', ['A.G.', 'Aktiengesellschaft']],
];

/** The same company as other people write it: legal form, umlauts, ampersand, blanks and capitals. Never another name. */
export function misspell(random: SeededRandom, name: string): string {
  const withForm = random.chance(0.6) ? otherForm(random, name) : name;
  const withLetters = random.chance(0.25) ? withoutUmlauts(withForm) : withForm;
  const withJoint = random.chance(0.3)
    ? withLetters.replace(' & ', random.pick([' und ', ' + ', ' &  ']))
    : withLetters;
  return random.chance(0.1) ? withJoint.toUpperCase() : withJoint;
}

function otherForm(random: SeededRandom, name: string): string {
  for (const [form, variants] of FORMS) {
    if (name.endsWith(` ${form}`)) return `${name.slice(0, -form.length)}${random.pick(variants)}`.trimEnd();
  }
  return name;
}

function withoutUmlauts(text: string): string {
  return text
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('Ö', 'Oe')
    .replaceAll('ß', 'ss');
}

import { describe, expect, it } from 'vitest';
import { planOptions as plan } from '../../../server/app/crm-field-options.ts';

const planOptions = (...[there, before, wanted]: [Plan[0], Plan[1], Plan[2]]) =>
  plan(there, before, wanted, () => true);
type Plan = Parameters<typeof plan>;

const GROUPS = [
  { key: '100', label: 'Dealers' },
  { key: '101', label: 'Fit-out' },
];
const THERE = [
  { id: 31, label: 'Dealers' },
  { id: 32, label: 'Fit-out' },
];
const KNOWN = [
  { id: 31, ...GROUPS[0] },
  { id: 32, ...GROUPS[1] },
].map(({ id, key = '', label = '' }) => ({ id, key, label }));

describe('the options of a list in Pipedrive', () => {
  it('stay as they are where nothing changed', () => {
    expect(planOptions(THERE, KNOWN, GROUPS)).toEqual({ known: KNOWN, rename: [], add: [] });
  });

  it('are recognised by their words the first time, whatever their capitals', () => {
    const there = [
      { id: 7, label: ' dealers ' },
      { id: 8, label: 'Old' },
    ];
    expect(planOptions(there, [], GROUPS)).toEqual({
      known: [{ id: 7, key: '100', label: 'Dealers' }],
      rename: [],
      add: [{ key: '101', label: 'Fit-out' }],
    });
  });

  it('follow a group that SAP names anew, so that what was filed under it stays there', () => {
    const wanted = [{ key: '100', label: 'Specialist dealers' }, ...GROUPS.slice(1)];
    expect(planOptions(THERE, KNOWN, wanted)).toEqual({
      known: [{ id: 32, key: '101', label: 'Fit-out' }],
      rename: [{ id: 31, key: '100', label: 'Specialist dealers' }],
      add: [],
    });
  });

  it('keep the words that people gave them, until SAP’s own change', () => {
    const there = [{ id: 31, label: 'Fachhandel' }, ...THERE.slice(1)];
    expect(planOptions(there, KNOWN, GROUPS)).toEqual({ known: KNOWN, rename: [], add: [] });
  });

  it('are added anew where somebody deleted one', () => {
    expect(planOptions(THERE.slice(1), KNOWN, GROUPS)).toMatchObject({ add: [{ key: '100', label: 'Dealers' }] });
  });

  it('are not taken away with the group: old records still show it', () => {
    expect(planOptions(THERE, KNOWN, GROUPS.slice(1))).toEqual({ known: KNOWN.slice(1), rename: [], add: [] });
  });

  it('tell two groups of one name apart by their numbers', () => {
    const twins = [
      { key: '100', label: 'Dealers' },
      { key: '105', label: 'dealers' },
    ];
    expect(planOptions([], [], twins).add.map(({ label }) => label)).toEqual(['Dealers (100)', 'dealers (105)']);
  });

  it('never give one option to two groups that swap their names', () => {
    const swapped = [
      { key: '100', label: 'Fit-out' },
      { key: '101', label: 'Dealers' },
    ];
    expect(planOptions(THERE, KNOWN, swapped).rename).toEqual([
      { id: 31, key: '100', label: 'Fit-out' },
      { id: 32, key: '101', label: 'Dealers' },
    ]);
  });

  it('keep their names where they are not the app’s alone: what is filed under one stays, a new one is added', () => {
    const wanted = [{ key: '100', label: 'Specialist dealers' }, ...GROUPS.slice(1)];
    expect(plan(THERE, KNOWN, wanted, (id) => id !== 31)).toEqual({
      known: [{ id: 32, key: '101', label: 'Fit-out' }],
      rename: [],
      add: [{ key: '100', label: 'Specialist dealers' }],
    });
    const there = [...THERE, { id: 33, label: 'Specialist dealers' }];
    expect(plan(there, KNOWN, wanted, () => false)).toMatchObject({ rename: [], add: [] });
  });
});

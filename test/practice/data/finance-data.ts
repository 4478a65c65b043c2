import type { Fields } from '../kernel/json.ts';
import { textOf } from '../kernel/json.ts';
import { profitCenters } from './reference-data.ts';

/** Each profit centre has a direct rule of its own name; the shared ones spread a cost over several. */
const SHARED: readonly (readonly [
  code: string,
  name: string,
  dimension: number,
  parts: readonly [string, number][],
])[] = [
  [
    'HHLEJ',
    'Hamburg und Leipzig je zur Hälfte',
    1,
    [
      ['HH', 50],
      ['LEJ', 50],
    ],
  ],
  [
    'INLAND',
    'Standorte Inland',
    1,
    [
      ['HH', 40],
      ['LEJ', 30],
      ['CGN', 30],
    ],
  ],
  [
    'MOEBEL',
    'Tische und Sitzmöbel',
    2,
    [
      ['TISCH', 60],
      ['SITZ', 40],
    ],
  ],
];

export const distributionRules: readonly Fields[] = [
  ...profitCenters.map((center) => rule(textOf(center, 'CenterCode'), textOf(center, 'CenterName'), center, 'Y')),
  ...SHARED.map(([code, name, dimension, parts]) => ({
    FactorCode: code,
    FactorDescription: name,
    TotalFactor: parts.reduce((total, [, factor]) => total + factor, 0),
    Direct: 'N',
    InWhichDimension: dimension,
    Active: 'tYES',
    IsFixedAmount: 'tNO',
    DistributionRuleLines: parts.map(([center, factor]) => ({
      CenterCode: center,
      TotalInCenter: factor,
      EffectiveFrom: '2015-01-01',
    })),
  })),
  { ...rule('ALT', 'Alter Standort Kiel', { InWhichDimension: 1 }, 'N'), Active: 'tNO' },
];

function rule(code: string, name: string, center: Fields, direct: 'Y' | 'N'): Fields {
  const dimension = center['InWhichDimension'] ?? 1;
  const line = { CenterCode: direct === 'Y' ? code : 'HH', TotalInCenter: 100, EffectiveFrom: '2015-01-01' };
  return {
    FactorCode: code,
    FactorDescription: name,
    TotalFactor: 100,
    Direct: direct,
    InWhichDimension: dimension,
    Active: 'tYES',
    IsFixedAmount: 'tNO',
    DistributionRuleLines: [line],
  };
}

type DatedRate = readonly [from: string, rate: number];

/** German rates as they were: the second half of 2020 was cheaper. */
const GROUPS: readonly (readonly [code: string, name: string, category: string, rates: readonly DatedRate[]])[] = [
  [
    'A1',
    'Umsatzsteuer voll',
    'bovcOutputTax',
    [
      ['2007-01-01', 19],
      ['2020-07-01', 16],
      ['2021-01-01', 19],
    ],
  ],
  [
    'A2',
    'Umsatzsteuer ermäßigt',
    'bovcOutputTax',
    [
      ['2007-01-01', 7],
      ['2020-07-01', 5],
      ['2021-01-01', 7],
    ],
  ],
  ['A0', 'Steuerfrei, Ausland', 'bovcOutputTax', [['2007-01-01', 0]]],
  ['V1', 'Vorsteuer voll', 'bovcInputTax', [['2007-01-01', 19]]],
  ['V0', 'Vorsteuer frei', 'bovcInputTax', [['2007-01-01', 0]]],
];

export const vatGroups: readonly Fields[] = GROUPS.map(([code, name, category, rates]) => ({
  Code: code,
  Name: name,
  Category: category,
  EU: 'tNO',
  Inactive: 'tNO',
  VatGroups_Lines: rates.map(([from, rate]) => ({ Effectivefrom: from, Rate: rate, EqualizationTax: 0 })),
}));

/** Branches; they matter only where the company is set up for them. The last one is closed. */
export const businessPlaces: readonly Fields[] = [
  { BPLID: 1, BPLName: 'Hamburg', MainBPL: 'tYES', Disabled: 'tNO', DefaultWarehouseID: '01', City: 'Hamburg' },
  { BPLID: 2, BPLName: 'Leipzig', MainBPL: 'tNO', Disabled: 'tNO', DefaultWarehouseID: '02', City: 'Leipzig' },
  { BPLID: 3, BPLName: 'Köln', MainBPL: 'tNO', Disabled: 'tNO', DefaultWarehouseID: '03', City: 'Köln' },
  { BPLID: 4, BPLName: 'Kiel', MainBPL: 'tNO', Disabled: 'tYES', City: 'Kiel' },
].map((row) => ({ ...row, Country: 'DE', VATRegNum: 'DE811907980' }));

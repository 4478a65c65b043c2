import type { Fields } from '../kernel/json.ts';

/** What hardly changes in a company: codes that everything else points at. */
export const warehouses: readonly Fields[] = [
  {
    WarehouseCode: '01',
    WarehouseName: 'Hamburg',
    City: 'Hamburg',
    Country: 'DE',
    ZipCode: '20457',
    Inactive: 'tNO',
    DropShip: 'tNO',
    EnableBinLocations: 'tNO',
  },
  {
    WarehouseCode: '02',
    WarehouseName: 'Leipzig',
    City: 'Leipzig',
    Country: 'DE',
    ZipCode: '04317',
    Inactive: 'tNO',
    DropShip: 'tNO',
    EnableBinLocations: 'tNO',
  },
  {
    WarehouseCode: '03',
    WarehouseName: 'Köln',
    City: 'Köln',
    Country: 'DE',
    ZipCode: '50933',
    Inactive: 'tNO',
    DropShip: 'tNO',
    EnableBinLocations: 'tNO',
  },
];

/** Factor over list 1, and the currency of the list. */
export const LISTS: readonly { number: number; name: string; factor: number; currency: string }[] = [
  { number: 1, name: 'Listenpreis', factor: 1, currency: 'EUR' },
  { number: 2, name: 'Fachhandel', factor: 0.85, currency: 'EUR' },
  { number: 3, name: 'Großkunden', factor: 0.78, currency: 'EUR' },
  { number: 4, name: 'Öffentliche Hand', factor: 0.82, currency: 'EUR' },
  { number: 5, name: 'Export CHF', factor: 1.02, currency: 'CHF' },
];

export const priceLists: readonly Fields[] = LISTS.map(({ number, name, factor, currency }) => ({
  PriceListNo: number,
  PriceListName: name,
  BasePriceList: number === 5 ? 5 : 1,
  Factor: number === 5 ? 1 : factor,
  Active: 'tYES',
  IsGrossPrice: 'tNO',
  DefaultPrimeCurrency: currency,
}));

export const partnerGroups: readonly Fields[] = [
  { Code: 100, Name: 'Fachhandel', Type: 'bbpgt_CustomerGroup' },
  { Code: 101, Name: 'Lieferanten', Type: 'bbpgt_VendorGroup' },
  { Code: 102, Name: 'Großkunden', Type: 'bbpgt_CustomerGroup' },
  { Code: 103, Name: 'Öffentliche Hand', Type: 'bbpgt_CustomerGroup' },
  { Code: 104, Name: 'Architekten & Planer', Type: 'bbpgt_CustomerGroup' },
  { Code: 105, Name: 'Export', Type: 'bbpgt_CustomerGroup' },
];

/** Price list and usual credit limit of each customer group. */
export const SEGMENTS: readonly { group: number; list: number; limits: readonly number[] }[] = [
  { group: 100, list: 2, limits: [15_000, 25_000, 40_000] },
  { group: 102, list: 3, limits: [50_000, 80_000, 150_000] },
  { group: 103, list: 4, limits: [0, 60_000, 100_000] },
  { group: 104, list: 1, limits: [0, 5_000, 10_000] },
];

export const itemGroups: readonly Fields[] = [
  { Number: 100, GroupName: 'Artikel' },
  { Number: 101, GroupName: 'Tische' },
  { Number: 102, GroupName: 'Sitzmöbel' },
  { Number: 103, GroupName: 'Stauraum' },
  { Number: 104, GroupName: 'Raumteiler' },
  { Number: 105, GroupName: 'Leuchten' },
  { Number: 106, GroupName: 'Zubehör' },
  { Number: 107, GroupName: 'Dienstleistungen' },
];

export const dimensions: readonly Fields[] = [1, 2, 3, 4, 5].map((code) => ({
  DimensionCode: code,
  DimensionName: `Dimension ${code}`,
  DimensionDescription: ['Standort', 'Sparte', 'Dimension 3', 'Dimension 4', 'Dimension 5'][code - 1] ?? '',
  IsActive: code <= 2 ? 'tYES' : 'tNO',
}));

const CENTERS: readonly (readonly [code: string, name: string, dimension: number])[] = [
  ['HH', 'Hamburg', 1],
  ['LEJ', 'Leipzig', 1],
  ['CGN', 'Köln', 1],
  ['EXP', 'Export', 1],
  ['TISCH', 'Tische', 2],
  ['SITZ', 'Sitzmöbel', 2],
  ['STAU', 'Stauraum', 2],
  ['SERV', 'Service', 2],
];

export const profitCenters: readonly Fields[] = CENTERS.map(([code, name, dimension]) => ({
  CenterCode: code,
  CenterName: name,
  InWhichDimension: dimension,
  EffectiveFrom: '2015-01-01',
  Active: 'tYES',
}));

const TERMS: readonly Fields[] = [
  { GroupNumber: -1, PaymentTermsGroupName: '- Kassenbasis -', NumberOfAdditionalDays: 0, NumberOfAdditionalMonths: 0 },
  { GroupNumber: 1, PaymentTermsGroupName: '30 Tage netto', NumberOfAdditionalDays: 30, NumberOfAdditionalMonths: 0 },
  { GroupNumber: 2, PaymentTermsGroupName: '14 Tage netto', NumberOfAdditionalDays: 14, NumberOfAdditionalMonths: 0 },
  { GroupNumber: 3, PaymentTermsGroupName: '60 Tage netto', NumberOfAdditionalDays: 60, NumberOfAdditionalMonths: 0 },
  { GroupNumber: 4, PaymentTermsGroupName: 'Vorkasse', NumberOfAdditionalDays: 0, NumberOfAdditionalMonths: 0 },
  {
    GroupNumber: 5,
    PaymentTermsGroupName: 'Monatsende + 1 Monat + 10 Tage',
    NumberOfAdditionalDays: 10,
    NumberOfAdditionalMonths: 1,
    StartFrom: 'pdt_MonthEnd',
  },
];

/** Counted from the posting date, unless from the end of its month. */
export const paymentTerms: readonly Fields[] = TERMS.map((row) => ({
  StartFrom: 'pdt_None',
  BaselineDate: 'bld_PostingDate',
  ...row,
}));

export const currencies: readonly Fields[] = [
  { Code: 'EUR', Name: 'Euro', DocumentsCode: 'EUR', Decimals: 'cdDefault' },
  { Code: 'CHF', Name: 'Schweizer Franken', DocumentsCode: 'CHF', Decimals: 'cdDefault' },
  { Code: 'USD', Name: 'US-Dollar', DocumentsCode: 'USD', Decimals: 'cdDefault' },
  { Code: 'GBP', Name: 'Pfund Sterling', DocumentsCode: 'GBP', Decimals: 'cdDefault' },
];

const PEOPLE = [
  'Anke Petersen',
  'Jörg Meißner',
  'Aylin Kaya',
  'Malte Hinrichs',
  'Katrin Seidel',
  'Dirk Lehmann',
  'Gesa Thomsen',
  'Sören Möller',
  'Birgit Uhlig',
  'Stefan Schröder',
  'Elif Yıldız',
];

/** -1 is the platform's own "nobody"; the last one has left the company. */
export const salesPersons: readonly Fields[] = [
  { SalesEmployeeCode: -1, SalesEmployeeName: '-Kein Vertriebsmitarbeiter-', Active: 'tYES', Locked: 'tYES' },
  ...PEOPLE.map((name, index) => ({
    SalesEmployeeCode: index + 1,
    SalesEmployeeName: name,
    Active: index === PEOPLE.length - 1 ? 'tNO' : 'tYES',
    Locked: 'tNO',
    Email: `${name.split(' ')[0]?.toLowerCase().replaceAll('ö', 'oe') ?? ''}@nordlicht-buero.example`,
  })),
];

/** A1 full rate, A2 reduced, A0 none (other countries); V ones for purchases. */
export const vatRates: Readonly<Record<string, number>> = { A1: 19, A2: 7, A0: 0, V1: 19, V0: 0 };

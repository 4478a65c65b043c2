import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { stamped, without } from '../documents/change.ts';
import { documentKinds } from '../documents/kinds.ts';
import { alreadyExists, business, refused, SapError } from '../errors.ts';
import { mergeRows } from './merge.ts';

const READ_ONLY = [
  'CurrentAccountBalance',
  'OpenOrdersBalance',
  'OpenDeliveryNotesBalance',
  'OpenChecksBalance',
  'OpenOpportunities',
  'CreateDate',
  'CreateTime',
  'UpdateDate',
  'UpdateTime',
  'DataVersion',
];

export function createPartner(company: Company, sent: Fields): Fields {
  const code =
    textOf(sent, 'CardCode') ||
    (sent['Series'] === undefined ? '' : `C9${String(company.next('partner series')).padStart(4, '0')}`);
  if (code === '') throw refused('Business partner code is missing  [OCRD.CardCode]');
  if (company.table('BusinessPartners').has(code)) {
    throw business(
      `1320000140 - Business partner code '${code}' already assigned to a business partner; enter a unique business partner code`,
    );
  }
  const stamp = company.stamp();
  const type = textOf(sent, 'CardType') || 'cCustomer';
  const partner: Fields = {
    CardName: null,
    GroupCode: type === 'cSupplier' ? 101 : 100,
    Currency: company.settings.localCurrency,
    PriceListNum: 1,
    PayTermsGrpCode: -1,
    SalesPersonCode: -1,
    Valid: 'tYES',
    Frozen: 'tNO',
    CreditLimit: 0,
    MaxCommitment: 0,
    ...without(sent, READ_ONLY),
    CardCode: code,
    CardType: type,
    CurrentAccountBalance: 0,
    OpenOrdersBalance: 0,
    OpenDeliveryNotesBalance: 0,
    OpenChecksBalance: 0,
    CreateDate: stamp.date,
    CreateTime: stamp.time,
    UpdateDate: stamp.date,
    UpdateTime: stamp.time,
    DataVersion: 1,
  };
  const whole = withCollections(company, partner, partner, true);
  checkReferences(company, whole);
  company.table('BusinessPartners').put(code, whole);
  return whole;
}

export function patchPartner(company: Company, before: Fields, sent: Fields, replace: boolean): Fields {
  const patch = without(sent, [...READ_ONLY, 'CardCode']);
  const merged = withCollections(company, { ...before, ...patch }, before, replace, patch);
  checkReferences(company, merged);
  const after = stamped(company, merged);
  company.table('BusinessPartners').put(textOf(before, 'CardCode'), after);
  return after;
}

export function removePartner(company: Company, partner: Fields): void {
  const code = textOf(partner, 'CardCode');
  const used = [...documentKinds.map(({ set }) => set), 'Drafts', 'IncomingPayments'].some((set) =>
    company
      .table(set)
      .all()
      .some((row) => textOf(row, 'CardCode') === code),
  );
  if (used) throw business(`Business partner '${code}' is linked to documents and cannot be removed`);
  company.table('BusinessPartners').remove(code);
}

function withCollections(
  company: Company,
  partner: Fields,
  before: Fields,
  replace: boolean,
  patch: Fields = partner,
): Fields {
  const contacts =
    'ContactEmployees' in patch
      ? mergedContacts(company, partner, before, patch, replace)
      : recordsOf(before, 'ContactEmployees');
  const addresses =
    'BPAddresses' in patch ? mergedAddresses(partner, before, patch, replace) : recordsOf(before, 'BPAddresses');
  return { ...partner, ContactEmployees: contacts, BPAddresses: addresses };
}

function mergedContacts(
  company: Company,
  partner: Fields,
  before: Fields,
  patch: Fields,
  replace: boolean,
): readonly Fields[] {
  const stamp = company.stamp();
  const changes = recordsOf(patch, 'ContactEmployees').map(
    (row): Fields => ({
      Active: 'tYES',
      ...row,
      CardCode: textOf(partner, 'CardCode'),
      InternalCode: numberOf(row, 'InternalCode') || company.next('contact code') + 50_000,
      UpdateDate: stamp.date,
      UpdateTime: stamp.time,
    }),
  );
  const known = patch === partner ? [] : recordsOf(before, 'ContactEmployees');
  const rows = mergeRows(known, changes, (row) => textOf(row, 'InternalCode'), replace);
  refuseTwins(rows, (row) => textOf(row, 'Name').toLowerCase(), 'Contact person');
  return rows;
}

function mergedAddresses(partner: Fields, before: Fields, patch: Fields, replace: boolean): readonly Fields[] {
  const keyOf = (row: Fields) => `${textOf(row, 'AddressType') || 'bo_BillTo'} ${textOf(row, 'AddressName')}`;
  const changes = recordsOf(patch, 'BPAddresses').map((row): Fields => {
    if (textOf(row, 'AddressName') === '') throw refused('Address name is missing  [CRD1.Address]');
    return { AddressType: 'bo_BillTo', ...row, BPCode: textOf(partner, 'CardCode') };
  });
  if (patch === partner) refuseTwins(changes, keyOf, 'Address');
  const rows = mergeRows(patch === partner ? [] : recordsOf(before, 'BPAddresses'), changes, keyOf, replace);
  return rows.map((row, index) => ({ ...row, RowNum: index }));
}

function refuseTwins(rows: readonly Fields[], keyOf: (row: Fields) => string, what: string): void {
  const seen = new Set<string>();
  for (const row of rows) {
    if (seen.has(keyOf(row))) throw alreadyExists(`${what} '${textOf(row, 'Name') || textOf(row, 'AddressName')}'`);
    seen.add(keyOf(row));
  }
}

function checkReferences(company: Company, partner: Fields): void {
  const references = [
    ['BusinessPartnerGroups', 'GroupCode', 'GroupCode'],
    ['PaymentTermsTypes', 'PayTermsGrpCode', 'GroupNum'],
    ['SalesPersons', 'SalesPersonCode', 'SlpCode'],
    ['PriceLists', 'PriceListNum', 'ListNum'],
  ] as const;
  for (const [set, field, column] of references) {
    const value = numberOf(partner, field);
    const none = value === -1 && set === 'SalesPersons';
    if (!none && !company.table(set).has(String(value))) {
      throw new SapError(404, -2028, `No matching records found  [OCRD.${column}] , '${value}' (ODBC -2028)`);
    }
  }
}

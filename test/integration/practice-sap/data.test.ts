import { describe, expect, it } from 'vitest';
import { buildCompanyData } from '../../practice/data/build-company-data.ts';
import { buildPipedriveData } from '../../practice/data/pipedrive-data.ts';
import { createPracticeClock } from '../../practice/kernel/clock.ts';
import type { Fields } from '../../practice/kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../practice/kernel/json.ts';
import { sum } from '../../practice/sap/company/amounts.ts';
import { createCompany } from '../../practice/sap/company/company.ts';
import { bookBalance } from '../../practice/sap/documents/journal.ts';
import { readPayload } from '../../practice/sap/schema/payload.ts';
import { typeNamed } from '../../practice/sap/schema/schema.ts';
import { NOON, TODAY } from './sl-client.ts';

describe('practice data', () => {
  const data = buildCompanyData({ seed: 1, today: TODAY });

  it('has the promised sizes', () => {
    const { partners, items, warehouses, priceLists, profitCenters, orders, invoices } = data;
    expect(
      [partners, items, warehouses, priceLists, profitCenters, orders, invoices].map((rows) => rows.length),
    ).toEqual([400, 1200, 3, 5, 8, 60, 5000]);
    for (const type of ['cCustomer', 'cLid', 'cSupplier'])
      expect(partners.filter((row) => row['CardType'] === type).length).toBeGreaterThan(20);
    expect(partners.filter((row) => row['Frozen'] === 'tYES').length).toBeGreaterThan(3);
    expect(new Set(items.map((row) => row['ItemCode'])).size).toBe(1200);
    expect(new Set(partners.map((row) => row['CardCode'])).size).toBe(400);
  });

  it('is the same for the same seed and another for another', () => {
    const sizes = { partners: 30, items: 30, orders: 4, invoices: 40, today: TODAY };
    expect(buildCompanyData({ seed: 5, ...sizes })).toEqual(buildCompanyData({ seed: 5, ...sizes }));
    expect(buildCompanyData({ seed: 6, ...sizes }).partners).not.toEqual(
      buildCompanyData({ seed: 5, ...sizes }).partners,
    );
  });

  it('holds only what the schema knows', () => {
    const check = (type: string, rows: readonly Fields[]) =>
      rows.slice(0, 50).map((row) => readPayload(typeNamed(type), row, () => []));
    expect(() => {
      check('BusinessPartner', data.partners);
      check('Item', data.items);
      check('Document', [...data.orders, ...data.invoices]);
      check('Payment', data.payments);
      check('SpecialPrice', data.specialPrices);
      check('JournalEntry', data.journalEntries);
    }).not.toThrow();
  });

  it('balances: what a partner owes is the sum of its open documents and of its journal', () => {
    const company = createCompany('BOOKS', data, {}, createPracticeClock({ start: NOON, frozen: true }));
    const owing = company
      .table('BusinessPartners')
      .all()
      .filter((row) => numberOf(row, 'CurrentAccountBalance') !== 0);
    expect(owing.length).toBeGreaterThan(50);
    for (const partner of owing.slice(0, 25)) {
      const code = textOf(partner, 'CardCode');
      const open = (rows: readonly Fields[]) =>
        sum(
          rows
            .filter((row) => row['CardCode'] === code)
            .map((row) => numberOf(row, 'DocTotal') - numberOf(row, 'PaidToDate')),
        );
      expect(numberOf(partner, 'CurrentAccountBalance')).toBeCloseTo(open(data.invoices) - open(data.creditNotes), 2);
      expect(bookBalance(company, code)).toBeCloseTo(numberOf(partner, 'CurrentAccountBalance'), 2);
    }
  });

  it('leaves some customers over their limit and most under it', () => {
    const company = createCompany('LIMITS', data, {}, createPracticeClock({ start: NOON, frozen: true }));
    const limited = company
      .table('BusinessPartners')
      .all()
      .filter((row) => numberOf(row, 'CreditLimit') > 0);
    const over = limited.filter(
      (row) =>
        numberOf(row, 'CurrentAccountBalance') + numberOf(row, 'OpenOrdersBalance') > numberOf(row, 'CreditLimit'),
    );
    expect(over.length / limited.length).toBeGreaterThan(0.03);
    expect(over.length / limited.length).toBeLessThan(0.4);
  });

  it('gives Pipedrive organizations that truly are, may be, or are not partners', () => {
    const pipedrive = buildPipedriveData(data, { seed: 1 });
    expect(pipedrive.organizations).toHaveLength(300);
    expect(pipedrive.truth).toHaveLength(300);
    const kinds = (kind: string) => pipedrive.truth.filter((row) => row.kind === kind).length;
    expect([kinds('same'), kinds('ambiguous'), kinds('only_in_pipedrive')].every((count) => count > 20)).toBe(true);
    for (const row of pipedrive.truth) expect(pipedrive.organizations[row.orgId - 1]?.id).toBe(row.orgId);
  });

  it('proves each pair by what it says it is known by, and twins come in twos', () => {
    const { organizations, truth } = buildPipedriveData(data, { seed: 3 });
    const partners = new Map(data.partners.map((row) => [textOf(row, 'CardCode'), row]));
    const plain = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
    const twins = new Map<string, number>();
    for (const row of truth) {
      const organization = organizations[row.orgId - 1];
      if (row.kind === 'ambiguous') twins.set(row.cardCodes.join(), (twins.get(row.cardCodes.join()) ?? 0) + 1);
      if (row.kind !== 'same') continue;
      const partner = partners.get(row.cardCode) ?? {};
      if (row.by === 'vat') expect(plain(organization?.vatNumber ?? '')).toBe(textOf(partner, 'VatIDNum'));
      if (row.by === 'name_and_postcode') expect(organization?.address?.postal_code).toBe(textOf(partner, 'ZipCode'));
      if (row.by === 'nothing_certain') expect(organization?.address ?? organization?.vatNumber).toBeUndefined();
    }
    expect([...twins.values()].every((count) => count === 2)).toBe(true);
    const same = truth.flatMap((row) => (row.kind === 'same' ? [row.cardCode] : []));
    expect(new Set(same).size).toBe(same.length);
  });

  it('keeps contact persons with their partner', () => {
    const contacts = data.partners.flatMap((row) => recordsOf(row, 'ContactEmployees'));
    expect(contacts.length).toBeGreaterThan(400);
    expect(new Set(contacts.map((row) => row['InternalCode'])).size).toBe(contacts.length);
  });
});

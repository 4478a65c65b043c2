import { describe, expect, it } from 'vitest';
import {
  compareWithView,
  organizationMarks,
  organizationWritten,
  productMarks,
  productWritten,
  viewAfterWrite,
} from '../../../server/app/crm-views.ts';
import type { CrmOrganization, CrmProduct } from '../../../server/app/ports/crm.ts';
import type { CrmView } from '../../../server/app/ports/crm-changes.ts';

const NOW = new Date('2026-11-24T09:00:00Z');
const CODE = 'c'.repeat(40);
const LIMIT = 'd'.repeat(40);
const VAT = 'e'.repeat(40);
const CONTEXT = {
  fields: {
    'organization.sap_code': CODE,
    'organization.credit_limit': LIMIT,
    'organization.vat_number': VAT,
  },
  ownFields: new Set(['organization.sap_code', 'organization.credit_limit'] as const),
};
const organization = (values: Partial<CrmOrganization> = {}): CrmOrganization => ({
  id: 7,
  name: 'Desk & Chair',
  postalCode: '20095',
  address: 'Elbweg 1, 20095 Hamburg',
  updateTime: '2026-11-24T09:00:00Z',
  isDeleted: false,
  customFields: { [CODE]: 'C1', [LIMIT]: { value: 1000, currency: 'EUR' }, [VAT]: 'DE1' },
  ...values,
});
const WRITTEN = {
  name: 'Desk & Chair',
  address: { value: 'Elbweg 1, 20095 Hamburg', postalCode: '20095', locality: 'Hamburg', country: 'DE' },
  customFields: { [CODE]: 'C1', [LIMIT]: { value: 1000, currency: 'EUR' }, [VAT]: 'DE1' },
};
const written = (answer: CrmOrganization | null = null): CrmView =>
  viewAfterWrite(undefined, 7, organizationWritten(WRITTEN, answer, CONTEXT));
const see = (before: CrmView | undefined, seen: CrmOrganization, isWritten = true) =>
  compareWithView(before, 7, organizationMarks(seen), { isWritten, now: NOW });

describe('an organization that was written', () => {
  it('WH-13 is untouched when it shows just that, spaces and order of parts aside', () => {
    expect(see(written(), organization()).is).toBe('untouched');
    const spaced = organization({
      name: ' Desk  & Chair ',
      customFields: { [LIMIT]: { currency: 'EUR', value: 1000 }, [CODE]: 'C1' },
    });
    expect(see(written(), spaced).is).toBe('untouched');
  });

  it('WH-13 is edited when a value of SAP’s is another one', () => {
    expect(see(written(), organization({ name: 'Other' })).is).toBe('edited');
    const limit = { [CODE]: 'C1', [LIMIT]: { value: 2000, currency: 'EUR' } };
    expect(see(written(), organization({ customFields: limit })).is).toBe('edited');
    expect(see(written(), organization({ customFields: { [CODE]: null, [LIMIT]: null } })).is).toBe('edited');
  });

  it('what people own is theirs: a VAT number in their field, an address that SAP has none of', () => {
    const vat = { ...WRITTEN.customFields, [VAT]: 'DE2' };
    expect(see(written(), organization({ customFields: vat })).is).toBe('untouched');
    const bare = viewAfterWrite(undefined, 7, organizationWritten({ name: 'Desk & Chair' }, null, CONTEXT));
    expect(see(bare, organization({ address: 'Theirs 1' })).is).toBe('untouched');
  });

  it('Pipedrive’s own way of writing an address is learnt from its answer, or when it is first seen', () => {
    const looked = organization({ address: 'Elbweg 1, 20095 Hamburg, Germany' });
    expect(see(written(looked), looked).is).toBe('untouched');
    const first = see(written(), looked);
    expect(first.is).toBe('untouched');
    expect(see(first.view, looked).is).toBe('untouched');
    expect(see(first.view, organization({ address: 'Elsewhere 2' })).is).toBe('edited');
  });

  it('WH-13 is answered once for one edit, and again once it was written and edited again', () => {
    const edit = organization({ name: 'Other' });
    const first = see(written(), edit);
    expect(first.is).toBe('edited');
    expect(see(first.view, edit, false).is).toBe('answered');
    const restored = viewAfterWrite(first.view, 7, organizationWritten(WRITTEN, null, CONTEXT));
    const untouched = see(restored, organization());
    expect(untouched.view).toMatchObject({ answered: null, repeats: 0 });
    expect(see(untouched.view, edit).is).toBe('edited');
    expect(see(first.view, organization({ name: 'Third' }), false).is).toBe('edited');
  });

  it('WH-13 a difference that comes back however often it is written is Pipedrive’s own: no ping-pong', () => {
    const own = organization({ name: 'DESK & CHAIR' });
    let view = written();
    const seen: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const sighting = see(view, own);
      seen.push(sighting.is);
      view =
        sighting.is === 'edited'
          ? viewAfterWrite(sighting.view, 7, organizationWritten(WRITTEN, null, CONTEXT))
          : sighting.view;
    }
    expect(seen).toEqual(['edited', 'edited', 'edited', 'untouched', 'untouched', 'untouched']);
  });

  it('one of which nothing is known is taken as it is', () => {
    expect(see(undefined, organization()).is).toBe('untouched');
  });
});

describe('a product that was written', () => {
  const product = (values: Partial<CrmProduct> = {}): CrmProduct => ({
    id: 7,
    name: 'Desk',
    code: 'A1',
    unit: 'pc',
    active: true,
    prices: [{ currency: 'EUR', price: '10.5' }],
    updateTime: '',
    isDeleted: false,
    ...values,
  });
  const shown = productWritten({
    name: 'Desk',
    code: 'A1',
    unit: null,
    active: true,
    prices: [{ currency: 'EUR', price: '10.50' }],
  });
  const seeProduct = (seen: CrmProduct) =>
    compareWithView(viewAfterWrite(undefined, 7, shown), 7, productMarks(seen), { isWritten: true, now: NOW }).is;

  it('keeps a person’s unit and other currencies, and gets SAP’s name and price back', () => {
    const other = { currency: 'USD', price: '7' };
    expect(seeProduct(product())).toBe('untouched');
    expect(seeProduct(product({ unit: 'box', prices: [{ currency: 'EUR', price: '10.5' }, other] }))).toBe('untouched');
    expect(seeProduct(product({ name: 'Other' }))).toBe('edited');
    expect(seeProduct(product({ prices: [{ currency: 'EUR', price: '9' }] }))).toBe('edited');
    expect(seeProduct(product({ active: false }))).toBe('edited');
  });

  it('WH-13 gets a price back that somebody took away, and is left alone where Pipedrive does not keep it', () => {
    let view = viewAfterWrite(undefined, 7, shown);
    const seen: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const marks = productMarks(product({ prices: [] }));
      const sighting = compareWithView(view, 7, marks, { isWritten: true, now: NOW });
      seen.push(sighting.is);
      view = sighting.is === 'edited' ? viewAfterWrite(sighting.view, 7, shown) : sighting.view;
    }
    expect(seen).toEqual(['edited', 'edited', 'edited', 'untouched', 'untouched', 'untouched']);
  });
});

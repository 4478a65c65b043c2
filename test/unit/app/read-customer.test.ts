import { expect, it } from 'vitest';
import { createLastKnown } from '../../../server/app/panel/last-known.ts';
import { readCustomer } from '../../../server/app/panel/read-customer.ts';
import type { ErpCustomerView, ErpDocumentsView } from '../../../server/app/ports/erp.ts';
import { DEFAULT_SETTINGS } from '../../../server/app/ports/settings-store.ts';
import { RejectedError } from '../../../server/kernel/errors.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';
import { movableClock } from '../../support/movable-clock.ts';

const CUSTOMER: ErpCustomerView = {
  partner: {
    cardCode: 'C1',
    name: 'Meyer',
    type: 'customer',
    active: true,
    groupCode: 1,
    vatNumber: null,
    address: { street: null, postalCode: null, city: null, country: null },
    currency: 'EUR',
    priceList: 1,
    paymentTerms: 1,
    contacts: [],
    credit: { limit: '1000', balance: '400', openOrders: '0', openDeliveries: '0', headOffice: null },
    updated: null,
  },
  headOffice: null,
  groupName: null,
  priceListName: null,
  pricesHoldTax: false,
  paymentTermsName: null,
  localCurrency: 'EUR',
};

const read = (viewDocuments: () => Promise<ErpDocumentsView>) =>
  readCustomer({ viewCustomer: async () => CUSTOMER, viewDocuments }, createLastKnown(movableClock()), {
    caller: {
      installationId: installationId('00000000-0000-4000-8000-000000000009'),
      connectionId: connectionId('00000000-0000-4000-8000-000000000008'),
      priority: 'person',
      signal: new AbortController().signal,
    },
    cardCode: 'C1',
    keys: [],
    settings: DEFAULT_SETTINGS,
    today: '2026-03-02',
    gross: null,
  });

it('credit without the invoices says that nothing is known about what is overdue', async () => {
  const refused = new RejectedError({ system: 'sap', code: '-3000', words: 'no right', message: 'No right.' });
  const { credit, balance, assessment } = await read(() => Promise.reject(refused));
  expect(balance).toMatchObject({ status: 'unavailable', reason: 'No right.' });
  expect(credit).toMatchObject({ status: 'ready', data: { limit: { amount: '1000' }, headroom: { amount: '600' } } });
  expect('data' in credit && credit.data.note).toContain('overdue');
  expect(assessment).toBeNull();
  const whole = await read(async () => ({ openInvoices: [], orders: [] }));
  expect('data' in whole.credit && whole.credit.data.note).toBeNull();
  expect(whole.assessment).toMatchObject({ status: 'within_limit' });
});

import { describe, expect, it } from 'vitest';
import { mapPartner, withStatusDate } from '../../../server/app/inbound-sync/partner-values.ts';
import { isTimeToReconsider } from '../../../server/app/inbound-sync/reconsider.ts';
import { afterRefusal, isPassing, isSettled } from '../../../server/app/inbound-sync/record-refused.ts';
import type { SyncContext } from '../../../server/app/inbound-sync/sync-deps.ts';
import type { CrmFieldPurpose } from '../../../server/app/ports/crm-field-store.ts';
import type { ErpPartner } from '../../../server/app/ports/erp.ts';
import type { EntityLink } from '../../../server/app/ports/link-store.ts';
import { DEFAULT_SETTINGS } from '../../../server/app/ports/settings-store.ts';
import {
  ForbiddenError,
  NotFoundError,
  OutcomeUnknownError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';

const PURPOSES: readonly CrmFieldPurpose[] = [
  'organization.sap_code',
  'organization.segment',
  'organization.credit_limit',
  'organization.credit_status',
  'organization.credit_status_date',
  'organization.vat_number',
];
const id = installationId('00000000-0000-4000-8000-000000000001');
const connection = connectionId('00000000-0000-4000-8000-000000000002');
const { signal } = new AbortController();
const context: SyncContext = {
  workplace: {
    installation: {
      id,
      companyId: '1',
      companyName: 'N',
      apiDomain: 'https://n.pipedrive.com',
      status: 'active',
      installedAt: new Date(0),
      signature: 'if-present',
    },
    connection: {
      id: connection,
      label: 'N',
      address: 'https://sap.example/b1s/v2',
      companyDb: 'N',
      userName: 'u',
      trust: { kind: 'public' },
      status: 'active',
      refusedPasswords: 0,
      timeZone: 'Europe/Berlin',
      localCurrency: 'EUR',
      proxy: null,
      look: null,
    },
    settings: DEFAULT_SETTINGS,
  },
  fields: Object.fromEntries(PURPOSES.map((purpose) => [purpose, purpose])),
  ownFields: new Set(PURPOSES.filter((purpose) => purpose !== 'organization.vat_number')),
  options: new Map(),
  erpCaller: { installationId: id, connectionId: connection, priority: 'background', signal },
  crmCaller: { installationId: id, as: 'service', purpose: 'delta', signal },
};
const aPartner = (values: Partial<ErpPartner> = {}): ErpPartner => ({
  cardCode: 'C1',
  name: 'Meyer',
  type: 'customer',
  active: true,
  groupCode: 7,
  vatNumber: 'DE123456789',
  address: { street: null, postalCode: null, city: null, country: null },
  currency: 'EUR',
  priceList: 1,
  paymentTerms: 1,
  contacts: [],
  credit: { limit: '1000', balance: '0', openOrders: '0', openDeliveries: '0', headOffice: null },
  updated: null,
  ...values,
});
const around = { groups: new Map([[7, 'Trade']]), oldestDueDates: new Map<string, string>(), today: '2026-03-02' };
const map = (partner: ErpPartner, more = around) => mapPartner(partner, more, context);

describe('what an organization holds', () => {
  it('is what SAP says of its customer', () => {
    expect(map(aPartner()).values).toEqual({
      name: 'Meyer',
      customFields: {
        'organization.sap_code': 'C1',
        'organization.segment': 'Trade',
        'organization.credit_limit': { value: 1000, currency: 'EUR' },
        'organization.credit_status': 'Within limit',
        'organization.vat_number': 'DE123456789',
      },
    });
  });

  it('empties what SAP has emptied, but wipes no VAT number that a person found out', () => {
    const bare = aPartner({ vatNumber: null, groupCode: null });
    const { customFields } = map({ ...bare, credit: { ...bare.credit, limit: '0' } }).values;
    expect(customFields).toMatchObject({ 'organization.segment': null, 'organization.credit_limit': null });
    expect(customFields).not.toHaveProperty('organization.vat_number');
  });

  it('SY-10 is the same for the same record, whatever the day', () => {
    expect(map(aPartner()).hash).toBe(map(aPartner(), { ...around, today: '2026-03-03' }).hash);
    expect(map(aPartner({ name: 'Meier' })).hash).not.toBe(map(aPartner()).hash);
    const contact = { code: '1', name: 'Petra', email: null, phone: null, active: true };
    expect(map(aPartner({ contacts: [contact] })).hash).not.toBe(map(aPartner()).hash);
  });

  it('the date of the status moves with the status alone', () => {
    const before = map(aPartner());
    const renamed = map(aPartner({ name: 'Meier' }));
    const dateOf = (...args: Parameters<typeof withStatusDate>) =>
      withStatusDate(...args).customFields?.['organization.credit_status_date'];
    expect(dateOf(before, null, context, '2026-03-02')).toBe('2026-03-02');
    expect(dateOf(renamed, before.hash, context, '2026-03-05')).toBeUndefined();
    const over = map(aPartner({ credit: { ...aPartner().credit, balance: '2000' } }));
    expect(dateOf(over, before.hash, context, '2026-03-05')).toBe('2026-03-05');
  });

  it('the date comes along when its field was made later than the others', () => {
    const { 'organization.credit_status_date': _none, ...others } = context.fields;
    const before = mapPartner(aPartner(), around, { ...context, fields: others });
    expect(map(aPartner()).hash).not.toBe(before.hash);
    const values = withStatusDate(map(aPartner()), before.hash, context, '2026-03-05');
    expect(values.customFields?.['organization.credit_status_date']).toBe('2026-03-05');
  });
});

describe('a record that was refused', () => {
  const link: EntityLink = {
    kind: 'partner',
    sapKey: 'C1',
    pipedriveId: 5,
    state: 'linked',
    creatingSince: null,
    contentHash: 'old',
  };
  const refused = new RejectedError({ system: 'pipedrive', code: '400', words: 'no', message: 'no' });

  it('waits for its next change, and is never made anew when it is gone', () => {
    const after = afterRefusal(link, refused, 'new');
    expect(after).toMatchObject({ state: 'linked', pipedriveId: 5 });
    expect([isSettled(after, 'new'), isSettled(after, 'newer'), isSettled(after, 'old')]).toEqual([true, false, false]);
    expect(afterRefusal(link, new NotFoundError('gone'), 'new')).toMatchObject({ state: 'gone', pipedriveId: 5 });
    const creating: EntityLink = { ...link, pipedriveId: null, state: 'creating', creatingSince: new Date(0) };
    expect(afterRefusal(creating, refused, 'new')).toMatchObject({ state: 'to_create', creatingSince: null });
    expect(afterRefusal({ ...link, state: 'gone' }, refused, 'new').state).toBe('gone');
  });

  it('waits for nothing in SAP when only a right was missing', () => {
    expect(isSettled(afterRefusal(link, new ForbiddenError('no'), 'new'), 'new')).toBe(false);
  });

  it('still gets the date of a status that it was refused with', () => {
    const within = map(aPartner());
    const over = map(aPartner({ credit: { ...aPartner().credit, balance: '2000' } }));
    const dateAfter = (before: string, refusals: readonly string[], now: typeof over) => {
      const hash = refusals.reduce<EntityLink>((one, next) => afterRefusal(one, refused, next), {
        ...link,
        contentHash: before,
      }).contentHash;
      return withStatusDate(now, hash, context, '2026-03-05').customFields?.['organization.credit_status_date'];
    };
    expect(dateAfter(within.hash, [over.hash], over)).toBe('2026-03-05');
    expect(dateAfter(within.hash, [over.hash, over.hash], over)).toBe('2026-03-05');
    expect(dateAfter(within.hash, [over.hash], within)).toBeUndefined();
  });

  it('is told apart from one whose time has not come', () => {
    for (const error of [refused, new ForbiddenError('no'), new NotFoundError('gone')])
      expect(isPassing(error)).toBe(false);
    for (const error of [new UnavailableError('away'), new OutcomeUnknownError('?')])
      expect(isPassing(error)).toBe(true);
  });
});

describe('isTimeToReconsider', () => {
  it('is one of the regular runs of each hour', () => {
    const start = Date.parse('2026-03-02T09:02:30Z');
    const runs = Array.from({ length: 24 }, (_, run) => isTimeToReconsider(new Date(start + run * 5 * 60_000)));
    expect(runs.filter(Boolean)).toHaveLength(2);
  });
});

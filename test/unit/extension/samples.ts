import type {
  BalanceView,
  CreditView,
  CustomerView,
  DealPanelView,
  HandoffView,
  LineView,
  OrganizationPanelView,
} from '../../../server/contract/panel.ts';
import type { CapabilitiesView, DiagnosisView, PartnerSheetView } from '../../../server/contract/sap-checks.ts';
import type { SettingsView, VisitorSettingsView } from '../../../server/contract/settings.ts';
import { someTokens } from '../../support/token-views.ts';

export const AT = '2026-11-24T08:00:00.000Z';
const eur = (amount: string) => ({ amount, currency: 'EUR' });

export const customer: CustomerView = {
  cardCode: 'C20045',
  name: 'Norddeutsche Kontor GmbH',
  type: 'customer',
  active: true,
  segment: 'Reseller',
  priceList: null,
  paymentTerms: '30 days net',
};

export const credit: CreditView = {
  status: 'within_limit',
  limit: eur('50000.00'),
  balance: eur('18220.00'),
  openOrders: eur('5900.00'),
  thisDeal: eur('17136.00'),
  headroom: eur('8744.00'),
  note: null,
};

export function aLine(changes: Partial<LineView> = {}): LineView {
  return {
    lineId: 1,
    name: 'Desk chair Lumo, black',
    itemCode: 'A100',
    quantity: '24',
    unitPrice: eur('289.00'),
    discountPercent: '5',
    enabled: true,
    sapPrice: eur('279.00'),
    comparison: 'lower',
    differencePercent: 2,
    warehouses: [{ code: '01', name: 'Hamburg', available: '18' }],
    availability: 'part',
    available: '18',
    problem: null,
    ...changes,
  };
}

export const balance: BalanceView = {
  balance: eur('18220.00'),
  notDue: eur('12730.00'),
  days1To30: eur('2150.00'),
  days31To60: eur('1610.00'),
  daysOver60: eur('530.00'),
  openInvoices: { count: 9, sum: eur('17020.00') },
  otherEntries: eur('1200.00'),
  invoices: [{ docNum: 8812, date: '2026-08-01', dueDate: '2026-09-01', daysOverdue: 84, open: eur('530.00') }],
};

export function aHandoff(changes: Partial<HandoffView> = {}): HandoffView {
  return {
    id: 'h1',
    step: 'order',
    state: 'posting',
    sentence: 'The order is being made in SAP.',
    problems: [{ code: 'x', message: 'Something', at: 'line 1' }],
    docNum: 1234,
    document: 'order',
    documentStatus: 'open',
    total: eur('17136.00'),
    date: '2026-11-24',
    link: 'https://sap.example.com/1234',
    updatedAt: AT,
    ...changes,
  };
}

export const dealPanel: DealPanelView = {
  dealId: 7,
  verdict: { verdict: 'ship_part', title: 'Ship part now', reasons: ['18 of 24 chairs are in Hamburg'] },
  customer: { status: 'ready', data: customer, asOf: AT },
  credit: { status: 'stale', data: credit, asOf: AT, reason: 'SAP did not answer.' },
  lines: {
    status: 'ready',
    data: { lines: [aLine()], notShown: 0, unreadable: [{ lineId: 2, name: 'Desk', problem: 'Round it.' }] },
    asOf: AT,
  },
  handoffs: [aHandoff()],
  balance: { status: 'unavailable', reason: 'SAP did not answer.' },
  send: { action: 'send', label: 'Send to SAP as sales order', reason: null, problems: [] },
};

export const organizationPanel: OrganizationPanelView = {
  organizationId: 3,
  name: 'Norddeutsche Kontor GmbH',
  verdict: { verdict: 'unknown', title: 'Not linked', reasons: [] },
  customer: { status: 'not_linked', reason: 'No customer in SAP.' },
  credit: { status: 'ready', data: { ...credit, thisDeal: null }, asOf: AT },
  balance: { status: 'ready', data: balance, asOf: AT },
  unsentDeals: [{ dealId: 7, title: 'Chairs', status: 'won', value: eur('14400') }],
  moreDeals: false,
};

export function someSettings(changes: Partial<SettingsView> = {}): SettingsView {
  return {
    companyName: 'Norddeutsche Möbel',
    mayChange: true,
    health: { tone: 'good', sentence: 'All is well' },
    pipedrive: { state: 'connected', reconnectUrl: 'https://app.example.com/oauth/install' },
    myAccess: 'ok',
    people: somePeople(),
    connection: {
      id: 'c1',
      address: 'https://sap.example.com:50000/b1s/v2',
      companyDb: 'SBO',
      companyName: 'Norddeutsche Möbel',
      userName: 'orderline',
      state: 'connected',
      trust: {
        kind: 'confirmed',
        slots: [{ fingerprint: 'AB:CD', seen: true, subject: 'CN=sap', validTo: '2028-11-20' }],
        authority: { subject: 'CN=Own authority', validTo: '2030-01-01' },
        servedValidTo: '2028-11-20',
      },
      proxy: { headerName: 'x-gateway', clientCertificate: { subject: 'CN=orderline', validTo: '2027-05-01' } },
    },
    consent: {
      crmFields: true,
      erpField: true,
      erpLedger: true,
      erpChangesAt: AT,
      keyField: true,
      crmFieldPlan: {
        fields: [
          { name: 'SAP code (organization)', uses: null, ours: false },
          { name: 'VAT number (organization)', uses: 'USt-IdNr.', ours: false },
        ],
        room: { present: 27, toMake: 1, most: 30 },
      },
    },
    handoff: { enabled: true, startsAt: AT, ready: true, notReadyReason: null },
    preferences: { webClientUrl: null, priceList: 1, priceLists: [{ number: 1, name: 'Base' }] },
    firstLoad: {
      quote: { tokens: 5600, partners: 400, items: 1200 },
      streams: [
        {
          stream: 'partners',
          state: 'done',
          expected: 400,
          read: 400,
          written: 388,
          unchanged: 0,
          waiting: 12,
          finishedAt: AT,
        },
      ],
    },
    tokens: someTokens(),
    notifications: { signature: 'if-present', recent: { of: 0, signed: 0 }, renewing: false },
    findings: {
      open: 1,
      list: [
        {
          id: 'f',
          message: 'M',
          action: 'A',
          link: { resource: 'deal', id: 7 },
          lastSeenAt: AT,
          count: 1,
          mayGoOn: false,
        },
      ],
    },
    ...changes,
  };
}

export const visitorSettings: VisitorSettingsView = {
  companyName: 'Norddeutsche Möbel',
  mayChange: false,
  health: { tone: 'good', sentence: 'All is well' },
  pipedrive: { state: 'connected', reconnectUrl: 'https://app.example.com/oauth/install' },
  myAccess: 'refused',
  people: somePeople({ notInstalled: null }),
  admins: ['Anna'],
};

export function somePeople(changes: Partial<SettingsView['people']> = {}): SettingsView['people'] {
  return {
    installed: ['Anna'],
    refused: [],
    notInstalled: ['Ole'],
    installUrl: 'https://app.example.com/oauth/install',
    ...changes,
  };
}

export function someCapabilities(changes: Partial<CapabilitiesView> = {}): CapabilitiesView {
  return {
    probedAt: AT,
    handoffGuard: 'ledger',
    facts: [{ name: 'Service Layer', value: 'Version 2', note: 'SAP calls itself 1000330' }],
    record: {
      dialect: 'v2',
      version: '1000330',
      localCurrency: 'EUR',
      batch: 'yes',
      userTables: 'yes',
      keyField: 'yes',
      ledger: 'yes',
      sqlQueries: 'forbidden',
      webhooks: 'no',
      etag: 'yes',
      approvals: 'yes',
      branches: 'no',
      collectionSelect: 'yes',
      preview: 'unknown',
      itemPrice: 'yes',
      decimals: { totals: 2, prices: 6, quantities: 6, rates: 6, percentages: 6 },
      pageSize: 200,
      stamps: 'second',
      offsetMinutes: 60,
      clockSkewMs: 120,
    },
    ...changes,
  };
}

export const diagnosis: DiagnosisView = {
  at: AT,
  signedIn: true,
  summary: 'One thing is wrong.',
  steps: [
    {
      step: 'series',
      title: 'Number series',
      verdict: 'wrong',
      sentence: 'The number series for orders is locked.',
      why: 'Somebody locked it',
      who: 'Your SAP administrator',
      action: 'Set another default series.',
      details: ['Next number: 12'],
    },
  ],
};

export const partnerSheet: PartnerSheetView = {
  title: 'What to set up in SAP',
  sections: [{ title: 'A user field', lines: ['Choose a quiet hour.'], values: [{ name: 'Name', value: 'PD_Key' }] }],
};

import type { DeliveryProof } from '../../../server/app/deliveries/delivery-callers.ts';
import type { ArrivedDelivery } from '../../../server/app/deliveries/receive-delivery.ts';
import type { ErpProof } from '../../../server/app/erp-events/find-caller.ts';
import type { CrmIdentity, TokenAnswer } from '../../../server/app/ports/crm.ts';
import type { OAuthStateStore } from '../../../server/app/ports/oauth-state-store.ts';
import type { Principal } from '../../../server/app/principal.ts';
import type { CertificateView } from '../../../server/contract/connection.ts';
import type { DealHandoffView, DealPanelView, OrganizationPanelView } from '../../../server/contract/panel.ts';
import type { RemovalView } from '../../../server/contract/removal.ts';
import type { CapabilitiesView, DiagnosisView, PartnerSheetView } from '../../../server/contract/sap-checks.ts';
import type { SapEventsView } from '../../../server/contract/sap-events.ts';
import type { SettingsView } from '../../../server/contract/settings.ts';
import type { ApiRouteName, UninstallNotice, UseCases } from '../../../server/http/use-cases.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { unknownTokens } from '../../support/token-views.ts';

export const INSTALLATION = installationId('3c1f3f4e-0d58-4f6e-9c43-2f2f5d3f7a01');
export const COMPANY = '4711';

export interface Fakes {
  readonly useCases: UseCases;
  /** Every call of a route of /api: its name, the principal and the parsed input. */
  readonly calls: { name: ApiRouteName; principal: Principal; input: unknown }[];
  readonly exchanged: { code: string; redirectUri: string }[];
  readonly completed: { tokens: TokenAnswer; identity: CrmIdentity }[];
  readonly uninstalled: UninstallNotice[];
  readonly exported: Principal[];
  exportPieces: AsyncIterable<string>;
  readonly proofs: DeliveryProof[];
  readonly deliveries: ArrivedDelivery[];
  /** Hashes of addresses to which a delivery was not taken, hex. */
  readonly missed: string[];
  readonly erpEvents: ErpProof[];
  readonly handshakes: (Omit<ErpProof, 'signed'> & { token: string | undefined })[];
  /** What the next calls do instead of answering. */
  fail: { api?: Error; exchange?: Error; identify?: Error; complete?: Error; receive?: Error; authenticate?: Error };
  received: 'stored' | 'duplicate' | 'not_ours';
  /** Whether whoever sends a delivery, or an event of SAP, is let in before its body is read. */
  known: boolean;
  /** What storing a delivery, or looking up whose event of SAP it is, waits for. */
  hold: Promise<unknown>;
  /** What looking up who sends a delivery waits for. */
  holdLookUp: Promise<unknown>;
  /** As known from the install. */
  admin: boolean;
  /** As Pipedrive says now; the same unless told. */
  adminNow?: boolean;
  ready: { database: boolean; migrations: boolean };
  /** Overrides the answer of a route. */
  answers: Partial<Record<ApiRouteName, unknown>>;
}

/** The application as http sees it, in memory: it remembers what it was asked and answers with the least that is valid. */
export function fakeUseCases(): Fakes {
  const fakes: Omit<Fakes, 'useCases'> = {
    calls: [],
    exchanged: [],
    completed: [],
    uninstalled: [],
    exported: [],
    exportPieces: onePiece(),
    proofs: [],
    deliveries: [],
    missed: [],
    erpEvents: [],
    handshakes: [],
    fail: {},
    received: 'stored',
    known: true,
    hold: Promise.resolve(),
    holdLookUp: Promise.resolve(),
    admin: true,
    ready: { database: true, migrations: true },
    answers: {},
  };
  const run = <T>(name: ApiRouteName, view: T) => {
    return async (principal: Principal, input: unknown): Promise<T> => {
      if (fakes.fail.api) throw fakes.fail.api;
      fakes.calls.push({ name, principal, input });
      return (fakes.answers[name] ?? view) as T;
    };
  };
  const useCases: UseCases = {
    oauthStates: memoryStates(),
    oauth: {
      async exchangeCode(code, redirectUri) {
        if (fakes.fail.exchange) throw fakes.fail.exchange;
        fakes.exchanged.push({ code, redirectUri });
        return TOKENS;
      },
      async identify() {
        if (fakes.fail.identify) throw fakes.fail.identify;
        return IDENTITY;
      },
    },
    async completeInstall(tokens, identity) {
      if (fakes.fail.complete) throw fakes.fail.complete;
      fakes.completed.push({ tokens, identity });
      return { redirectTo: 'https://acme.pipedrive.com/settings/marketplace/app/client-1/app-settings' };
    },
    async uninstall(notice) {
      fakes.uninstalled.push(notice);
    },
    async findDeliveryCaller(proof) {
      fakes.proofs.push(proof);
      await fakes.holdLookUp;
      if (!fakes.known) return undefined;
      return { installationId: INSTALLATION, companyId: COMPANY, secretHash: new Uint8Array(32), user: 'hook' };
    },
    async receiveDelivery(_caller, delivery) {
      await fakes.hold;
      if (fakes.fail.receive) throw fakes.fail.receive;
      fakes.deliveries.push(delivery);
      return fakes.received;
    },
    noteMissedDelivery: (addressHash) => void fakes.missed.push(Buffer.from(addressHash).toString('hex')),
    async isErpCaller() {
      await fakes.hold;
      return fakes.known;
    },
    async receiveErpEvents(proof) {
      if (fakes.fail.receive) throw fakes.fail.receive;
      fakes.erpEvents.push(proof);
      return fakes.received === 'not_ours' ? 'not_ours' : 'accepted';
    },
    async answerErpHandshake(token, proof) {
      fakes.handshakes.push({ token, ...proof });
      return token === undefined || fakes.received === 'not_ours' ? undefined : { challenge: token };
    },
    async authenticate({ companyId, userId }) {
      if (fakes.fail.authenticate) throw fakes.fail.authenticate;
      return { installationId: INSTALLATION, companyId, userId, isAdmin: fakes.admin };
    },
    async exportInstallation(principal) {
      if (fakes.fail.api) throw fakes.fail.api;
      fakes.exported.push(principal);
      return { name: 'orderline-4711-2026-11-24.json', pieces: fakes.exportPieces };
    },
    isAdminNow: async () => fakes.adminNow ?? fakes.admin,
    explainFailure: async (_principal, error) => error,
    async frameAncestorsFor(companyId) {
      const own = companyId === undefined ? [] : ['https://acme.pipedrive.com'];
      return ['https://app.pipedrive.com', ...own];
    },
    async readiness() {
      return fakes.ready;
    },
    api: {
      viewDealPanel: run('viewDealPanel', DEAL_PANEL),
      viewDealHandoff: run('viewDealHandoff', HANDOFF),
      sendDeal: run('sendDeal', HANDOFF),
      viewOrganizationPanel: run('viewOrganizationPanel', ORGANIZATION_PANEL),
      viewPersonPanel: run('viewPersonPanel', { personId: 3, organization: null }),
      viewSettings: run('viewSettings', SETTINGS),
      checkAddress: run('checkAddress', CERTIFICATE),
      connect: run('connect', SETTINGS),
      changeSignIn: run('changeSignIn', SETTINGS),
      changeTrust: run('changeTrust', SETTINGS),
      changeProxy: run('changeProxy', SETTINGS),
      disconnect: run('disconnect', SETTINGS),
      viewCapabilities: run('viewCapabilities', CAPABILITIES),
      diagnose: run('diagnose', DIAGNOSIS),
      viewPartnerSheet: run('viewPartnerSheet', PARTNER_SHEET),
      viewSapEvents: run('viewSapEvents', SAP_EVENTS),
      switchSapEvents: run('switchSapEvents', SAP_EVENTS),
      agree: run('agree', SETTINGS),
      switchHandoff: run('switchHandoff', SETTINGS),
      saveTokenSettings: run('saveTokenSettings', SETTINGS),
      savePreferences: run('savePreferences', SETTINGS),
      viewRemoval: run('viewRemoval', REMOVAL),
      askForRemoval: run('askForRemoval', REMOVAL),
      dismissFinding: run('dismissFinding', SETTINGS),
      renewWebhooks: run('renewWebhooks', SETTINGS),
      changeSignature: run('changeSignature', SETTINGS),
      approveComparison: run('approveComparison', SETTINGS),
    },
  };
  return Object.assign(fakes, { useCases });
}

async function* onePiece(): AsyncGenerator<string> {
  yield '{"complete":true}';
}

function memoryStates(): OAuthStateStore {
  const states = new Map<string, { browserHash: string; expiresAt: Date }>();
  return {
    async add(stateHash, browserHash, expiresAt) {
      states.set(stateHash, { browserHash, expiresAt });
    },
    async consume(stateHash, browserHash, now) {
      const state = states.get(stateHash);
      states.delete(stateHash);
      if (!state) return 'unknown';
      if (state.expiresAt <= now) return 'expired';
      return state.browserHash === browserHash ? 'ok' : 'other_browser';
    },
  };
}

export const TOKENS: TokenAnswer = {
  accessToken: 'v1u:access-canary',
  refreshToken: '1:2:refresh-canary',
  expiresAt: new Date('2026-11-24T13:00:00Z'),
  scopes: ['base'],
  apiDomain: 'https://acme.pipedrive.com',
};

export const IDENTITY: CrmIdentity = {
  userId: 12,
  userName: 'Ada Admin',
  isAdmin: true,
  companyId: COMPANY,
  companyName: 'Acme',
  companyDomain: 'acme',
  language: 'en',
};

const nothing = { status: 'not_linked', reason: 'This organization is not linked to a customer in SAP.' } as const;
const unknown = { verdict: 'unknown', title: 'Not known', reasons: [] } as const;
const send = {
  action: 'not_allowed',
  label: 'Send to SAP',
  reason: 'There is no connection yet.',
  problems: [],
} as const;

const HANDOFF: DealHandoffView = { handoffs: [], send: { ...send, problems: [] } };
const DEAL_PANEL: DealPanelView = {
  dealId: 7,
  verdict: { ...unknown, reasons: [] },
  customer: nothing,
  credit: nothing,
  lines: nothing,
  handoffs: [],
  balance: nothing,
  send: { ...send, problems: [] },
};
const ORGANIZATION_PANEL: OrganizationPanelView = {
  organizationId: 5,
  name: 'Acme',
  verdict: { ...unknown, reasons: [] },
  customer: nothing,
  credit: nothing,
  balance: nothing,
  unsentDeals: [],
  moreDeals: false,
};
const CERTIFICATE: CertificateView = {
  address: 'https://sap.example.com:50000/b1s/v2',
  trusted: true,
  fault: null,
  certificate: null,
};
const SETTINGS: SettingsView = {
  companyName: 'Acme',
  mayChange: true,
  health: { tone: 'setup', sentence: 'Connect SAP to begin.' },
  pipedrive: { state: 'connected', reconnectUrl: 'https://app.example.com/oauth/install' },
  connection: null,
  consent: {
    crmFields: false,
    erpField: false,
    erpLedger: false,
    erpChangesAt: null,
    keyField: false,
    crmFieldPlan: { fields: [], room: null },
  },
  handoff: { enabled: false, startsAt: null, ready: false, notReadyReason: 'Connect SAP first.' },
  preferences: { webClientUrl: null, priceList: null, priceLists: [] },
  firstLoad: { quote: null, streams: [] },
  tokens: unknownTokens(),
  notifications: { signature: 'if-present', recent: { of: 0, signed: 0 }, renewing: false },
  findings: { open: 0, list: [] },
  myAccess: 'ok',
  people: { installed: [], refused: [], notInstalled: [], installUrl: 'https://app.example.com/oauth/install' },
};

const CAPABILITIES: CapabilitiesView = { probedAt: null, handoffGuard: 'settle', facts: [], record: null };
const DIAGNOSIS: DiagnosisView = {
  at: '2026-11-24T08:00:00.000Z',
  signedIn: false,
  summary: 'One thing is wrong.',
  steps: [],
};
const PARTNER_SHEET: PartnerSheetView = { title: 'For your SAP partner', sections: [] };
const REMOVAL: RemovalView = { state: 'none', companyName: 'Acme', askedAt: null, steps: [] };
const SAP_EVENTS: SapEventsView = { state: 'off', words: null, lastEventAt: null };

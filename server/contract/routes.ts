import type { z } from 'zod';
import {
  CertificateView,
  ChangeProxyBody,
  ChangeSignInBody,
  ChangeTrustBody,
  CheckAddressBody,
  ConnectBody,
} from './connection.ts';
import {
  DealHandoffView,
  DealPanelView,
  DealParams,
  OrganizationPanelView,
  OrganizationParams,
  PanelQuery,
  PersonPanelView,
  PersonParams,
} from './panel.ts';
import { RemovalBody, RemovalView } from './removal.ts';
import { CapabilitiesView, DiagnoseBody, DiagnosisView, PartnerSheetView } from './sap-checks.ts';
import { SapEventsBody, SapEventsView } from './sap-events.ts';
import {
  ApproveComparisonBody,
  ConsentBody,
  FindingParams,
  HandoffSwitchBody,
  PreferencesBody,
  SettingsAnswer,
  SignatureBody,
} from './settings.ts';
import { TokenSettingsBody } from './tokens.ts';

export interface RouteContract {
  readonly method: 'get' | 'post' | 'delete';
  /** OpenAPI form, e.g. `/api/panel/deals/{dealId}`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Pipedrive admins alone. */
  readonly adminOnly?: true;
}

/** Every route of `/api`; the OpenAPI description and the tests are made from this list. */
export const API_ROUTES = {
  viewDealPanel: {
    method: 'get',
    path: '/api/panel/deals/{dealId}',
    summary: 'Live SAP figures for a deal',
    params: DealParams,
    query: PanelQuery,
    answer: DealPanelView,
  },
  viewDealHandoff: {
    method: 'get',
    path: '/api/panel/deals/{dealId}/handoff',
    summary: 'Where a deal stands on its way into SAP',
    params: DealParams,
    answer: DealHandoffView,
  },
  sendDeal: {
    method: 'post',
    path: '/api/panel/deals/{dealId}/send',
    summary: 'Send a deal to SAP, or check it again',
    params: DealParams,
    answer: DealHandoffView,
  },
  viewOrganizationPanel: {
    method: 'get',
    path: '/api/panel/organizations/{organizationId}',
    summary: 'Live SAP figures for an organization',
    params: OrganizationParams,
    query: PanelQuery,
    answer: OrganizationPanelView,
  },
  viewPersonPanel: {
    method: 'get',
    path: '/api/panel/persons/{personId}',
    summary: "A person's organization in SAP",
    params: PersonParams,
    query: PanelQuery,
    answer: PersonPanelView,
  },
  viewSettings: {
    method: 'get',
    path: '/api/settings',
    summary: 'Connection, state and findings',
    answer: SettingsAnswer,
  },
  checkAddress: {
    method: 'post',
    path: '/api/settings/sap/certificate',
    summary: "Look at a server's certificate; nothing is sent",
    body: CheckAddressBody,
    answer: CertificateView,
    adminOnly: true,
  },
  connect: {
    method: 'post',
    path: '/api/settings/sap/connection',
    summary: 'Sign in to SAP and keep the connection',
    body: ConnectBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  changeSignIn: {
    method: 'post',
    path: '/api/settings/sap/sign-in',
    summary: 'Another user or password at the same server',
    body: ChangeSignInBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  changeTrust: {
    method: 'post',
    path: '/api/settings/sap/trust',
    summary: 'Which certificates are accepted',
    body: ChangeTrustBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  changeProxy: {
    method: 'post',
    path: '/api/settings/sap/proxy',
    summary: 'What a proxy before SAP asks for',
    body: ChangeProxyBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  disconnect: {
    method: 'delete',
    path: '/api/settings/sap/connection',
    summary: 'Forget the connection and its password',
    answer: SettingsAnswer,
    adminOnly: true,
  },
  viewCapabilities: {
    method: 'get',
    path: '/api/settings/sap/capabilities',
    summary: 'What the connected SAP system was found to be able to do',
    answer: CapabilitiesView,
    adminOnly: true,
  },
  diagnose: {
    method: 'post',
    path: '/api/settings/sap/diagnosis',
    summary: 'Look through the connection, step by step',
    body: DiagnoseBody,
    answer: DiagnosisView,
    adminOnly: true,
  },
  viewPartnerSheet: {
    method: 'get',
    path: '/api/settings/sap/sheet',
    summary: 'What the SAP partner sets up, on one page',
    answer: PartnerSheetView,
    adminOnly: true,
  },
  viewSapEvents: {
    method: 'get',
    path: '/api/settings/sap/events',
    summary: 'Whether SAP tells of changes by itself',
    answer: SapEventsView,
    adminOnly: true,
  },
  switchSapEvents: {
    method: 'post',
    path: '/api/settings/sap/events',
    summary: 'Let SAP tell of changes by itself, or not',
    body: SapEventsBody,
    answer: SapEventsView,
    adminOnly: true,
  },
  agree: {
    method: 'post',
    path: '/api/settings/consent',
    summary: 'Agree to fields on both sides; starts the first load',
    body: ConsentBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  switchHandoff: {
    method: 'post',
    path: '/api/settings/handoff',
    summary: 'Won deals go to SAP by themselves, from now on',
    body: HandoffSwitchBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  savePreferences: {
    method: 'post',
    path: '/api/settings/preferences',
    summary: 'Price list and Web Client address',
    body: PreferencesBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  saveTokenSettings: {
    method: 'post',
    path: '/api/settings/tokens',
    summary: 'Plan and seats in Pipedrive, and how much of the day background work may take',
    body: TokenSettingsBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  viewRemoval: {
    method: 'get',
    path: '/api/settings/removal',
    summary: "Whether this company's data is being removed",
    answer: RemovalView,
    adminOnly: true,
  },
  askForRemoval: {
    method: 'post',
    path: '/api/settings/removal',
    summary: 'Give back all access and erase everything; the app is uninstalled then',
    body: RemovalBody,
    answer: RemovalView,
    adminOnly: true,
  },
  renewWebhooks: {
    method: 'post',
    path: '/api/settings/webhooks/renew',
    summary: "Make Pipedrive's notifications to this app anew, with a new address and new credentials",
    answer: SettingsAnswer,
    adminOnly: true,
  },
  changeSignature: {
    method: 'post',
    path: '/api/settings/webhooks/signature',
    summary: "Whether Pipedrive's notifications have to be signed; only once all of the last ones were",
    body: SignatureBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  approveComparison: {
    method: 'post',
    path: '/api/settings/comparison/approve',
    summary:
      'What the comparison with Pipedrive did not find is really gone; nothing where nothing, or something else by now, waits for it',
    body: ApproveComparisonBody,
    answer: SettingsAnswer,
    adminOnly: true,
  },
  dismissFinding: {
    method: 'post',
    path: '/api/settings/findings/{findingId}/dismiss',
    summary: 'A person has seen to it; fine when it is closed already',
    params: FindingParams,
    answer: SettingsAnswer,
    adminOnly: true,
  },
} as const satisfies Record<string, RouteContract>;

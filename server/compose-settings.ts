import { makeSwitchErpWebhook, type SwitchErpWebhookDeps } from './app/erp-events/switch-erp-webhook.ts';
import type { IsAdminNow } from './app/install/is-admin-now.ts';
import { type ApproveComparisonDeps, makeApproveComparison } from './app/settings/approve-comparison.ts';
import { type ChangeAccessDeps, makeChangeAccess } from './app/settings/change-access.ts';
import { type ChangeSettingsDeps, makeChangeSettings } from './app/settings/change-settings.ts';
import { type ChangeSignatureDeps, makeChangeSignature } from './app/settings/change-signature.ts';
import { type ChangeTokenSettingsDeps, makeChangeTokenSettings } from './app/settings/change-token-settings.ts';
import { type ChangeTrustDeps, makeChangeTrust } from './app/settings/change-trust.ts';
import { type ConnectDeps, makeConnect } from './app/settings/connect.ts';
import { type DiagnoseDeps, makeDiagnose } from './app/settings/diagnose.ts';
import { type DismissFindingDeps, makeDismissFinding } from './app/settings/dismiss-finding.ts';
import { createRemembered } from './app/settings/remembered.ts';
import { makeRenewWebhooks, type RenewWebhooksDeps } from './app/settings/renew-webhooks.ts';
import { makeViewCapabilities, type ViewCapabilitiesDeps } from './app/settings/view-capabilities.ts';
import { makeViewPartnerSheet } from './app/settings/view-partner-sheet.ts';
import { makeViewSettings, type ViewSettingsDeps } from './app/settings/view-settings.ts';
import type { UseCases } from './http/use-cases.ts';

/** Nobody waits longer for a SAP server that is to be left anyway. */
const LEAVE_MS = 5_000;

type SettingsDeps = Omit<ViewSettingsDeps, 'isAdminNow' | 'remembered'> &
  DismissFindingDeps &
  ApproveComparisonDeps &
  RenewWebhooksDeps &
  ChangeSignatureDeps &
  ChangeSettingsDeps &
  ChangeTokenSettingsDeps &
  ConnectDeps &
  ChangeAccessDeps &
  ChangeTrustDeps &
  SwitchErpWebhookDeps &
  ViewCapabilitiesDeps &
  DiagnoseDeps;

/** Every change is answered with the page as it then is. */
export function openSettingsRoutes(all: SettingsDeps, isAdminNow: IsAdminNow) {
  const viewSettings = makeViewSettings({ ...all, isAdminNow, remembered: createRemembered(all.clock) });
  const dismissFinding = makeDismissFinding(all);
  const approveComparison = makeApproveComparison(all);
  const renewWebhooks = makeRenewWebhooks(all);
  const changeSignature = makeChangeSignature(all);
  const change = makeChangeSettings(all);
  const changeTokenSettings = makeChangeTokenSettings(all);
  const { checkAddress, connect, disconnect } = makeConnect(all);
  const { changeSignIn, changeProxy } = makeChangeAccess(all);
  const changeTrust = makeChangeTrust(all);
  const sapEvents = makeSwitchErpWebhook(all);
  const viewCapabilities = makeViewCapabilities(all);
  const viewPartnerSheet = makeViewPartnerSheet();
  const diagnose = makeDiagnose(all);
  return {
    viewSettings: (principal, _input, { signal }) => viewSettings(principal, signal),
    checkAddress: (principal, body, { signal }) => checkAddress(principal, body, signal),
    async connect(principal, body, { signal, requestId }) {
      await connect(principal, body, requestId, signal);
      return viewSettings(principal, signal);
    },
    async changeSignIn(principal, body, { signal, requestId }) {
      await changeSignIn(principal, body, requestId, signal);
      return viewSettings(principal, signal);
    },
    async changeTrust(principal, body, { signal, requestId }) {
      await changeTrust(principal, body, requestId, signal);
      return viewSettings(principal, signal);
    },
    async changeProxy(principal, body, { signal, requestId }) {
      await changeProxy(principal, body, requestId, signal);
      return viewSettings(principal, signal);
    },
    viewCapabilities: (principal) => viewCapabilities(principal),
    diagnose: (principal, body, { signal, requestId }) => diagnose(principal, body, requestId, signal),
    viewPartnerSheet: async () => viewPartnerSheet(),
    viewSapEvents: (principal) => sapEvents.viewErpWebhook(principal),
    async switchSapEvents(principal, { enabled }, { requestId }) {
      await sapEvents.switchErpWebhook(principal, enabled, requestId);
      return sapEvents.viewErpWebhook(principal);
    },
    async disconnect(principal, _input, { signal, requestId }) {
      await sapEvents.leave(principal.installationId, all.deadline(LEAVE_MS, signal));
      await disconnect(principal, requestId);
      return viewSettings(principal, signal);
    },
    async agree(principal, body, { signal, requestId }) {
      await change.agree(principal, body, requestId);
      return viewSettings(principal, signal);
    },
    async switchHandoff(principal, body, { signal, requestId }) {
      await change.switchHandoff(principal, body, requestId);
      return viewSettings(principal, signal);
    },
    async renewWebhooks(principal, _input, { signal, requestId }) {
      await renewWebhooks(principal, requestId);
      return viewSettings(principal, signal);
    },
    async changeSignature(principal, body, { signal, requestId }) {
      await changeSignature(principal, body, requestId);
      return viewSettings(principal, signal);
    },
    async approveComparison(principal, body, { signal, requestId }) {
      await approveComparison(principal, body, requestId);
      return viewSettings(principal, signal);
    },
    async dismissFinding(principal, { findingId }, { signal, requestId }) {
      await dismissFinding(principal, findingId, requestId);
      return viewSettings(principal, signal);
    },
    async savePreferences(principal, body, { signal, requestId }) {
      await change.savePreferences(principal, body, requestId);
      return viewSettings(principal, signal);
    },
    async saveTokenSettings(principal, body, { signal, requestId }) {
      await changeTokenSettings(principal, body, requestId);
      return viewSettings(principal, signal);
    },
  } satisfies Partial<UseCases['api']>;
}

import { describe, expect, it } from 'vitest';
import { isErrorBody } from '../../../extension/shared/api/common-answers.ts';
import {
  isDealHandoff,
  isDealPanel,
  isOrganizationPanel,
  isPersonPanel,
} from '../../../extension/shared/api/panel-answers.ts';
import { isRemoval } from '../../../extension/shared/api/removal-answers.ts';
import {
  isCapabilities,
  isDiagnosis,
  isPartnerSheet,
  isSapEvents,
} from '../../../extension/shared/api/sap-check-answers.ts';
import { isCertificate, isSettings } from '../../../extension/shared/api/settings-answers.ts';
import { ErrorBody } from '../../../server/contract/common.ts';
import { CertificateView } from '../../../server/contract/connection.ts';
import {
  DealHandoffView,
  DealPanelView,
  OrganizationPanelView,
  PersonPanelView,
} from '../../../server/contract/panel.ts';
import { RemovalView } from '../../../server/contract/removal.ts';
import { CapabilitiesView, DiagnosisView, PartnerSheetView } from '../../../server/contract/sap-checks.ts';
import { SapEventsView } from '../../../server/contract/sap-events.ts';
import { SettingsAnswer } from '../../../server/contract/settings.ts';
import {
  AT,
  aHandoff,
  dealPanel,
  diagnosis,
  organizationPanel,
  partnerSheet,
  someCapabilities,
  someSettings,
  visitorSettings,
} from './samples.ts';

const ANSWERS = [
  { name: 'deal panel', guard: isDealPanel, schema: DealPanelView, sample: dealPanel },
  { name: 'organization panel', guard: isOrganizationPanel, schema: OrganizationPanelView, sample: organizationPanel },
  {
    name: 'person panel',
    guard: isPersonPanel,
    schema: PersonPanelView,
    sample: { personId: 5, organization: organizationPanel },
  },
  {
    name: 'deal hand-off',
    guard: isDealHandoff,
    schema: DealHandoffView,
    sample: { handoffs: [aHandoff()], send: dealPanel.send },
  },
  { name: 'settings', guard: isSettings, schema: SettingsAnswer, sample: someSettings() },
  { name: 'settings for visitors', guard: isSettings, schema: SettingsAnswer, sample: visitorSettings },
  {
    name: 'certificate',
    guard: isCertificate,
    schema: CertificateView,
    sample: {
      address: 'https://sap.example.com',
      trusted: false,
      fault: 'wrong_name',
      certificate: { fingerprint: 'AB', subject: 'CN=a', issuer: 'CN=b', validFrom: AT, validTo: AT },
    },
  },
  { name: 'capabilities', guard: isCapabilities, schema: CapabilitiesView, sample: someCapabilities() },
  { name: 'diagnosis', guard: isDiagnosis, schema: DiagnosisView, sample: diagnosis },
  {
    name: 'SAP events',
    guard: isSapEvents,
    schema: SapEventsView,
    sample: { state: 'refused', words: 'No', lastEventAt: AT },
  },
  {
    name: 'removal',
    guard: isRemoval,
    schema: RemovalView,
    sample: {
      state: 'running',
      companyName: 'Acme',
      askedAt: AT,
      steps: [{ step: 'webhooks', state: 'left', sentence: 'Pipedrive stops telling' }],
    },
  },
  { name: 'partner sheet', guard: isPartnerSheet, schema: PartnerSheetView, sample: partnerSheet },
  {
    name: 'error',
    guard: isErrorBody,
    schema: ErrorBody,
    sample: {
      kind: 'rate_limited',
      message: 'Wait',
      problems: [{ code: 'a', message: 'b' }],
      requestId: 'r',
      retryAt: AT,
    },
  },
] as const;

/** The sample with one value replaced or left out, for every value in it. */
function* damaged(value: unknown, path = ''): Generator<{ path: string; value: unknown }> {
  yield { path: `${path} = a symbol of no type`, value: Symbol('none') };
  yield { path: `${path} missing`, value: undefined };
  yield { path: `${path} = null`, value: null };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const part of damaged(item, `${path}[${index}]`)) {
        yield { path: part.path, value: value.map((other, at) => (at === index ? part.value : other)) };
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const part of damaged(item, `${path}.${key}`))
        yield { path: part.path, value: { ...value, [key]: part.value } };
    }
  }
}

describe.each(ANSWERS)('the guard of the $name', ({ guard, schema, sample }) => {
  it('takes what the contract takes', () => {
    expect(schema.safeParse(sample).error).toBeUndefined();
    expect(guard(sample)).toBe(true);
  });

  it('refuses exactly what the contract refuses, value by value', () => {
    const variants = [...damaged(sample)];
    const disagreements = variants.filter(({ value }) => guard(value) !== schema.safeParse(value).success);
    expect(disagreements.map(({ path }) => path)).toEqual([]);
    expect(variants.some(({ value }) => !guard(value))).toBe(true);
  });

  it('lets a newer server say more', () => {
    expect(guard({ ...sample, later: 'addition' })).toBe(true);
  });
});

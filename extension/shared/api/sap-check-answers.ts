import type {
  CapabilitiesView,
  DiagnosisStepView,
  DiagnosisView,
  PartnerSheetView,
} from '../../../server/contract/sap-checks.ts';
import type { SapEventsView } from '../../../server/contract/sap-events.ts';
import { count, exactly, flag, instant, list, nullable, object, text } from './guard.ts';

type Record = NonNullable<CapabilitiesView['record']>;
const feature = exactly('yes', 'no', 'forbidden', 'unknown');

const isRecord = object<Record>({
  dialect: exactly('v1', 'v2'),
  version: nullable(text),
  localCurrency: nullable(text),
  batch: feature,
  userTables: feature,
  keyField: feature,
  ledger: feature,
  sqlQueries: feature,
  webhooks: feature,
  etag: feature,
  approvals: feature,
  branches: feature,
  collectionSelect: feature,
  preview: feature,
  itemPrice: feature,
  decimals: nullable(
    object<NonNullable<Record['decimals']>>({
      totals: count,
      prices: count,
      quantities: count,
      rates: count,
      percentages: count,
    }),
  ),
  pageSize: nullable(count),
  stamps: exactly('second', 'minute', 'unknown'),
  offsetMinutes: nullable(count),
  clockSkewMs: nullable(count),
});

export const isCapabilities = object<CapabilitiesView>({
  probedAt: nullable(instant),
  handoffGuard: exactly('ledger', 'settle'),
  facts: list(object<CapabilitiesView['facts'][number]>({ name: text, value: text, note: nullable(text) })),
  record: nullable(isRecord),
});

const isStep = object<DiagnosisStepView>({
  step: text,
  title: text,
  verdict: exactly('fine', 'note', 'wrong', 'skipped'),
  sentence: text,
  why: nullable(text),
  who: nullable(text),
  action: nullable(text),
  details: list(text),
});

export const isDiagnosis = object<DiagnosisView>({ at: instant, signedIn: flag, summary: text, steps: list(isStep) });

export const isSapEvents = object<SapEventsView>({
  state: exactly('off', 'waiting', 'on', 'refused'),
  words: nullable(text),
  lastEventAt: nullable(instant),
});

export const isPartnerSheet = object<PartnerSheetView>({
  title: text,
  sections: list(
    object<PartnerSheetView['sections'][number]>({
      title: text,
      lines: list(text),
      values: list(object<PartnerSheetView['sections'][number]['values'][number]>({ name: text, value: text })),
    }),
  ),
});

import type { CertificateView, ConnectionView, TrustView } from '../../../server/contract/connection.ts';
import type { FindingView, LoadProgressView, SettingsView } from '../../../server/contract/settings.ts';
import { count, day, exactly, flag, instant, list, nullable, object, text } from './guard.ts';
import { isTokens } from './token-answers.ts';

export const isCertificate = object<CertificateView>({
  address: text,
  trusted: flag,
  fault: nullable(exactly('not_trusted', 'expired', 'wrong_name')),
  certificate: nullable(
    object<NonNullable<CertificateView['certificate']>>({
      fingerprint: text,
      subject: text,
      issuer: text,
      validFrom: instant,
      validTo: instant,
    }),
  ),
});

const isLoad = object<LoadProgressView>({
  stream: exactly('partners', 'items'),
  state: exactly('not_started', 'reading', 'writing', 'done'),
  expected: nullable(count),
  read: count,
  written: count,
  unchanged: count,
  waiting: count,
  finishedAt: nullable(instant),
});

const isFinding = object<FindingView>({
  id: text,
  message: text,
  action: text,
  link: nullable(
    object<NonNullable<FindingView['link']>>({
      resource: exactly('deal', 'organization', 'person', 'settings'),
      id: nullable(count),
    }),
  ),
  lastSeenAt: instant,
  count,
  mayGoOn: flag,
});

const isTrust = object<TrustView>({
  kind: exactly('public', 'authority', 'confirmed'),
  slots: list(
    object<TrustView['slots'][number]>({
      fingerprint: text,
      seen: flag,
      subject: nullable(text),
      validTo: nullable(day),
    }),
  ),
  authority: nullable(object<NonNullable<TrustView['authority']>>({ subject: text, validTo: day })),
  servedValidTo: nullable(day),
});

const isProxy = object<NonNullable<ConnectionView['proxy']>>({
  headerName: nullable(text),
  clientCertificate: nullable(
    object<NonNullable<NonNullable<ConnectionView['proxy']>['clientCertificate']>>({ subject: text, validTo: day }),
  ),
});

const isConnection = object<ConnectionView>({
  id: text,
  address: text,
  companyDb: text,
  companyName: text,
  userName: text,
  state: exactly('connected', 'password_refused', 'certificate_changed'),
  trust: isTrust,
  proxy: nullable(isProxy),
});

export const isSettings = object<SettingsView>({
  companyName: text,
  mayChange: flag,
  health: object<SettingsView['health']>({ tone: exactly('good', 'warning', 'bad', 'setup'), sentence: text }),
  pipedrive: object<SettingsView['pipedrive']>({ state: exactly('connected', 'reconnect'), reconnectUrl: text }),
  connection: nullable(isConnection),
  consent: object<SettingsView['consent']>({
    crmFields: flag,
    erpField: flag,
    erpLedger: flag,
    erpChangesAt: nullable(instant),
    keyField: flag,
    crmFieldNames: list(text),
  }),
  handoff: object<SettingsView['handoff']>({
    enabled: flag,
    startsAt: nullable(instant),
    ready: flag,
    notReadyReason: nullable(text),
  }),
  preferences: object<SettingsView['preferences']>({
    webClientUrl: nullable(text),
    priceList: nullable(count),
    priceLists: list(object<SettingsView['preferences']['priceLists'][number]>({ number: count, name: text })),
  }),
  firstLoad: object<SettingsView['firstLoad']>({
    quote: nullable(
      object<NonNullable<SettingsView['firstLoad']['quote']>>({ tokens: count, partners: count, items: count }),
    ),
    streams: list(isLoad),
  }),
  tokens: isTokens,
  findings: object<SettingsView['findings']>({ open: count, list: list(isFinding) }),
  people: object<SettingsView['people']>({ installed: list(text), notInstalled: list(text), installUrl: text }),
});

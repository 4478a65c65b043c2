import type {
  CertificateView,
  FindingView,
  LoadProgressView,
  SettingsView,
} from '../../../server/contract/settings.ts';
import { count, day, exactly, flag, instant, list, nullable, object, text } from './guard.ts';

export const isCertificate = object<CertificateView>({
  address: text,
  trusted: flag,
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
});

const isConnection = object<NonNullable<SettingsView['connection']>>({
  id: text,
  address: text,
  companyDb: text,
  companyName: text,
  userName: text,
  state: exactly('connected', 'password_refused', 'certificate_changed'),
  trust: exactly('public', 'confirmed'),
  fingerprint: nullable(text),
  certificateValidTo: nullable(day),
});

export const isSettings = object<SettingsView>({
  companyName: text,
  mayChange: flag,
  health: object<SettingsView['health']>({ tone: exactly('good', 'warning', 'bad', 'setup'), sentence: text }),
  pipedrive: object<SettingsView['pipedrive']>({ state: exactly('connected', 'reconnect'), reconnectUrl: text }),
  connection: nullable(isConnection),
  consent: object<SettingsView['consent']>({ crmFields: flag, erpField: flag, crmFieldNames: list(text) }),
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
  tokens: object<SettingsView['tokens']>({
    spentToday: count,
    dailyLimit: nullable(count),
    remaining: nullable(count),
  }),
  findings: object<SettingsView['findings']>({ open: count, list: list(isFinding) }),
  people: object<SettingsView['people']>({ installed: list(text), notInstalled: list(text), installUrl: text }),
});

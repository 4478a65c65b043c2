import type { CertificateView, ConnectionView, TrustView } from '../../../server/contract/connection.ts';
import type {
  CrmFieldPlan,
  FindingView,
  LoadProgressView,
  SettingsAnswer,
  SettingsView,
  VisitorSettingsView,
} from '../../../server/contract/settings.ts';
import { count, day, either, exactly, flag, type Guard, instant, list, nullable, object, text } from './guard.ts';
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

const common = {
  companyName: text,
  health: object<SettingsView['health']>({ tone: exactly('good', 'warning', 'bad', 'setup'), sentence: text }),
  pipedrive: object<SettingsView['pipedrive']>({ state: exactly('connected', 'reconnect'), reconnectUrl: text }),
  myAccess: exactly('ok', 'refused'),
  people: object<SettingsView['people']>({
    installed: list(text),
    refused: list(text),
    notInstalled: nullable(list(text)),
    installUrl: text,
  }),
};

const isForVisitors = object<VisitorSettingsView>({ ...common, mayChange: exactly(false), admins: list(text) });

const isForAdmins = object<SettingsView>({
  ...common,
  mayChange: exactly(true),
  connection: nullable(isConnection),
  consent: object<SettingsView['consent']>({
    crmFields: flag,
    erpField: flag,
    erpLedger: flag,
    erpChangesAt: nullable(instant),
    keyField: flag,
    crmFieldPlan: object<CrmFieldPlan>({
      fields: list(object<CrmFieldPlan['fields'][number]>({ name: text, uses: nullable(text), ours: flag })),
      room: nullable(
        object<NonNullable<CrmFieldPlan['room']>>({ present: count, toMake: count, most: nullable(count) }),
      ),
    }),
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
  notifications: object<SettingsView['notifications']>({
    signature: exactly('if-present', 'required'),
    recent: object<SettingsView['notifications']['recent']>({ of: count, signed: count }),
    renewing: flag,
  }),
  findings: object<SettingsView['findings']>({ open: count, list: list(isFinding) }),
});

export const isSettings: Guard<SettingsAnswer> = either(isForAdmins, isForVisitors);

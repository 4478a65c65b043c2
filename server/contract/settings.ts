import { z } from 'zod';
import { Instant } from './common.ts';
import { ConnectionView } from './connection.ts';
import { TokensView } from './tokens.ts';

/** Body of `POST /api/settings/consent`. */
export const ConsentBody = z.strictObject({
  crmFields: z.boolean(),
  erpField: z.boolean(),
  /** The ledger table of hand-offs in SAP; left out: as it was. */
  erpLedger: z.boolean().optional(),
  /** Not before this are SAP's tables changed; null: at once; left out: as it was. */
  erpChangesAt: Instant.nullable().optional(),
});
export type ConsentBody = z.infer<typeof ConsentBody>;

/** Body of `POST /api/settings/handoff`. */
/** `seenAt`: `lastSeenAt` of the finding that the admin looks at. */
export const ApproveComparisonBody = z.strictObject({ seenAt: Instant });
export type ApproveComparisonBody = z.infer<typeof ApproveComparisonBody>;

export const HandoffSwitchBody = z.strictObject({ enabled: z.boolean() });
export type HandoffSwitchBody = z.infer<typeof HandoffSwitchBody>;

/** Body of `POST /api/settings/preferences`. */
export const PreferencesBody = z.strictObject({
  webClientUrl: z
    .url({ protocol: /^https$/, error: 'Enter an address that starts with https://, or leave this empty' })
    .max(300)
    .nullable(),
  priceList: z.number().int().nullable(),
});
export type PreferencesBody = z.infer<typeof PreferencesBody>;

/** Body of `POST /api/settings/webhooks/signature`: whether Pipedrive's notifications have to be signed by a gateway. */
export const SignatureBody = z.strictObject({ signature: z.enum(['if-present', 'required']) });
export type SignatureBody = z.infer<typeof SignatureBody>;

/** Path of `POST /api/settings/findings/{findingId}/dismiss`. */
export const FindingParams = z.object({ findingId: z.uuid() });

export const LoadProgressView = z.object({
  stream: z.enum(['partners', 'items']),
  state: z.enum(['not_started', 'reading', 'writing', 'done']),
  expected: z.number().nullable(),
  read: z.number(),
  written: z.number(),
  unchanged: z.number(),
  waiting: z.number(),
  finishedAt: Instant.nullable(),
});
export type LoadProgressView = z.infer<typeof LoadProgressView>;

export const FindingView = z.object({
  id: z.string(),
  message: z.string(),
  action: z.string(),
  link: z
    .object({ resource: z.enum(['deal', 'organization', 'person', 'settings']), id: z.number().nullable() })
    .nullable(),
  lastSeenAt: Instant,
  count: z.number(),
  /** Something was stopped here, and an admin may let it go on. */
  mayGoOn: z.boolean(),
});
export type FindingView = z.infer<typeof FindingView>;

/** How Pipedrive's notifications come. */
export const NotificationsView = z.object({
  signature: z.enum(['if-present', 'required']),
  /** Of the last notifications, at most 20: how many a gateway had signed. */
  recent: z.object({ of: z.number(), signed: z.number() }),
  /** They are being made anew; for a while the old ones are taken too. */
  renewing: z.boolean(),
});
export type NotificationsView = z.infer<typeof NotificationsView>;

/** What everybody who has the app may know of it. */
const CommonView = z.object({
  companyName: z.string(),
  /** One sentence on top: all is well, or what is wrong. */
  health: z.object({ tone: z.enum(['good', 'warning', 'bad', 'setup']), sentence: z.string() }),
  pipedrive: z.object({ state: z.enum(['connected', 'reconnect']), reconnectUrl: z.string() }),
  /** Whether Pipedrive accepts the access of the person who looks; `refused`: they install again. */
  myAccess: z.enum(['ok', 'refused']),
  people: z.object({
    installed: z.array(z.string()),
    /** They had it, and have to install it again. */
    refused: z.array(z.string()),
    /** Null: Pipedrive could not be asked. */
    notInstalled: z.array(z.string()).nullable(),
    installUrl: z.string(),
  }),
});

/** For people who are no admins of Pipedrive: nothing of the connection, the budget, or what needs a look. */
export const VisitorSettingsView = CommonView.extend({
  mayChange: z.literal(false),
  /** Admins who have the app, to be asked. */
  admins: z.array(z.string()),
});
export type VisitorSettingsView = z.infer<typeof VisitorSettingsView>;

/** What agreeing to the fields in Pipedrive would come to. */
export const CrmFieldPlan = z.object({
  fields: z.array(
    z.object({
      /** `SAP code (organization)` and so on, as it will be named. */
      name: z.string(),
      /** A field of that company that is there already and would be used instead, by its name; null: none. */
      uses: z.string().nullable(),
      /** That field was made by this app. */
      ours: z.boolean(),
    }),
  ),
  /**
   * Custom fields of the company in Pipedrive, those that would be made, and what its plan takes, where that is known;
   * null: Pipedrive could not be asked, or was not since all is agreed to.
   */
  room: z.object({ present: z.number(), toMake: z.number(), most: z.number().nullable() }).nullable(),
});
export type CrmFieldPlan = z.infer<typeof CrmFieldPlan>;

/** For admins. */
export const SettingsView = CommonView.extend({
  mayChange: z.literal(true),
  connection: ConnectionView.nullable(),
  consent: z.object({
    crmFields: z.boolean(),
    erpField: z.boolean(),
    erpLedger: z.boolean(),
    /** When SAP's tables are changed, where a time was chosen; null: at once. */
    erpChangesAt: Instant.nullable(),
    /** The key field is known to be there. */
    keyField: z.boolean(),
    crmFieldPlan: CrmFieldPlan,
  }),
  handoff: z.object({
    enabled: z.boolean(),
    startsAt: Instant.nullable(),
    ready: z.boolean(),
    notReadyReason: z.string().nullable(),
  }),
  preferences: z.object({
    webClientUrl: z.string().nullable(),
    priceList: z.number().nullable(),
    priceLists: z.array(z.object({ number: z.number(), name: z.string() })),
  }),
  firstLoad: z.object({
    /** Tokens the first load will take of the company's day, before it starts; null once it runs. */
    quote: z.object({ tokens: z.number(), partners: z.number(), items: z.number() }).nullable(),
    streams: z.array(LoadProgressView),
  }),
  tokens: TokensView,
  notifications: NotificationsView,
  findings: z.object({ open: z.number(), list: z.array(FindingView) }),
});
export type SettingsView = z.infer<typeof SettingsView>;

export const SettingsAnswer = z.discriminatedUnion('mayChange', [SettingsView, VisitorSettingsView]);
export type SettingsAnswer = z.infer<typeof SettingsAnswer>;

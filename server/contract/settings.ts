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

export const SettingsView = z.object({
  companyName: z.string(),
  /** False: everything is shown, nothing can be changed. */
  mayChange: z.boolean(),
  /** One sentence on top: all is well, or what is wrong. */
  health: z.object({ tone: z.enum(['good', 'warning', 'bad', 'setup']), sentence: z.string() }),
  pipedrive: z.object({ state: z.enum(['connected', 'reconnect']), reconnectUrl: z.string() }),
  connection: ConnectionView.nullable(),
  consent: z.object({
    crmFields: z.boolean(),
    erpField: z.boolean(),
    erpLedger: z.boolean(),
    /** When SAP's tables are changed, where a time was chosen; null: at once. */
    erpChangesAt: Instant.nullable(),
    /** The key field is known to be there. */
    keyField: z.boolean(),
    /** `SAP order` and so on, as they will be named. */ crmFieldNames: z.array(z.string()),
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
  findings: z.object({ open: z.number(), list: z.array(FindingView) }),
  people: z.object({ installed: z.array(z.string()), notInstalled: z.array(z.string()), installUrl: z.string() }),
});
export type SettingsView = z.infer<typeof SettingsView>;

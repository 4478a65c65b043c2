import type { Fields } from '../../kernel/json.ts';

/** How one SAP company is set up. Every switch may be turned at run time. */
export interface CompanySettings {
  /** Display name; the database name is another thing. */
  companyName: string;
  timeZone: string;
  localCurrency: string;
  /** HANA compares text case-sensitively, SQL Server mostly does not. */
  database: 'hana' | 'mssql';
  /** Whether stamps carry seconds or end in :00. */
  stampPrecision: 'second' | 'minute';
  /** What filters on times look at; the manual says hour and minute only. */
  filterTimePrecision: 'second' | 'minute';
  /** Some systems leave UpdateDate empty when an item is created. */
  stampsNewItems: boolean;
  /** Whether copying from, or paying, a document moves its UpdateDate; DataVersion rises in any case. */
  stampsFollowUps: boolean;
  /** Some v2 systems refuse collections in $select. */
  rejectsCollectionSelect: boolean;
  /** New user fields and user tables become visible only after a restart of the Service Layer. */
  userFieldsNeedRestart: boolean;
  /** What the signed-in user has no right to; `resource` is an entity set or an operation. Answered with 403. */
  denies: (method: string, resource: string) => boolean;
  /** True where a document needs an approval first: it becomes a draft. */
  needsApproval: (set: string, document: Fields) => boolean;
  /** Where Location points when a draft was made instead: to a document that is none, or to nothing. */
  approvalLocation: 'misleading' | 'none';
  /** An approval inside a change set: the draft is made and the set goes on, or the whole set is refused. */
  approvalInChangeSet: 'draft' | 'refuse';
  /** The customer's own rule (transaction notification); its text is answered with -1116. */
  ownRule: (set: string, document: Fields) => string | undefined;
  /** Deliveries and invoices may not take stock below zero. */
  blocksNegativeStock: boolean;
  /** What becomes of a document that takes its customer over a limit that is switched on: not settled in public documents. */
  creditDeviation: 'accept' | 'reject';
  /** Posting dates that are open, both ends included; '' is no bound. */
  openPeriod: { readonly from: string; readonly to: string };
  /** Company switches that AdminInfo shows. */
  creditRestriction: boolean;
  commitmentRestriction: boolean;
  /** What CompanyService_GetItemPrice calls Price: before or after Discount. Not settled in public documents. */
  itemPriceIs: 'before_discount' | 'after_discount';
  /** Queries kept on the server (feature pack 2011 and later): served, served to others only (403), or not there. */
  sqlQueries: 'available' | 'no_right' | 'absent';
  /** Webhooks (feature pack 2602 and later); most customers have none. */
  webhooks: 'available' | 'absent';
  /** The company's switch for them, off at first. */
  webhooksEnabled: boolean;
  /** Whether it does so for frame contracts that the question does not name. */
  itemPriceKnowsAgreements: boolean;
  /** Whether it answers with tax for a gross price list. Not settled either. */
  itemPriceOfGrossList: 'gross' | 'net';
  /** A partner's own discount: on each line, or on the document as a whole. */
  partnerDiscountOn: 'line' | 'document';
  /** Whether discount groups count on top of period and volume discounts of a price list. */
  discountGroupsOnPeriods: boolean;
  /** Documents and warehouses belong to a branch, and a document without one is refused. */
  branches: boolean;
  /** Whether a page is as long as the client prefers; some servers give 20 rows whatever they are asked. */
  pageSizes: 'as_asked' | 'always_20';
  /** What an older server does not have: operations and sets by name, `$batch`, `functions` (those answered to GET). */
  missing: readonly string[];
  /** Keys in event data: text up to feature pack 2602, numbers where properties were asked for (2608). */
  webhookKeysAre: 'text' | 'numbers';
  /** Extra or replaced properties of AdminInfo. */
  adminInfo: Fields;
}

export const DEFAULT_SETTINGS: CompanySettings = {
  companyName: 'Nordlicht Büromöbel GmbH',
  timeZone: 'Europe/Berlin',
  localCurrency: 'EUR',
  database: 'hana',
  stampPrecision: 'second',
  filterTimePrecision: 'minute',
  stampsNewItems: true,
  stampsFollowUps: false,
  rejectsCollectionSelect: false,
  userFieldsNeedRestart: false,
  denies: () => false,
  needsApproval: () => false,
  approvalLocation: 'misleading',
  approvalInChangeSet: 'draft',
  ownRule: () => undefined,
  blocksNegativeStock: false,
  creditDeviation: 'accept',
  openPeriod: { from: '', to: '' },
  creditRestriction: true,
  commitmentRestriction: false,
  itemPriceIs: 'before_discount',
  sqlQueries: 'available',
  webhooks: 'absent',
  webhooksEnabled: false,
  webhookKeysAre: 'text',
  itemPriceKnowsAgreements: false,
  itemPriceOfGrossList: 'gross',
  partnerDiscountOn: 'document',
  discountGroupsOnPeriods: true,
  branches: false,
  pageSizes: 'as_asked',
  missing: [],
  adminInfo: {},
};

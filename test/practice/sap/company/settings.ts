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
  /** New user fields become visible only after a restart of the Service Layer. */
  userFieldsNeedRestart: boolean;
  /** True where a document needs an approval first: it becomes a draft. */
  needsApproval: (set: string, document: Fields) => boolean;
  /** Where Location points when a draft was made instead: to a document that is none, or to nothing. */
  approvalLocation: 'misleading' | 'none';
  /** The customer's own rule (transaction notification); its text is answered with -1116. */
  ownRule: (set: string, document: Fields) => string | undefined;
  /** Deliveries and invoices may not take stock below zero. */
  blocksNegativeStock: boolean;
  /** Company switches that AdminInfo shows; the Service Layer itself does not enforce them here. */
  creditRestriction: boolean;
  commitmentRestriction: boolean;
  /** What CompanyService_GetItemPrice calls Price: before or after Discount. Not settled in public documents. */
  itemPriceIs: 'before_discount' | 'after_discount';
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
  needsApproval: () => false,
  approvalLocation: 'misleading',
  ownRule: () => undefined,
  blocksNegativeStock: false,
  creditRestriction: true,
  commitmentRestriction: false,
  itemPriceIs: 'before_discount',
  adminInfo: {},
};

import type { Tx } from './unit-of-work.ts';

/** What each of the app's fields in Pipedrive is for. */
export const CRM_FIELD_PURPOSES = [
  'organization.sap_code',
  'organization.segment',
  'organization.credit_limit',
  'organization.credit_status',
  'organization.credit_status_date',
  'organization.vat_number',
  'deal.sap_document',
  'deal.sap_status',
  'deal.sap_link',
] as const;
export type CrmFieldPurpose = (typeof CRM_FIELD_PURPOSES)[number];

/** Field codes (40 characters) by purpose, as far as they exist. */
export type CrmFieldCodes = Readonly<Partial<Record<CrmFieldPurpose, string>>>;

export interface CrmFieldStore {
  get(tx: Tx): Promise<CrmFieldCodes>;
  /** Those that nobody but the app fills. */
  listOwn(tx: Tx): Promise<ReadonlySet<CrmFieldPurpose>>;
  save(tx: Tx, purpose: CrmFieldPurpose, fieldCode: string, own: boolean): Promise<void>;
}

import type { Tx } from './unit-of-work.ts';

/** What each of the app's fields in Pipedrive is for. */
export type CrmFieldPurpose =
  | 'organization.sap_code'
  | 'organization.segment'
  | 'organization.credit_limit'
  | 'organization.credit_status'
  | 'organization.credit_status_date'
  | 'organization.vat_number'
  | 'deal.sap_document'
  | 'deal.sap_status'
  | 'deal.sap_link';

export interface CrmFieldStore {
  /** Field codes (40 characters) by purpose, as far as they exist. */
  get(tx: Tx): Promise<Readonly<Partial<Record<CrmFieldPurpose, string>>>>;
  save(tx: Tx, purpose: CrmFieldPurpose, fieldCode: string, madeByUs: boolean): Promise<void>;
}

import type { CrmFieldCodes, CrmFieldPurpose } from './ports/crm-field-store.ts';

/**
 * What tells an organization that is a SAP customer from one that is none: its code once it is linked, its VAT number
 * before. Nothing is synced before both exist, or what is there already would be made a second time.
 */
export const MATCHING_FIELDS: readonly CrmFieldPurpose[] = ['organization.sap_code', 'organization.vat_number'];

export function canMatch(fields: CrmFieldCodes): boolean {
  return MATCHING_FIELDS.every((purpose) => fields[purpose] !== undefined);
}

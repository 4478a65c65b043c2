import type { CrmFieldPurpose } from './ports/crm-field-store.ts';

export interface WantedField {
  readonly purpose: CrmFieldPurpose;
  readonly entity: 'organization' | 'deal';
  readonly name: string;
  /** `enum`: people choose and filter by its options, which are kept in step with SAP. */
  readonly type: 'varchar' | 'monetary' | 'date' | 'enum';
  /** Names of fields that people may have made for the same thing; such a field is used instead of a new one. */
  readonly alsoKnownAs: readonly RegExp[];
  /** People give this name too: found there, the field is theirs, and nothing in it is ever emptied. */
  readonly commonName?: true;
}

/**
 * The app's fields in Pipedrive. Few on purpose: small plans have 30 a company. Those that matching rests on come first,
 * so that they get what is left.
 */
export const CRM_FIELDS: readonly WantedField[] = [
  {
    purpose: 'organization.sap_code',
    entity: 'organization',
    name: 'SAP code',
    type: 'varchar',
    alsoKnownAs: [/^sap (customer )?(code|number)$/i, /^card ?code$/i],
  },
  {
    purpose: 'organization.vat_number',
    entity: 'organization',
    name: 'VAT number',
    type: 'varchar',
    alsoKnownAs: [/^vat( id| no\.?| number)?$/i, /^ust-?id(nr\.?)?$/i],
    commonName: true,
  },
  {
    purpose: 'organization.credit_limit',
    entity: 'organization',
    name: 'SAP credit limit',
    type: 'monetary',
    alsoKnownAs: [],
  },
  {
    purpose: 'organization.credit_status',
    entity: 'organization',
    name: 'SAP credit status',
    type: 'enum',
    alsoKnownAs: [],
  },
  {
    purpose: 'organization.credit_status_date',
    entity: 'organization',
    name: 'SAP credit status since',
    type: 'date',
    alsoKnownAs: [],
  },
  { purpose: 'deal.sap_document', entity: 'deal', name: 'SAP document', type: 'varchar', alsoKnownAs: [] },
  { purpose: 'deal.sap_status', entity: 'deal', name: 'SAP status', type: 'varchar', alsoKnownAs: [] },
  { purpose: 'deal.sap_link', entity: 'deal', name: 'SAP link', type: 'varchar', alsoKnownAs: [] },
  // Last, since its options come from SAP: where SAP does not answer, all others are there already.
  { purpose: 'organization.segment', entity: 'organization', name: 'SAP segment', type: 'enum', alsoKnownAs: [] },
];

/** Whether a field of this type can hold what the app would write; one that people made for text is good for a choice too. */
export function fits(wanted: WantedField, type: string): boolean {
  return type === wanted.type || (wanted.type === 'enum' && type === 'varchar');
}

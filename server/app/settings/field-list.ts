import type { CrmFieldEntity } from '../ports/crm.ts';
import type { CrmFieldPurpose } from '../ports/crm-field-store.ts';

export interface WantedField {
  readonly purpose: CrmFieldPurpose;
  readonly entity: CrmFieldEntity;
  readonly name: string;
  readonly type: 'varchar' | 'monetary' | 'date';
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
  { purpose: 'organization.segment', entity: 'organization', name: 'SAP segment', type: 'varchar', alsoKnownAs: [] },
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
    type: 'varchar',
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
];

import type { CrmField } from './ports/crm.ts';
import type { CrmFieldPurpose, KnownCrmField } from './ports/crm-field-store.ts';

export interface WantedField {
  readonly purpose: CrmFieldPurpose;
  readonly entity: 'organization' | 'deal';
  readonly name: string;
  /** `enum`: people choose and filter by its options, which are kept in step with SAP. */
  readonly type: 'varchar' | 'monetary' | 'date' | 'enum';
  /** Names of fields that people may have made for the same thing; such a field is used instead of a new one. */
  readonly alsoKnownAs: readonly RegExp[];
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

/**
 * Stands in the description of the fields that the app makes, where Pipedrive takes one (of deals alone, reference
 * pipedrive-api.md, section 4.10): by it they are known after a re-install. A name says nothing: other apps give it too.
 */
export const FIELD_MARK = 'Filled from SAP Business One by Orderline';

/** A field that is there already and good for a purpose. */
export interface FieldInUse {
  readonly field: CrmField;
  /** Made by the app, as far as that can be proven; else it is the company's own. */
  readonly own: boolean;
}

/** @param before as it was known last: people may have renamed it since */
export function findInUse(
  wanted: WantedField,
  present: readonly CrmField[],
  before: KnownCrmField | undefined,
): FieldInUse | undefined {
  const same = present.find(({ code }) => code === before?.code);
  if (before && same) return { field: same, own: before.own };
  const found = findField(wanted, present);
  return found && { field: found, own: found.description === FIELD_MARK };
}

/** By name and type: after a re-install the fields are still there, and names are not unique in Pipedrive. */
function findField(wanted: WantedField, present: readonly CrmField[]): CrmField | undefined {
  const usable = present.filter((field) => field.custom && fits(wanted, field.type));
  const named = usable.filter((field) => field.name === wanted.name);
  return (
    named.find((field) => field.description === FIELD_MARK) ??
    named[0] ??
    usable.find((field) => wanted.alsoKnownAs.some((name) => name.test(field.name.trim())))
  );
}

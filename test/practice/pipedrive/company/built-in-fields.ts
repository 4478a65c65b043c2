import type { EntityName, FieldRecord } from '../records.ts';

// A selection of the fields every account has, named as in the examples of the official v2 description.
const BUILT_IN: Record<EntityName, readonly (readonly [code: string, name: string, type: string])[]> = {
  deal: [
    ['title', 'Title', 'varchar'],
    ['value', 'Value', 'monetary'],
    ['currency', 'Currency of Value', 'varchar'],
    ['org_id', 'Organization', 'org'],
    ['person_id', 'Contact person', 'people'],
    ['pipeline_id', 'Pipeline', 'double'],
    ['stage_id', 'Stage', 'stage'],
    ['status', 'Status', 'status'],
    ['owner_id', 'Owner', 'user'],
    ['expected_close_date', 'Expected close date', 'date'],
    ['visible_to', 'Visible to', 'visible_to'],
    ['add_time', 'Deal created', 'date'],
    ['update_time', 'Update time', 'date'],
  ],
  organization: [
    ['name', 'Name', 'varchar'],
    ['address', 'Address', 'address'],
    ['owner_id', 'Owner', 'user'],
    ['label_ids', 'Labels', 'set'],
    ['visible_to', 'Visible to', 'visible_to'],
    ['add_time', 'Organization created', 'date'],
    ['update_time', 'Update time', 'date'],
  ],
  person: [
    ['name', 'Name', 'varchar'],
    ['emails', 'Email', 'varchar'],
    ['phones', 'Phone', 'phone'],
    ['org_id', 'Organization', 'org'],
    ['owner_id', 'Owner', 'user'],
    ['label_ids', 'Labels', 'set'],
    ['visible_to', 'Visible to', 'visible_to'],
    ['add_time', 'Person created', 'date'],
    ['update_time', 'Update time', 'date'],
  ],
  product: [
    ['name', 'Name', 'varchar'],
    ['code', 'Product code', 'varchar'],
    ['unit', 'Unit', 'varchar'],
    ['tax', 'Tax', 'double'],
    ['prices', 'Unit prices', 'price_list'],
    ['owner_id', 'Owner', 'user'],
    ['is_linkable', 'Active', 'boolean'],
    ['visible_to', 'Visible to', 'visible_to'],
  ],
};

export function builtInFields(entity: EntityName): FieldRecord[] {
  return BUILT_IN[entity].map(([field_code, field_name, field_type]) => ({
    field_name,
    field_code,
    field_type,
    options: null,
    subfields: null,
    is_custom_field: false,
    is_optional_response_field: false,
    ui: { ui_visibility: { add_visible_flag: true, details_visible_flag: true } },
  }));
}

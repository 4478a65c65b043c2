import type { BodySpec, FieldSpec } from './spec.ts';

// Parameters, types and enums as in Pipedrive's official OpenAPI descriptions (v2 and v1, snapshot 2026-08-18);
// what the reference adds to them (formats, not nullable) is marked there as observed.

const text: FieldSpec = { type: 'string' };
const textOrNull: FieldSpec = { type: 'string', nullable: true };
const integer: FieldSpec = { type: 'integer' };
const integerOrNull: FieldSpec = { type: 'integer', nullable: true };
const number: FieldSpec = { type: 'number' };
const flag: FieldSpec = { type: 'boolean' };
const date: FieldSpec = { type: 'string', format: 'date', nullable: true };
const time: FieldSpec = { type: 'string', format: 'rfc3339' };
const timeOrNull: FieldSpec = { type: 'string', format: 'rfc3339', nullable: true };
const labels: FieldSpec = { type: 'array', items: { type: 'integer' } };
const visibleTo: FieldSpec = { type: 'integer', values: [1, 3, 5, 7] };
const customFields: FieldSpec = { type: 'object' };

const FREQUENCIES = ['one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly'] as const;
const frequency: FieldSpec = { type: 'string', values: FREQUENCIES };

const address: FieldSpec = {
  type: 'object',
  nullable: true,
  members: {
    value: { type: 'string', required: true },
    country: textOrNull,
    admin_area_level_1: textOrNull,
    admin_area_level_2: textOrNull,
    locality: textOrNull,
    sublocality: textOrNull,
    route: textOrNull,
    street_number: textOrNull,
    subpremise: textOrNull,
    postal_code: textOrNull,
  },
};

const contact: FieldSpec = {
  type: 'array',
  items: { type: 'object', members: { value: text, primary: flag, label: text } },
};

const price: FieldSpec = {
  type: 'object',
  members: {
    currency: { type: 'string', required: true },
    price: number,
    cost: number,
    direct_cost: number,
    notes: text,
  },
};

export const ORGANIZATION: BodySpec = {
  name: { type: 'string', required: true, format: 'not-empty' },
  owner_id: integer,
  add_time: time,
  visible_to: visibleTo,
  label_ids: labels,
  address,
  website: textOrNull,
  linkedin: textOrNull,
  industry: integerOrNull,
  annual_revenue: integerOrNull,
  employee_count: integerOrNull,
  custom_fields: customFields,
};

export const PERSON: BodySpec = {
  name: { type: 'string', required: true, format: 'not-empty' },
  owner_id: integer,
  org_id: integerOrNull,
  add_time: time,
  emails: contact,
  phones: contact,
  visible_to: visibleTo,
  label_ids: labels,
  marketing_status: { type: 'string', values: ['no_consent', 'unsubscribed', 'subscribed', 'archived'] },
  custom_fields: customFields,
};

export const DEAL: BodySpec = {
  title: { type: 'string', required: true, format: 'not-empty' },
  owner_id: integer,
  person_id: integerOrNull,
  org_id: integerOrNull,
  pipeline_id: integer,
  stage_id: integer,
  value: number,
  currency: text,
  is_deleted: flag,
  is_archived: flag,
  archive_time: { type: 'string', format: 'v1-time' },
  status: { type: 'string', values: ['open', 'won', 'lost'] },
  probability: { type: 'number', nullable: true },
  lost_reason: textOrNull,
  visible_to: visibleTo,
  close_time: timeOrNull,
  won_time: timeOrNull,
  lost_time: timeOrNull,
  expected_close_date: date,
  label_ids: labels,
  custom_fields: customFields,
};

export const LINE: BodySpec = {
  product_id: { type: 'integer', required: true },
  item_price: { type: 'number', required: true },
  quantity: { type: 'number', required: true },
  tax: number,
  comments: text,
  discount: number,
  is_enabled: flag,
  tax_method: { type: 'string', values: ['exclusive', 'inclusive', 'none'] },
  discount_type: { type: 'string', values: ['percentage', 'amount'] },
  product_variation_id: integerOrNull,
  billing_frequency: frequency,
  billing_frequency_cycles: integerOrNull,
  billing_start_date: date,
};

export const PRODUCT: BodySpec = {
  name: { type: 'string', required: true, format: 'not-empty' },
  code: text,
  description: text,
  unit: text,
  tax: number,
  category: number,
  owner_id: integer,
  is_linkable: flag,
  visible_to: visibleTo,
  prices: { type: 'array', items: price },
  custom_fields: customFields,
  billing_frequency: frequency,
  billing_frequency_cycles: integerOrNull,
};

const flag01: FieldSpec = { type: 'integer', values: [0, 1] };

export const NOTE: BodySpec = {
  content: { type: 'string', required: true },
  lead_id: text,
  deal_id: integer,
  person_id: integer,
  org_id: integer,
  project_id: integer,
  task_id: integer,
  user_id: integer,
  add_time: { type: 'string', format: 'v1-time' },
  pinned_to_lead_flag: flag01,
  pinned_to_deal_flag: flag01,
  pinned_to_organization_flag: flag01,
  pinned_to_person_flag: flag01,
  pinned_to_project_flag: flag01,
  pinned_to_task_flag: flag01,
};

import type { BodySpec, FieldSpec } from './spec.ts';

// As in Pipedrive's official OpenAPI descriptions (v2 and v1, snapshot 2026-08-18), like body-specs.ts.

const text: FieldSpec = { type: 'string' };
const integer: FieldSpec = { type: 'integer' };
const integerOrNull: FieldSpec = { type: 'integer', nullable: true };
const number: FieldSpec = { type: 'number' };
const flag: FieldSpec = { type: 'boolean' };
const date: FieldSpec = { type: 'string', format: 'date' };
const list: FieldSpec = { type: 'array', items: { type: 'object' } };
const name: FieldSpec = { type: 'string', required: true, format: 'not-empty' };

export const ACTIVITY: BodySpec = {
  subject: text,
  type: text,
  owner_id: integer,
  deal_id: integerOrNull,
  lead_id: { type: 'string', nullable: true },
  person_id: integerOrNull,
  org_id: integerOrNull,
  project_id: integerOrNull,
  due_date: { ...date, nullable: true },
  due_time: { type: 'string', nullable: true },
  duration: { type: 'string', nullable: true },
  busy: flag,
  done: flag,
  location: { type: 'object', nullable: true },
  participants: list,
  attendees: list,
  public_description: { type: 'string', nullable: true },
  priority: integerOrNull,
  note: { type: 'string', nullable: true },
};

export const PIPELINE: BodySpec = { name, is_deal_probability_enabled: flag };

export const STAGE: BodySpec = {
  name,
  pipeline_id: { type: 'integer', required: true },
  deal_probability: integer,
  is_deal_rot_enabled: flag,
  days_to_rotten: integerOrNull,
};

export const VARIATION: BodySpec = { name, prices: { type: 'array', items: { type: 'object' } } };

export const DISCOUNT: BodySpec = {
  description: { type: 'string', required: true },
  amount: { ...number, required: true },
  type: { type: 'string', required: true, values: ['percentage', 'amount'] },
};

export const INSTALLMENT: BodySpec = {
  description: { type: 'string', required: true },
  amount: { ...number, required: true },
  billing_date: { ...date, required: true },
};

export const ACTIVITY_TYPE: BodySpec = { name, icon_key: { type: 'string', required: true }, color: text };

export const FILTER_TYPES = ['deals', 'leads', 'org', 'people', 'products', 'activity', 'projects'] as const;

export const FILTER: BodySpec = {
  name,
  conditions: { type: 'object', required: true },
  type: { type: 'string', required: true, values: FILTER_TYPES },
};

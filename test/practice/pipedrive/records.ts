import type { Json, JsonObject } from './json.ts';

/** The four kinds of records that carry custom fields. */
export type EntityName = 'deal' | 'organization' | 'person' | 'product';

export interface BaseRecord {
  id: number;
  owner_id: number;
  add_time: string;
  update_time: string | null;
  is_deleted: boolean;
  visible_to: number;
  /** Filled custom fields only, by 40-character key, in the shape of REST v2. */
  custom_fields: JsonObject;
}

export interface OrganizationRecord extends BaseRecord {
  name: string;
  label_ids: number[];
  address: JsonObject | null;
  website: string | null;
  linkedin: string | null;
  industry: number | null;
  annual_revenue: number | null;
  employee_count: number | null;
}

export interface PersonRecord extends BaseRecord {
  name: string;
  first_name: string | null;
  last_name: string | null;
  org_id: number | null;
  label_ids: number[];
  emails: JsonObject[];
  phones: JsonObject[];
  picture_id: null;
}

export type DealStatus = 'open' | 'won' | 'lost' | 'deleted';

export interface DealRecord extends BaseRecord {
  title: string;
  creator_user_id: number;
  /** What somebody typed; replaced by the sum of the enabled lines once there are lines. */
  value: number;
  currency: string;
  person_id: number | null;
  org_id: number | null;
  pipeline_id: number;
  stage_id: number;
  status: DealStatus;
  probability: number | null;
  lost_reason: string | null;
  label_ids: number[];
  expected_close_date: string | null;
  close_time: string | null;
  won_time: string | null;
  first_won_time: string | null;
  lost_time: string | null;
  stage_change_time: string | null;
  is_archived: boolean;
  archive_time: string | null;
  origin: string;
}

export interface LineRecord {
  id: number;
  deal_id: number;
  product_id: number;
  product_variation_id: number | null;
  name: string;
  item_price: number;
  quantity: number;
  discount: number;
  discount_type: 'percentage' | 'amount';
  tax: number;
  tax_method: 'exclusive' | 'inclusive' | 'none';
  comments: string;
  is_enabled: boolean;
  billing_frequency: string;
  billing_frequency_cycles: number | null;
  billing_start_date: string | null;
  order_nr: number;
  add_time: string;
  update_time: string;
}

export interface ProductPrice {
  product_id: number;
  price: number;
  currency: string;
  cost: number;
  direct_cost: number;
  notes: string;
}

export interface ProductRecord extends BaseRecord {
  name: string;
  code: string;
  description: string;
  unit: string;
  tax: number;
  category: string | null;
  is_linkable: boolean;
  prices: ProductPrice[];
  billing_frequency: string;
  billing_frequency_cycles: number | null;
}

export interface FieldOption {
  id: number;
  label: string;
}

export interface FieldRecord {
  field_name: string;
  field_code: string;
  field_type: string;
  options: FieldOption[] | null;
  subfields: Json;
  is_custom_field: boolean;
  is_optional_response_field: boolean;
  description?: string;
  /** ui_visibility, important_fields and required_fields: kept, shown when asked for, without effect here. */
  ui: JsonObject;
}

export interface NoteRecord {
  id: number;
  user_id: number;
  deal_id: number | null;
  person_id: number | null;
  org_id: number | null;
  content: string;
  add_time: string;
  update_time: string;
  active_flag: boolean;
  pinned_to_deal_flag: boolean;
  pinned_to_person_flag: boolean;
  pinned_to_organization_flag: boolean;
  last_update_user_id: number | null;
}

export interface PipelineRecord {
  id: number;
  name: string;
  order_nr: number;
  is_deleted: boolean;
  is_deal_probability_enabled: boolean;
  add_time: string;
  update_time: string;
}

export interface StageRecord {
  id: number;
  name: string;
  order_nr: number;
  pipeline_id: number;
  deal_probability: number;
  is_deleted: boolean;
  is_deal_rot_enabled: boolean;
  days_to_rotten: number | null;
  add_time: string;
  update_time: string;
}

export interface UserRecord {
  id: number;
  name: string;
  email: string;
  is_admin: boolean;
  active_flag: boolean;
  timezone_name: string;
  locale: string;
  language: { language_code: string; country_code: string };
  default_currency: string;
  /** A personal API token, usable in the header `x-api-token`. */
  api_token: string;
  /** The visibility group; everybody is in 1 unless told otherwise. */
  group: number;
  /** v1 style. */
  created: string;
  modified: string;
}

export interface CurrencyRecord {
  code: string;
  name: string;
  decimal_points: number;
  symbol: string;
  active_flag: boolean;
  /** Made by the company: its code is no ISO code. */
  is_custom_flag: boolean;
}

export interface HookRecord {
  id: number;
  user_id: number;
  /** The app whose token made it; null for a hook made by an admin's API token. */
  client_id: string | null;
  name: string;
  event_action: string;
  event_object: string;
  subscription_url: string;
  version: '1.0' | '2.0';
  http_auth_user: string | null;
  http_auth_password: string | null;
  add_time: string;
  last_delivery_time: string | null;
  last_http_status: number | null;
  failedFirstAttempts: number;
  bannedUntil: number | null;
  /** Since when nothing was delivered although it was tried (epoch ms). */
  failingSince: number | null;
}

/** One change, as the webhooks tell it. Before and after are views in the shape of webhooks v2. */
export interface ChangeEvent {
  action: 'create' | 'change' | 'delete';
  object: string;
  id: number;
  before: JsonObject | null;
  after: JsonObject | null;
  userId: number;
  source: 'api' | 'app';
  /** Users who may see the record. */
  permittedUserIds: number[];
  /** Set on the two events of a merge: the loser's names the winner, the winner's names the loser and shows it. */
  merge?: { to: number } | { from: number; loser: JsonObject };
  /** From a bulk edit in a list of the web app. */
  bulk?: boolean;
}

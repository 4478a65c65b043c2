import type { JsonObject } from './json.ts';
import type { ProductPrice } from './records.ts';

// What hangs on the four kinds of records.

export interface ActivityRecord {
  id: number;
  subject: string;
  type: string;
  owner_id: number;
  creator_user_id: number;
  is_deleted: boolean;
  add_time: string;
  update_time: string;
  deal_id: number | null;
  lead_id: string | null;
  org_id: number | null;
  project_id: number | null;
  due_date: string | null;
  due_time: string | null;
  duration: string | null;
  busy: boolean;
  done: boolean;
  marked_as_done_time: string | null;
  location: JsonObject | null;
  participants: JsonObject[];
  attendees: JsonObject[];
  public_description: string | null;
  priority: number | null;
  note: string | null;
}

export interface ActivityTypeRecord {
  id: number;
  name: string;
  icon_key: string;
  color: string | null;
  order_nr: number;
  key_string: string;
  active_flag: boolean;
  is_custom_flag: boolean;
  add_time: string;
  update_time: string;
}

export interface VariationRecord {
  id: number;
  name: string;
  product_id: number;
  prices: ProductPrice[];
}

export interface DiscountRecord {
  id: string;
  type: 'percentage' | 'amount';
  amount: number;
  description: string;
  deal_id: number;
  created_at: string;
  created_by: number;
  updated_at: string;
  updated_by: number;
}

export interface InstallmentRecord {
  id: number;
  amount: number;
  billing_date: string;
  description: string;
  deal_id: number;
}

export interface FileRecord {
  id: number;
  user_id: number;
  name: string;
  deal_id: number | null;
  person_id: number | null;
  org_id: number | null;
  product_id: number | null;
  activity_id: number | null;
  add_time: string;
  update_time: string;
  active_flag: boolean;
  content: Buffer;
}

export interface FilterRecord {
  id: number;
  name: string;
  type: string;
  user_id: number;
  conditions: JsonObject;
  add_time: string;
  update_time: string | null;
}

import type { JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import type {
  BaseRecord,
  DealRecord,
  EntityName,
  LineRecord,
  OrganizationRecord,
  PersonRecord,
  ProductRecord,
} from '../records.ts';
import { dealValue, lineSum } from './line-money.ts';
import type { CompanyState } from './state.ts';

/** How custom fields are to appear in an answer. */
export interface FieldView {
  /** Only these keys; absent = all of the account, empty ones as null. */
  only?: readonly string[];
  optionLabels: boolean;
}

export const ALL_FIELDS: FieldView = { optionLabels: false };

export function organizationView(company: CompanyState, record: OrganizationRecord, view = ALL_FIELDS): object {
  return { ...record, custom_fields: customFields(company, 'organization', record, view) };
}

export function personView(company: CompanyState, record: PersonRecord, view = ALL_FIELDS): object {
  return { ...record, custom_fields: customFields(company, 'person', record, view) };
}

export function productView(company: CompanyState, record: ProductRecord, view = ALL_FIELDS): object {
  return { ...record, custom_fields: customFields(company, 'product', record, view) };
}

export function dealView(company: CompanyState, record: DealRecord, view = ALL_FIELDS): object {
  const { first_won_time: _first, ...shown } = record;
  const day = (time: string | null) => time?.slice(0, 10) ?? null;
  return {
    ...shown,
    value: dealValue(company, record),
    custom_fields: customFields(company, 'deal', record, view),
    local_won_date: day(record.won_time),
    local_lost_date: day(record.lost_time),
    local_close_date: day(record.close_time),
    origin_id: null,
    channel: null,
    channel_id: null,
    acv: null,
    arr: null,
    mrr: null,
  };
}

export function lineView(company: CompanyState, line: LineRecord): object {
  const currency = company.deals.get(line.deal_id)?.currency ?? company.currency;
  return { ...line, sum: lineSum(line), currency };
}

function customFields(company: CompanyState, entity: EntityName, record: BaseRecord, view: FieldView): JsonObject {
  const shown: JsonObject = {};
  for (const field of company.fields[entity]) {
    if (!field.is_custom_field) continue;
    if (view.only && !view.only.includes(field.field_code)) continue;
    const value = record.custom_fields[field.field_code] ?? null;
    shown[field.field_code] = value;
    if (!view.optionLabels || !field.options) continue;
    const labelled = (id: unknown) => field.options?.find((option) => option.id === id);
    if (Array.isArray(value)) {
      shown[field.field_code] = value.map((id) => ({ id, label: labelled(id)?.label ?? '' }));
    } else if (value !== null && !isJsonObject(value)) {
      shown[field.field_code] = { id: value, label: labelled(value)?.label ?? '' };
    }
  }
  return shown;
}

import type { CurrencyRecord, PipelineRecord, StageRecord } from '../records.ts';
import type { ActivityTypeRecord } from '../side-records.ts';

// What every new company finds in its account.

const STAMPS = { add_time: '2024-01-01T00:00:00Z', update_time: '2024-01-01T00:00:00Z' };

export function pipelines(): PipelineRecord[] {
  return ['Sales', 'Projects'].map((name, index) => ({
    id: index + 1,
    name,
    order_nr: index + 1,
    is_deleted: false,
    is_deal_probability_enabled: true,
    ...STAMPS,
  }));
}

export function stages(): StageRecord[] {
  const rows: [name: string, order: number, pipeline: number, probability: number][] = [
    ['Qualified', 1, 1, 20],
    ['Offer made', 2, 1, 50],
    ['Negotiation', 3, 1, 80],
    ['Planned', 1, 2, 30],
    ['Tendered', 2, 2, 60],
  ];
  return rows.map(([name, order_nr, pipeline_id, deal_probability], index) => ({
    id: index + 1,
    name,
    order_nr,
    pipeline_id,
    deal_probability,
    is_deleted: false,
    is_deal_rot_enabled: false,
    days_to_rotten: null,
    ...STAMPS,
  }));
}

export function currencies(): CurrencyRecord[] {
  const rows: [code: string, name: string, decimals: number, symbol: string][] = [
    ['EUR', 'Euro', 2, '€'],
    ['USD', 'US Dollar', 2, '$'],
    ['CHF', 'Swiss Franc', 2, 'CHF'],
    ['PLN', 'Polish Złoty', 2, 'zł'],
    ['JPY', 'Japanese Yen', 0, '¥'],
  ];
  return rows.map(([code, name, decimal_points, symbol]) => ({
    code,
    name,
    decimal_points,
    symbol,
    active_flag: true,
    is_custom_flag: false,
  }));
}

export function activityTypes(): ActivityTypeRecord[] {
  return ['call', 'meeting', 'task', 'deadline', 'email', 'lunch'].map((key, index) => ({
    id: index + 1,
    name: `${key.charAt(0).toUpperCase()}${key.slice(1)}`,
    icon_key: key,
    color: null,
    order_nr: index + 1,
    key_string: key,
    active_flag: true,
    is_custom_flag: false,
    add_time: '2024-01-01 00:00:00',
    update_time: '2024-01-01 00:00:00',
  }));
}

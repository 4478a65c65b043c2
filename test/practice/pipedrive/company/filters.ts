import { badRequest, notFound } from '../failures.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { BaseRecord } from '../records.ts';
import type { CompanyState } from './state.ts';

const MOST_CONDITIONS = 16;
const OPERATORS: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  '=': (value, wanted) => value === wanted,
  '!=': (value, wanted) => value !== wanted,
  '>': (value, wanted) => compare(value, wanted) > 0,
  '<': (value, wanted) => compare(value, wanted) < 0,
  '>=': (value, wanted) => compare(value, wanted) >= 0,
  '<=': (value, wanted) => compare(value, wanted) <= 0,
  "LIKE '$%'": (value, wanted) => value.toLowerCase().startsWith(wanted.toLowerCase()),
  "LIKE '%$%'": (value, wanted) => value.toLowerCase().includes(wanted.toLowerCase()),
  "NOT LIKE '$%'": (value, wanted) => !value.toLowerCase().startsWith(wanted.toLowerCase()),
};

/** The smallest allowed shape: an "and" over one group of "and" and one of "or". @throws ApiFailure 400 */
export function checkConditions(value: Json | undefined): JsonObject {
  const groups = isJsonObject(value) ? groupsOf(value) : [];
  const glues = groups.map((group) => group['glue']);
  if (!isJsonObject(value) || value['glue'] !== 'and' || glues.join() !== 'and,or') {
    throw badRequest('conditions do not have the required structure');
  }
  const all = groups.flatMap(groupsOf);
  if (all.length > MOST_CONDITIONS) throw badRequest(`No more than ${MOST_CONDITIONS} conditions are allowed`);
  for (const one of all) {
    const operator = String(one['operator']);
    const known = operator in OPERATORS || operator === 'IS NULL' || operator === 'IS NOT NULL';
    if (!known || typeof one['field_id'] !== 'string' || one['object'] === undefined) {
      throw badRequest('A condition needs object, field_id and a known operator');
    }
  }
  return value;
}

/** Whether a record is in the filter. @throws ApiFailure 404 for a filter that is not there */
export function filterOf(company: CompanyState, id: number): (record: BaseRecord) => boolean {
  const filter = company.filters.get(id);
  if (!filter) throw notFound('Filter');
  const [all = [], any = []] = groupsOf(filter.conditions).map(groupsOf);
  return (record) =>
    all.every((one) => holds(record, one)) && (any.length === 0 || any.some((one) => holds(record, one)));
}

function holds(record: BaseRecord, condition: JsonObject): boolean {
  const value = fieldValue(record, String(condition['field_id']));
  const operator = String(condition['operator']);
  if (operator === 'IS NULL') return value === undefined;
  if (operator === 'IS NOT NULL') return value !== undefined;
  return value !== undefined && OPERATORS[operator]?.(value, String(condition['value'])) === true;
}

/** Fields are named by their code: the numbers that v1 gives them are not served here. */
function fieldValue(record: BaseRecord, code: string): string | undefined {
  const value: unknown = record.custom_fields[code] ?? Reflect.get(record, code);
  if (value === null || value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function compare(value: string, wanted: string): number {
  const [a, b] = [Number(value), Number(wanted)];
  if (Number.isFinite(a) && Number.isFinite(b)) return a - b;
  return value < wanted ? -1 : value > wanted ? 1 : 0;
}

function groupsOf(node: JsonObject): JsonObject[] {
  const inner = node['conditions'];
  return Array.isArray(inner) ? inner.filter(isJsonObject) : [];
}

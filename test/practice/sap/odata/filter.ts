import type { Fields, Json } from '../../kernel/json.ts';
import { badQuery } from '../errors.ts';
import { readDate, readTime } from '../schema/payload.ts';
import { enumMember, findType, isEnum } from '../schema/schema.ts';
import type { Comparison, FilterNode, Operand } from './filter-syntax.ts';
import { parseFilter } from './filter-syntax.ts';

export interface FilterRules {
  /** The type's name, for error texts. */
  readonly typeName: string;
  /** Declared type of a property that can be filtered on; undefined where there is none such. */
  readonly typeOf: (property: string) => { readonly type: string; readonly collection: boolean } | undefined;
  readonly caseInsensitive: boolean;
  readonly timePrecision: 'second' | 'minute';
}

/** true, false, or null for "unknown", as SQL compares with NULL: neither `eq` nor `ne` finds an empty field. */
type Verdict = boolean | null;
type Scalar = string | number | null;
type Reader = (row: Fields) => Scalar;

/** @throws SapError 201 for text that cannot be parsed and for names or values that do not exist. */
export function compileFilter(text: string, rules: FilterRules): (row: Fields) => boolean {
  const judge = compileNode(parseFilter(text), rules);
  return (row) => judge(row) === true;
}

function compileNode(node: FilterNode, rules: FilterRules): (row: Fields) => Verdict {
  switch (node.kind) {
    case 'not': {
      const inner = compileNode(node.inner, rules);
      return (row) => negate(inner(row));
    }
    case 'and':
    case 'or': {
      const left = compileNode(node.left, rules);
      const right = compileNode(node.right, rules);
      return node.kind === 'and' ? (row) => both(left(row), right(row)) : (row) => either(left(row), right(row));
    }
    case 'call':
      return compileCall(node, rules);
    case 'compare':
      return compileComparison(node, rules);
  }
}

const negate = (a: Verdict): Verdict => (a === null ? null : !a);
const both = (a: Verdict, b: Verdict): Verdict =>
  a === false || b === false ? false : a === null || b === null ? null : true;
const either = (a: Verdict, b: Verdict): Verdict =>
  a === true || b === true ? true : a === null || b === null ? null : false;

function compileCall(node: Extract<FilterNode, { kind: 'call' }>, rules: FilterRules): (row: Fields) => Verdict {
  const [whole, part] = node.name === 'substringof' ? [node.right, node.left] : [node.left, node.right];
  const read = reader(whole, 'String', rules);
  const wanted = reader(part, 'String', rules);
  return (row) => {
    const text = read(row);
    const piece = wanted(row);
    if (text === null || piece === null) return null;
    if (node.name === 'startswith') return String(text).startsWith(String(piece));
    if (node.name === 'endswith') return String(text).endsWith(String(piece));
    return String(text).includes(String(piece));
  };
}

function compileComparison(
  node: Extract<FilterNode, { kind: 'compare' }>,
  rules: FilterRules,
): (row: Fields) => Verdict {
  const type = operandType(node.left, rules) ?? operandType(node.right, rules) ?? 'String';
  const left = reader(node.left, type, rules);
  const right = reader(node.right, type, rules);
  if (isNull(node.left) || isNull(node.right)) {
    if (node.operator !== 'eq' && node.operator !== 'ne') throw badQuery("Invalid filter condition: 'null'");
    const isEmpty = (row: Fields) => left(row) === right(row);
    return node.operator === 'eq' ? isEmpty : (row) => !isEmpty(row);
  }
  return (row) => compare(node.operator, left(row), right(row));
}

const isNull = (operand: Operand): boolean => operand.kind === 'literal' && operand.value === null;

function compare(operator: Comparison, a: Scalar, b: Scalar): Verdict {
  if (a === null || b === null) return null;
  const order = a < b ? -1 : a > b ? 1 : 0;
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
  }
}

function operandType(operand: Operand, rules: FilterRules): string | undefined {
  return operand.kind === 'property' ? propertyType(operand.name, rules) : undefined;
}

function propertyType(name: string, rules: FilterRules): string {
  const declared = rules.typeOf(name);
  if (declared === undefined) throw badQuery(`Property '${name}' of '${rules.typeName}' is invalid`);
  if (declared.collection || findType(declared.type) !== undefined)
    throw badQuery(`Property '${name}' cannot be used in a filter`);
  return declared.type;
}

function reader(operand: Operand, type: string, rules: FilterRules): Reader {
  const shape = (value: Json | undefined): Scalar => comparable(value, type, rules);
  if (operand.kind === 'literal') {
    const value = shape(literal(operand.value, type));
    return () => value;
  }
  propertyType(operand.name, rules);
  return (row) => shape(row[operand.name]);
}

function literal(value: string | number | null, type: string): Scalar {
  if (value === null) return null;
  const fitting = literalFor(type, value);
  if (fitting === undefined) throw badQuery(`Invalid filter condition: '${value}'`);
  return fitting;
}

function literalFor(type: string, value: string | number): Scalar | undefined {
  if (isEnum(type)) return enumMember(type, String(value));
  switch (type) {
    case 'Int32':
    case 'Double':
      return Number.isFinite(Number(value)) && value !== '' ? Number(value) : undefined;
    case 'DateTimeOffset':
      return typeof value === 'string' ? readDate(value) : undefined;
    case 'TimeOfDay':
      return typeof value === 'string' ? readTime(value) : undefined;
    default:
      // A bare number against text is refused: codes are quoted.
      return typeof value === 'string' ? value : undefined;
  }
}

function comparable(value: Json | undefined, type: string, rules: FilterRules): Scalar {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  if (type === 'TimeOfDay' && rules.timePrecision === 'minute') return value.slice(0, 5);
  return type === 'String' && rules.caseInsensitive ? value.toLowerCase() : value;
}

import type { LocalDate, LocalTime } from '../kernel/local-date.ts';
import type { SAP_NAMES } from './names.generated.ts';

type Names = typeof SAP_NAMES;
export type TypeName = keyof Names['types'];
export type EntitySet = keyof Names['entitySets'];
/** Property names of a type, as the official description has them. */
export type FieldOfType<T extends TypeName> = Names['types'][T][number];
/** The key field stands on documents only; everything else comes from the official description. */
export type FieldOf<S extends EntitySet> =
  | FieldOfType<Names['entitySets'][S]>
  | (Names['entitySets'][S] extends 'Document' ? 'U_PD_Key' : never);

declare const brand: unique symbol;
/** A value written as an OData literal. */
export type Literal = string & { readonly [brand]: 'literal' };
/** A finished filter expression about one entity set. */
export type Condition<S extends EntitySet> = string & { readonly [brand]: S };
type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** The one place where a text becomes a literal: quoted, inner quotes doubled. Also for dates, times and enum members. */
export function text(value: string): Literal {
  return `'${value.replaceAll("'", "''")}'` as Literal;
}

export function integer(value: number): Literal {
  if (!Number.isSafeInteger(value)) throw new RangeError('not an integer that can be carried exactly');
  return String(value) as Literal;
}

export const date = (day: LocalDate): Literal => text(day);
export const time = (clock: LocalTime): Literal => text(clock);

/** The one place where a literal becomes the key in a path: `BusinessPartners('O''Neill%2F1')`. */
export function keyed(set: EntitySet, key: Literal): string {
  return `${set}(${encode(key)})`;
}

export function compare<S extends EntitySet>(field: FieldOf<S>, operator: Comparison, value: Literal): Condition<S> {
  return `${field} ${operator} ${value}` as Condition<S>;
}

export function isNull<S extends EntitySet>(field: FieldOf<S>): Condition<S> {
  return `${field} eq null` as Condition<S>;
}

export function allOf<S extends EntitySet>(...conditions: readonly Condition<S>[]): Condition<S> {
  return joined(conditions, 'and');
}

export function anyOf<S extends EntitySet>(...conditions: readonly Condition<S>[]): Condition<S> {
  return joined(conditions, 'or');
}

function joined<S extends EntitySet>(conditions: readonly Condition<S>[], word: 'and' | 'or'): Condition<S> {
  if (conditions.length === 0) throw new RangeError('a filter needs at least one condition');
  const parts = conditions.length === 1 ? conditions : conditions.map((condition) => `(${condition})`);
  return parts.join(` ${word} `) as Condition<S>;
}

export interface Query<S extends EntitySet> {
  /** Undefined: everything, for servers that refuse collections in `$select`. */
  readonly select?: readonly FieldOf<S>[] | undefined;
  readonly filter?: Condition<S> | undefined;
  readonly orderBy?: readonly (FieldOf<S> | `${FieldOf<S>} desc`)[];
  readonly top?: number;
}

/** Path below the service root for a list. Spaces are sent as %20: Service Layer does not read plus signs as blanks. */
export function list<S extends EntitySet>(set: S, query: Query<S>): string {
  return set + options(query);
}

/** For one entity. */
export function one<S extends EntitySet>(set: S, key: Literal, select?: readonly FieldOf<S>[]): string {
  return keyed(set, key) + options<S>({ select });
}

/** For the bare number of entities. */
export function count<S extends EntitySet>(set: S, filter?: Condition<S>): string {
  return `${set}/$count${options<S>({ filter })}`;
}

function options<S extends EntitySet>({ select, filter, orderBy, top }: Query<S>): string {
  const parts = [
    ...(select ? [`$select=${select.join(',')}`] : []),
    ...(filter ? [`$filter=${encode(filter)}`] : []),
    ...(orderBy ? [`$orderby=${encode(orderBy.join(','))}`] : []),
    ...(top === undefined ? [] : [`$top=${integer(top)}`]),
  ];
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** Half of a surrogate pair cannot be percent-encoded; no record in SAP can hold one either. */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function encode(value: string): string {
  return encodeURIComponent(value.replace(LONE_SURROGATE, '\uFFFD')).replaceAll('%2C', ',');
}

/** Service Layer's proxies take request lines of some 8 kB: lists of codes are asked for in pieces of this many. */
export const CODES_PER_REQUEST = 20;

export function inPieces<T>(values: readonly T[], size = CODES_PER_REQUEST): T[][] {
  const pieces: T[][] = [];
  for (let at = 0; at < values.length; at += size) pieces.push(values.slice(at, at + size));
  return pieces;
}

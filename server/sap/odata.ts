import type { LocalDate, LocalTime } from '../kernel/local-date.ts';
import type { SAP_NAMES } from './names.generated.ts';

type Names = typeof SAP_NAMES;
type Types = Names['types'];
export type TypeName = keyof Types;
export type EntitySet = keyof Names['entitySets'];
/** Property names of a type, as the official description has them; `U_` fields are ours. */
export type FieldOfType<T extends TypeName> = keyof Types[T] & string;
/** Property names of an entity set; of several sets, those that all of them have. */
export type FieldOf<S extends EntitySet> = FieldOfType<Names['entitySets'][S]>;
type KindOf<S extends EntitySet, F extends FieldOf<S>> = Types[Names['entitySets'][S]][F];
/** Property names whose values are of these kinds. */
type FieldOfKind<S extends EntitySet, K> = {
  [F in FieldOf<S>]: KindOf<S, F> extends K ? F : never;
}[FieldOf<S>];
export type TextField<S extends EntitySet> = FieldOfKind<S, 'text' | 'choice'>;
export type NumberField<S extends EntitySet> = FieldOfKind<S, 'integer' | 'number'>;
export type DateField<S extends EntitySet> = FieldOfKind<S, 'date'>;
export type TimeField<S extends EntitySet> = FieldOfKind<S, 'time'>;
type KeyField<S extends EntitySet> = Names['keys'][Names['entitySets'][S]][number];

type LiteralKind = 'text' | 'number' | 'date' | 'time';
declare const brand: unique symbol;
/** A value written as an OData literal. */
export type Literal<K extends LiteralKind = LiteralKind> = string & { readonly [brand]: K };
/** A finished filter expression about one entity set. One about fields that several sets share is good for each of them. */
export type Condition<S extends EntitySet> = string & { readonly [brand]: (set: S) => void };
type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** The one place where a text becomes a literal: quoted, inner quotes doubled. Also for members of enums. */
export function text(value: string): Literal<'text'> {
  return quoted(value) as Literal<'text'>;
}

export function integer(value: number): Literal<'number'> {
  if (!Number.isSafeInteger(value)) throw new RangeError('not an integer that can be carried exactly');
  return String(value) as Literal<'number'>;
}

export const date = (day: LocalDate): Literal<'date'> => quoted(day) as Literal<'date'>;
/** Filters see hours and minutes only (reference 4.2); seconds are sent for the servers that look at them. */
export const time = (clock: LocalTime): Literal<'time'> => quoted(clock) as Literal<'time'>;

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The one place where a literal becomes the key in a path: `BusinessPartners('O''Neill%2F1')`. */
export function keyed(set: EntitySet, key: Literal): string {
  return `${set}(${encode(key)})`;
}

/** A key of several fields: `SpecialPrices(ItemCode='A1',CardCode='C1')`. */
export function keyedBy<S extends EntitySet>(set: S, key: Readonly<Record<KeyField<S>, Literal>>): string {
  const parts = Object.entries<Literal>(key).map(([field, literal]) => `${field}=${encode(literal)}`);
  return `${set}(${parts.join(',')})`;
}

/** Field and value must be of one kind: `compare('DocEntry', 'eq', text('1'))` does not compile. */
export function compare<S extends EntitySet>(
  field: TextField<S>,
  operator: Comparison,
  value: Literal<'text'>,
): Condition<S>;
export function compare<S extends EntitySet>(
  field: NumberField<S>,
  operator: Comparison,
  value: Literal<'number'>,
): Condition<S>;
export function compare<S extends EntitySet>(
  field: DateField<S>,
  operator: Comparison,
  value: Literal<'date'>,
): Condition<S>;
export function compare<S extends EntitySet>(
  field: TimeField<S>,
  operator: Comparison,
  value: Literal<'time'>,
): Condition<S>;
export function compare<S extends EntitySet>(field: string, operator: Comparison, value: Literal): Condition<S> {
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

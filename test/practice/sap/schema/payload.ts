import type { Fields, Json } from '../../kernel/json.ts';
import { isFields, isList } from '../../kernel/json.ts';
import { malformed, SapError } from '../errors.ts';
import type { TypeInfo } from './schema.ts';
import { enumMember, findType, isEnum } from './schema.ts';

/** A field that exists in this company only. */
export interface OwnField {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly validValues: readonly string[];
}

/** Gives the company's own fields for the entity itself ('') or for a collection inside it. */
export type OwnFields = (collection: string) => readonly OwnField[];

const LONGEST: Readonly<Record<string, number>> = {
  CardCode: 15,
  CardName: 100,
  ItemCode: 50,
  ItemName: 100,
  NumAtCard: 100,
  Comments: 254,
  AddressName: 50,
  FreeText: 100,
};

/**
 * Checks a request body against its type and brings it to stored form: enum names, plain numbers, YYYY-MM-DD dates,
 * HH:MM:SS times. Annotations, `@odata.bind` among them, are dropped in silence.
 * @throws SapError -1000 for an unknown property, -1004 for a value that does not fit.
 */
export function readPayload(type: TypeInfo, body: Fields, own: OwnFields, collection = ''): Fields {
  const read: Record<string, Json> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name.includes('@') || name.startsWith('odata.')) continue;
    read[name] = readProperty(type, name, value, own, collection);
  }
  return read;
}

function readProperty(type: TypeInfo, name: string, value: Json, own: OwnFields, collection: string): Json {
  const property = type.properties.get(name);
  if (property === undefined) return readOwnField(type, name, value, own(collection));
  if (property.collection) {
    if (!isList(value)) throw unfit(name, type);
    return value.map((entry) => readNested(property.type, name, entry, own, type));
  }
  if (value === null) return null;
  if (findType(property.type) !== undefined) return readNested(property.type, name, value, own, type);
  const fitting = readValue(property.type, value);
  if (fitting === undefined) throw unfit(name, type);
  if (typeof fitting === 'string' && fitting.length > (LONGEST[name] ?? Number.POSITIVE_INFINITY))
    throw tooLong(name, type);
  return fitting;
}

function readNested(typeName: string, name: string, value: Json, own: OwnFields, parent: TypeInfo): Json {
  const type = findType(typeName);
  if (type === undefined) return value;
  if (!isFields(value)) throw unfit(name, parent);
  return readPayload(type, value, own, name);
}

function readOwnField(type: TypeInfo, name: string, value: Json, fields: readonly OwnField[]): Json {
  const field = type.open ? fields.find((entry) => entry.name === name) : undefined;
  if (field === undefined) throw malformed(`Property '${name}' of '${type.name}' is invalid`);
  if (value === null) return null;
  const fitting = readValue(field.type, value);
  if (fitting === undefined) throw unfit(name, type);
  if (field.size > 0 && String(fitting).length > field.size) throw tooLong(name, type);
  if (field.validValues.length > 0 && !field.validValues.includes(String(fitting))) throw unfit(name, type);
  return fitting;
}

/** The stored form of a value, or undefined where it does not fit the type. */
export function readValue(type: string, value: Json): Json | undefined {
  if (isEnum(type)) return typeof value === 'string' ? enumMember(type, value) : undefined;
  switch (type) {
    case 'String':
      return typeof value === 'string' ? value : undefined;
    case 'Double':
      return readNumber(value);
    case 'Int32': {
      const number = readNumber(value);
      return number !== undefined && Number.isInteger(number) ? number : undefined;
    }
    case 'DateTimeOffset':
      return typeof value === 'string' ? readDate(value) : undefined;
    case 'TimeOfDay':
      return typeof value === 'string' ? readTime(value) : undefined;
    default:
      return value;
  }
}

function readNumber(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return undefined;
}

/** YYYY-MM-DD from the forms the platform takes; a time part is ignored. */
export function readDate(text: string): string | undefined {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?$/.exec(text);
  if (match === null) return undefined;
  const date = `${match[1]}-${match[2]}-${match[3]}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== date ? undefined : date;
}

/** HH:MM:SS from `14:05:00`, `14:05`, `1405` or an ISO date-time. */
export function readTime(text: string): string | undefined {
  const match = /^(?:\d{4}-\d{2}-\d{2}T)?(\d{2}):?(\d{2})(?::?(\d{2}))?(?:\.\d+)?Z?$/.exec(text);
  if (match === null) return undefined;
  const [, hours = '', minutes = '', seconds = '00'] = match;
  return Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60
    ? `${hours}:${minutes}:${seconds}`
    : undefined;
}

function unfit(name: string, type: TypeInfo): SapError {
  return new SapError(400, -1004, `Invalid value for property '${name}' of '${type.name}'`);
}

function tooLong(name: string, type: TypeInfo): SapError {
  return new SapError(400, -1004, `Value too long in property '${name}' of '${type.name}'`);
}

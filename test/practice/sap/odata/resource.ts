import { malformed, noMatch } from '../errors.ts';
import { readDate } from '../schema/payload.ts';
import type { TypeInfo } from '../schema/schema.ts';

/** A path below the service root, taken apart: `Orders(1)/Cancel` is set, key text and rest. */
export interface Resource {
  readonly name: string;
  /** What stood between the brackets; undefined without brackets. */
  readonly key: string | undefined;
  readonly rest: string;
}

/** @throws SapError -1000 where the path cannot be read. */
export function parseResource(path: string): Resource {
  const name = /^\$?\w*/.exec(path)?.[0] ?? '';
  let at = name.length;
  let key: string | undefined;
  if (path[at] === '(') {
    const end = closingBracket(path, at);
    key = path.slice(at + 1, end);
    at = end + 1;
  }
  if (at < path.length && path[at] !== '/') throw malformed(`Unrecognized resource path '${path}'`);
  return { name, key, rest: path.slice(at + 1) };
}

function closingBracket(path: string, from: number): number {
  let quoted = false;
  for (let at = from; at < path.length; at += 1) {
    if (path[at] === "'") quoted = !quoted;
    if (path[at] === ')' && !quoted) return at;
  }
  throw malformed(`Unrecognized resource path '${path}'`);
}

const KEY_PART = /^\s*(?:(\w+)\s*=\s*)?('(?:[^']|'')*'|-?\d+)\s*(?:,|$)/;

/**
 * The row key for what stood between the brackets: `'C1'`, `22`, or `CardCode='C1',ItemCode='A1'`.
 * @throws SapError -1000 for a malformed key, -2028 for one of the wrong type.
 */
export function parseKey(type: TypeInfo, text: string): string {
  const given = new Map<string, string>();
  let rest = text;
  while (rest !== '') {
    const match = KEY_PART.exec(rest);
    if (match === null) throw malformed(`Invalid key '${text}' of '${type.name}'`);
    const name = match[1] ?? (type.key.length === 1 ? (type.key[0] ?? '') : '');
    given.set(name, match[2] ?? '');
    rest = rest.slice(match[0].length);
  }
  const parts = type.key.map((name) => keyPart(type, name, given.get(name)));
  if (given.size !== type.key.length) throw malformed(`Invalid key '${text}' of '${type.name}'`);
  return parts.join('\u0000');
}

function keyPart(type: TypeInfo, name: string, literal: string | undefined): string {
  if (literal === undefined) throw malformed(`Key '${name}' of '${type.name}' is missing`);
  const quoted = literal.startsWith("'");
  const isText = type.properties.get(name)?.type === 'String';
  if (isText !== quoted) throw isText ? malformed(`Invalid key value '${literal}'`) : noMatch();
  return quoted ? literal.slice(1, -1).replaceAll("''", "'") : literal;
}

/** How a row is named in a URL: `('C1')`, `(22)`, `(ItemCode='A1',CardCode='C1')`. */
export function keyLiteral(type: TypeInfo, rowKey: string): string {
  const values = rowKey.split('\u0000');
  const parts = type.key.map((name, index) => {
    const value = values[index] ?? '';
    const literal = type.properties.get(name)?.type === 'String' ? `'${value.replaceAll("'", "''")}'` : value;
    return type.key.length === 1 ? literal : `${name}=${literal}`;
  });
  return `(${parts.map(encodeURIComponent).join(',').replaceAll('%3D', '=')})`;
}

/** Reads a date parameter of an operation in any form the platform takes. */
export function dateParameter(value: string): string {
  const date = readDate(value);
  if (date === undefined) throw malformed(`Invalid date '${value}'`);
  return date;
}

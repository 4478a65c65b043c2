import type { SapIndex } from './sap-index.ts';
import type { SapTarget } from './sap-target.ts';

const OPTIONS = ['$select', '$filter', '$orderby', '$top', '$skip', '$count', '$inlinecount', '$expand', '$apply'];
const WORDS = new Set(['and', 'or', 'not', 'eq', 'ne', 'gt', 'ge', 'lt', 'le', 'null', 'true', 'false']);
const FUNCTIONS = new Set(['startswith', 'endswith', 'contains', 'substringof']);

/** What is wrong with the names that a query uses of that type. */
export function checkOptions(index: SapIndex, typeName: string, { options }: SapTarget): string[] {
  return options.flatMap(({ name, value }) => {
    if (!OPTIONS.includes(name)) return [`query option ${name} does not exist`];
    if (name === '$select') return checkNames(index, typeName, value.split(','), name);
    if (name === '$orderby') return checkNames(index, typeName, value.split(',').map(withoutDirection), name);
    if (name === '$filter') return checkFilter(index, typeName, value);
    if (name === '$top' || name === '$skip') return /^\d+$/.test(value) ? [] : [`${name} must be a number`];
    return [];
  });
}

function withoutDirection(term: string): string {
  return term.trim().replace(/ (asc|desc)$/, '');
}

function checkNames(index: SapIndex, typeName: string, names: readonly string[], where: string): string[] {
  return names
    .map((name) => name.trim())
    .filter((name) => name !== '*' && !hasProperty(index, typeName, name))
    .map((name) => `${where} names ${name || 'nothing'}, which ${typeName} does not have`);
}

/** User fields are legal where the type is open; whether the company has that one is not described. */
export function hasProperty(index: SapIndex, typeName: string, name: string): boolean {
  const type = index.types[typeName];
  if (!type) return false;
  return Object.hasOwn(type.properties, name) || (type.open === true && name.startsWith('U_'));
}

function checkFilter(index: SapIndex, typeName: string, filter: string): string[] {
  if ((filter.match(/'/g) ?? []).length % 2 === 1) return ['$filter has an open quote'];
  const unquoted = filter.replace(/'(?:[^']|'')*'/g, "''");
  const words = [...unquoted.matchAll(/([A-Za-z_][\w/]*)(\s*\()?/g)].map((match) => ({
    word: match[1] ?? '',
    called: match[2] !== undefined && !WORDS.has(match[1] ?? ''),
  }));
  const unknownCalls = words
    .filter(({ word, called }) => called && !FUNCTIONS.has(word))
    .map(({ word }) => `$filter calls ${word}, which does not exist`);
  const names = words
    .filter(({ word, called }) => !called && !WORDS.has(word))
    .map(({ word }) => word.split('/')[0] ?? '');
  return [
    ...unknownCalls,
    ...checkNames(index, typeName, names, '$filter'),
    ...checkNoLists(index, typeName, names),
    ...checkLiterals(index, typeName, filter),
    ...checkEnumLiterals(index, typeName, filter),
  ];
}

function checkNoLists(index: SapIndex, typeName: string, names: readonly string[]): string[] {
  return names
    .filter((name) => index.types[typeName]?.properties[name]?.collection === true)
    .map((name) => `$filter compares ${name}, which is a list`);
}

/** Numbers stand bare, everything else in quotes (reference 4.2). */
function checkLiterals(index: SapIndex, typeName: string, filter: string): string[] {
  const comparisons = filter.matchAll(/(\w+) (?:eq|ne|gt|ge|lt|le) ('(?:[^']|'')*'|[^\s()]+)/g);
  return [...comparisons].flatMap(([, name = '', literal = '']) => {
    const type = index.types[typeName]?.properties[name]?.type;
    if (type === undefined || literal === 'null' || fits(type, literal)) return [];
    return [`$filter compares ${name}, which is ${type}, with ${literal}`];
  });
}

const NUMBERS: ReadonlySet<string> = new Set(['Edm.Int16', 'Edm.Int32', 'Edm.Int64', 'Edm.Double', 'Edm.Decimal']);

function fits(type: string, literal: string): boolean {
  return NUMBERS.has(type) ? /^-?\d+(\.\d+)?$/.test(literal) : /^'.*'$/s.test(literal);
}

/** The literals of a key: one alone, or each with the name of its field. */
export function splitKey(key: string): { name: string | undefined; literal: string }[] {
  if (key === '') return [];
  if (/^('(?:[^']|'')*'|[^'=]*)$/s.test(key)) return [{ name: undefined, literal: key }];
  return [...key.matchAll(/(\w+)=('(?:[^']|'')*'|[^',]*)(?:,|$)/gs)].map(([, name = '', literal = '']) => ({
    name,
    literal,
  }));
}

export function checkKey(index: SapIndex, typeName: string, key: string): string[] {
  const fields = index.types[typeName]?.key ?? [];
  const given = splitKey(key);
  const names = given.map(({ name }) => name ?? fields[0] ?? '');
  if (given.length !== fields.length || !fields.every((field) => names.includes(field)))
    return [`(${key}) is no key of ${typeName}, which is ${fields.join(', ')}`];
  return given.flatMap(({ name, literal }) => {
    const type = index.types[typeName]?.properties[name ?? fields[0] ?? '']?.type;
    return type === undefined || fits(type, literal) ? [] : [`the key ${literal} is no ${type}`];
  });
}

function checkEnumLiterals(index: SapIndex, typeName: string, filter: string): string[] {
  return [...filter.matchAll(/(\w+) (?:eq|ne) '((?:[^']|'')*)'/g)].flatMap(([, name = '', literal = '']) => {
    const type = index.types[typeName]?.properties[name]?.type ?? '';
    return isEnumValue(index, type, literal)
      ? []
      : [`$filter compares ${name} with ${literal}, which is none of ${type}`];
  });
}

/** True too where the type is no enum. */
export function isEnumValue(index: SapIndex, typeName: string, value: unknown): boolean {
  const members = index.enums[typeName];
  if (!members) return true;
  return Object.entries(members).some(([member, { db }]) => value === member || (db !== undefined && value === db));
}

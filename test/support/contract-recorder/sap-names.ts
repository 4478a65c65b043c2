import type { SapIndex } from './sap-contract.ts';
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
    ...checkEnumLiterals(index, typeName, filter),
  ];
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

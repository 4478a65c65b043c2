import type { Fields } from '../../kernel/json.ts';

/** Rows of a collection after a PATCH: matching rows updated, new ones added, and the others kept unless all is replaced. */
export function mergeRows(
  before: readonly Fields[],
  changes: readonly Fields[],
  keyOf: (row: Fields) => string,
  replace: boolean,
): Fields[] {
  const changed = new Map(changes.map((row) => [keyOf(row), row]));
  const known = new Set(before.map(keyOf));
  const kept = before.filter((row) => !replace || changed.has(keyOf(row)));
  return [
    ...kept.map((row) => ({ ...row, ...changed.get(keyOf(row)) })),
    ...changes.filter((row) => !known.has(keyOf(row))),
  ];
}

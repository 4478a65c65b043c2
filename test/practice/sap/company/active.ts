import type { Fields } from '../../kernel/json.ts';
import { textOf } from '../../kernel/json.ts';

/** Whether a partner or item may be used that day: the platform's Valid and Frozen pairs of flag and range. */
export function isActive(row: Fields, date: string): boolean {
  return (
    !inRange(row, 'Frozen', date, false) &&
    (textOf(row, 'Valid') !== 'tNO' || hasRange(row, 'Valid')) &&
    inRange(row, 'Valid', date, true)
  );
}

function hasRange(row: Fields, flag: string): boolean {
  return textOf(row, `${flag}From`) !== '' || textOf(row, `${flag}To`) !== '';
}

function inRange(row: Fields, flag: 'Valid' | 'Frozen', date: string, fallback: boolean): boolean {
  if (textOf(row, flag) !== 'tYES') return fallback;
  const from = textOf(row, `${flag}From`);
  const to = textOf(row, `${flag}To`);
  return (from === '' || from <= date) && (to === '' || date <= to);
}

import { validationFailed } from '../failures.ts';

/** RFC 3339 without fractions of a second; `Date.toISOString()` as it stands is refused. */
const SINCE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/;

/** @throws ApiFailure 400 if the parameter is there and no integer. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw validationFailed(`${name}: must be an integer`);
  return Number(text);
}

/** A comma list of at most 100 ids. @throws ApiFailure 400 */
export function idsParameter(query: URLSearchParams, name: string): Set<number> | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const parts = text.split(',');
  if (parts.some((part) => !/^\d{1,15}$/.test(part))) throw validationFailed(`${name}: must be a comma list of ids`);
  if (parts.length > 100) throw validationFailed(`${name}: must hold no more than 100 ids`);
  return new Set(parts.map(Number));
}

/** Epoch milliseconds. @throws ApiFailure 400 for any other format, also for fractions of a second. */
export function timeParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!SINCE.test(text)) throw validationFailed(`${name}: must be in RFC 3339 format without fractional seconds`);
  return Date.parse(text);
}

/** @throws ApiFailure 400 if the value is none of those allowed. */
export function choiceParameter(
  query: URLSearchParams,
  name: string,
  allowed: readonly string[],
  fallback: string,
): string {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!allowed.includes(text)) throw validationFailed(`${name}: must be one of ${allowed.join(', ')}`);
  return text;
}

/** @throws ApiFailure 400 unless the value is `true` or `false`. */
export function flagParameter(query: URLSearchParams, name: string): boolean {
  return choiceParameter(query, name, ['true', 'false'], 'false') === 'true';
}

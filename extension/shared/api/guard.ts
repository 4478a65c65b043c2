// Checks the shape of an answer before it gets a type. The contract's own schemas would do the same for 30 kB more on every
// first load; here the compiler holds each guard against the contract's type, and a test against its schema.

export type Guard<T> = (value: unknown) => value is T;

type Shape<T> = { readonly [K in keyof Required<T>]: Guard<T[K]> };

export const text: Guard<string> = (value): value is string => typeof value === 'string';
export const flag: Guard<boolean> = (value): value is boolean => typeof value === 'boolean';
export const count: Guard<number> = (value): value is number => typeof value === 'number' && Number.isFinite(value);
export const decimal: Guard<string> = (value): value is string => text(value) && /^-?\d+(\.\d+)?$/.test(value);
export const day: Guard<string> = (value): value is string => text(value) && /^\d{4}-\d{2}-\d{2}$/.test(value);
export const instant: Guard<string> = (value): value is string => text(value) && !Number.isNaN(Date.parse(value));

export function exactly<const T extends string | boolean>(...words: readonly T[]): Guard<T> {
  return (value): value is T => words.some((word) => word === value);
}

export function nullable<T>(guard: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || guard(value);
}

export function optional<T>(guard: Guard<T>): Guard<T | undefined> {
  return (value): value is T | undefined => value === undefined || guard(value);
}

export function list<T>(guard: Guard<T>): Guard<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every(guard);
}

export function either<A, B>(first: Guard<A>, second: Guard<B>): Guard<A | B> {
  return (value): value is A | B => first(value) || second(value);
}

/** Unknown properties pass: a server that is newer than the page may say more. */
export function object<T extends object>(shape: Shape<T>): Guard<T> {
  const guards = Object.entries<Guard<unknown>>(shape);
  return (value): value is T => {
    if (typeof value !== 'object' || value === null) return false;
    const entries = new Map<string, unknown>(Object.entries(value));
    return guards.every(([key, guard]) => guard(entries.get(key)));
  };
}

import type { z } from 'zod';
import { InvalidInputError, type Problem } from '../kernel/errors.ts';

/**
 * What was given, as the schema says it must be.
 * @throws {InvalidInputError} that names everything that is wrong, never the values
 */
export function readInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidInputError(result.error.issues.map(problemOf));
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  const at = issue.path.map(String).join('.');
  return {
    code: issue.code,
    message: at === '' ? `${issue.message}.` : `${at}: ${issue.message}.`,
    ...(at === '' ? {} : { at }),
  };
}

const PLAIN_ID = /^([1-9]\d{0,15}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/;

/**
 * Ids in an address are plain digits, or a UUID. Said before any schema turns text into numbers, which would also take
 * `1e3`, `0x10` and blanks.
 * @throws {InvalidInputError}
 */
export function requirePlainIds(params: Readonly<Record<string, unknown>>): void {
  const problems = Object.entries(params)
    .filter(([, value]) => typeof value !== 'string' || !PLAIN_ID.test(value))
    .map(([name]) => ({ code: 'invalid_id', message: `${name} is no id.`, at: name }));
  if (problems.length > 0) throw new InvalidInputError(problems);
}

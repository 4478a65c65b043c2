import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AppError } from '../../server/kernel/errors.ts';
import type { Result } from './run-suite.ts';

export interface CommandWorld {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  readonly saveReport: (file: string, text: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** 0 all holds, 1 something differs, 2 it could not begin, 3 it was stopped. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Something that the person at the keyboard has to put right first. */
export class CannotBegin extends Error {}

/** What is under way is never cut off: it may have to remove what it wrote. Each request has a limit of its own. */
export const UNBOUND = new AbortController().signal;

/** Runs a command; what a person can put right ends it with one message and 2. */
export async function orCannotBegin(print: CommandWorld['print'], run: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CannotBegin) && !(error instanceof AppError)) throw error;
    print(error.message);
    return 2;
  }
}

/** @throws {CannotBegin} for what the usage does not name */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch {
    // Its message may repeat what was typed, which may be a secret.
    throw new CannotBegin(`Only these arguments are taken.\n\n${usage}`);
  }
}

export function exitCodeOf(results: readonly Result[], signal: AbortSignal): ExitCode {
  if (signal.aborted) return 3;
  return results.some(({ outcome }) => outcome === 'differs') ? 1 : 0;
}

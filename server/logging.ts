import { type DestinationStream, pino } from 'pino';
import { LOG_FIELDS, type LogFields, type Logger } from './kernel/logger.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A field that is not named there is not written, whatever it holds. */
const ALLOWED: ReadonlySet<string> = new Set(LOG_FIELDS);
const LONGEST_TEXT = 200;
const DEEPEST_CAUSE = 4;
const FRAME = /^\s+at .+:\d+:\d+\)?$/;
const ERROR_CODE = /^[A-Z0-9_]{2,40}$/;

/** One JSON line an entry, to standard output unless told otherwise. */
export function createLogger(options: { level: LogLevel; destination?: DestinationStream }): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log = options.destination ? pino(settings, options.destination) : pino(settings);
  return {
    info: (message, fields) => log.info(allowed(fields), message),
    warn: (message, fields) => log.warn(allowed(fields), message),
    error: (message, error, fields) => log.error({ ...allowed(fields), error: errorChain(error) }, message),
  };
}

function allowed(fields: LogFields = {}): LogFields {
  const kept = Object.entries(fields).filter(([name]) => ALLOWED.has(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : value]),
  );
}

interface LoggedError {
  readonly class: string;
  readonly code?: string;
  readonly stack: readonly string[];
}

/** Classes, codes and stacks of an error and its causes. Never messages: drivers put statements and values into them. */
function errorChain(error: unknown): LoggedError[] {
  const chain: LoggedError[] = [];
  for (let link = error; link !== undefined && link !== null && chain.length < DEEPEST_CAUSE; link = causeOf(link)) {
    chain.push(describe(link));
  }
  return chain;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function describe(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { class: typeof error, stack: [] };
  const code =
    'code' in error && typeof error.code === 'string' && ERROR_CODE.test(error.code) ? error.code : undefined;
  const stack = (error.stack ?? '').split('\n').filter((line) => FRAME.test(line));
  return { class: error.constructor.name, ...(code === undefined ? {} : { code }), stack: stack.map((l) => l.trim()) };
}

/** Names of all that may be logged: ids, counts and words of our own; never bodies, tokens, cookies or names of people. */
export const LOG_FIELDS = [
  'act',
  'address',
  'attempt',
  'companyId',
  'connectionId',
  'correlationId',
  'count',
  'cron',
  'dataDir',
  'dealId',
  'delayMs',
  'deliveryId',
  'entity',
  'fault',
  'handoffId',
  'host',
  'installationId',
  'jobId',
  'kind',
  'method',
  'migrations',
  'ms',
  'operation',
  'port',
  'question',
  'reason',
  'record',
  'requestId',
  'role',
  'route',
  'runId',
  'signal',
  'silentMs',
  'state',
  'status',
  'step',
  'stream',
  'task',
  'times',
  'tokens',
  'userId',
  'workerId',
] as const;

/** A field of another name does not compile. */
export type LogFields = { readonly [Name in (typeof LOG_FIELDS)[number]]?: string | number | boolean | undefined };

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** `error` contributes its class and stack, never the properties that drivers and clients hang on it. */
  error(message: string, error: unknown, fields?: LogFields): void;
}

export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Fields that may be logged: ids, counts and words of our own; never bodies, tokens, cookies or names of people. */
export interface LogFields {
  readonly installationId?: string;
  readonly connectionId?: string;
  readonly requestId?: string;
  readonly jobId?: string;
  readonly task?: string;
  readonly [field: string]: string | number | boolean | undefined;
}

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** `error` contributes its class and stack, never the properties that drivers and clients hang on it. */
  error(message: string, error: unknown, fields?: LogFields): void;
}

export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** When some process that takes webhooks last showed that it runs. Belongs to no tenant. */
export interface ReceiverMarks {
  /** Undefined before the first mark ever. */
  last(): Promise<Date | undefined>;
  set(now: Date): Promise<void>;
}

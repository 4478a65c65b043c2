import type { Json } from '../../kernel/canonical-json.ts';
import type { Tx } from './unit-of-work.ts';

/** Where the next page of a part begins; opaque to whoever asks. */
export type ExportCursor = readonly string[];

/** What a company can take with it: everything that is stored about it, but no secret. */
export interface ExportStore {
  /** The parts in their order, as they are called in the export. */
  readonly parts: readonly string[];
  /**
   * One page of a part, at most 500 rows, in a fixed order.
   * @param after where the page before ended; null for the first
   * @throws {Error} for a part that is none
   */
  readPage(
    tx: Tx,
    part: string,
    after: ExportCursor | null,
  ): Promise<{ readonly rows: readonly Readonly<Record<string, Json>>[]; readonly next: ExportCursor | null }>;
}

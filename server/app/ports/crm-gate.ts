import type { GateBook } from '../../domain/crm-gate.ts';
import type { InstallationId } from '../../kernel/ids.ts';

/** One book for each company, shared by all processes. */
export interface GateBooks {
  /** How long after its time a turn may be taken: so long ahead may a process ask for turns of its own. */
  readonly holdMs: number;
  /**
   * Reads the book, and writes what `step` makes of it, while nobody else does.
   * @param step gets milliseconds of the books' own clock, the same for all processes; called once
   * @throws {UnavailableError} without the database
   */
  change(installationId: InstallationId, step: (book: GateBook, now: number) => GateBook): Promise<void>;
}

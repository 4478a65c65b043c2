import { UnavailableError } from '../kernel/errors.ts';
import { instantOf } from './values.ts';

/**
 * Pipedrive passes over a query parameter that it does not know, and then gives everything. An answer that holds what
 * was not asked for is therefore no answer: nothing is taken from it, and the run ends.
 * @throws {UnavailableError} what was refused is not the record's fault, and may pass
 */
export function onlyFitting<Row>(rows: readonly Row[], fits: (row: Row) => boolean): readonly Row[] {
  if (rows.every(fits)) return rows;
  throw notAskedFor();
}

/** How far a record may lie before the instant asked for: whole seconds were sent, and clocks of one side may differ. */
const TOLERANCE_MS = 60_000;

/** Whether a record may stand in a list of what changed since. One without a readable time of change may. */
export function changedSince(updateTime: string, since: Date | undefined): boolean {
  const changed = instantOf(updateTime);
  return !since || !changed || changed.getTime() >= since.getTime() - TOLERANCE_MS;
}

export function notAskedFor(): UnavailableError {
  return new UnavailableError(
    'Pipedrive answered with records that were not asked for, so nothing was taken from its answer.',
  );
}

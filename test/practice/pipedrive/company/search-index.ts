import type { PracticeClock } from '../../kernel/clock.ts';
import type { BaseRecord } from '../records.ts';

/** Copies of records as they were, so that search can tell an older state than the one that is written. */
export interface SearchIndex {
  /** A record was written. */
  note(record: BaseRecord): void;
  /** The record as search knows it with that lag; undefined = not yet. */
  sight<T extends BaseRecord>(record: T, lagMs: number): T | undefined;
}

interface Kept {
  at: number;
  copy: BaseRecord;
}

/** Older states than these are of no use to a search. */
const MOST_KEPT = 20;

export function createSearchIndex(clock: PracticeClock): SearchIndex {
  const kept = new WeakMap<BaseRecord, Kept[]>();
  return {
    note: (record) => {
      const states = kept.get(record) ?? [];
      states.push({ at: clock.now(), copy: { ...record, custom_fields: { ...record.custom_fields } } });
      if (states.length > MOST_KEPT) states.shift();
      kept.set(record, states);
    },
    sight: (record, lagMs) => {
      if (lagMs === 0) return record.is_deleted ? undefined : record;
      const until = clock.now() - lagMs;
      const states = kept.get(record) ?? [];
      const state = states.findLast(({ at }) => at <= until);
      if (!state || state.copy.is_deleted) return undefined;
      return { ...record, ...state.copy, id: record.id };
    },
  };
}

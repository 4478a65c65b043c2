import type { PracticeClock } from '../../kernel/clock.ts';
import type { Fields } from '../../kernel/json.ts';
import { textOf } from '../../kernel/json.ts';
import { typeOfSet } from '../schema/schema.ts';
import type { LocalTime } from './local-time.ts';
import type { CompanySettings } from './settings.ts';
import type { RowChange, Table } from './table.ts';

/** One SAP company database. */
export interface Company {
  /** The database name that Login wants. */
  readonly name: string;
  readonly settings: CompanySettings;
  readonly clock: PracticeClock;
  readonly rates: Map<string, Map<string, number>>;
  readonly vatRates: ReadonlyMap<string, number>;
  /** @throws Error for a set that is not served: a mistake in the practice company itself. */
  table(set: string): Table;
  /** All or nothing. */
  atomically<T>(work: () => T): T;
  /** Called after each transaction that changed rows. */
  onCommit(listener: (changes: readonly RowChange[]) => void): void;
  /** The next number of that counter. */
  next(counter: string): number;
  /** Remembers everything as it is now. @returns what puts it back, numbers included, as a restored database would */
  backUp(): () => void;
  /** The wall clock, with seconds or without. */
  stamp(): LocalTime;
  /** User fields and user tables created but not visible before a restart. */
  readonly hiddenUserFields: Set<string>;
  /** Records that somebody has open for change in the client, as set and key. */
  readonly locked: Set<string>;
  /** How the last handshake with a subscriber went, by webhook id: '' where it held, else what was wrong. */
  readonly handshakes: Map<string, string>;
}

/** The text under which a row is kept, from its key properties. */
export function rowKey(set: string, row: Fields): string {
  return typeOfSet(set)
    .key.map((name) => textOf(row, name))
    .join('\u0000');
}

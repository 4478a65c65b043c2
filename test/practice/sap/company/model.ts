import type { PracticeClock } from '../../kernel/clock.ts';
import type { Fields } from '../../kernel/json.ts';
import { textOf } from '../../kernel/json.ts';
import { ENTITY_SETS, typeNamed } from '../schema/schema.ts';
import type { LocalTime } from './local-time.ts';
import type { CompanySettings } from './settings.ts';
import type { Table } from './table.ts';

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
  /** The next number of that counter. */
  next(counter: string): number;
  /** The wall clock, with seconds or without. */
  stamp(): LocalTime;
  /** User fields created but not visible before a restart. */
  readonly hiddenUserFields: Set<string>;
}

/** The text under which a row is kept, from its key properties. */
export function rowKey(set: string, row: Fields): string {
  const type = typeNamed(ENTITY_SETS[set] ?? '');
  return type.key.map((name) => textOf(row, name)).join('\u0000');
}

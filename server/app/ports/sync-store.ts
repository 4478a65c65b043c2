import type { DocumentMark } from '../../domain/document-mark.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { LocalDate, LocalTime } from '../../kernel/local-date.ts';
import type { StreamName } from './job-queue.ts';
import type { Tx } from './unit-of-work.ts';

/** Where a stream was read up to, in the source's own stamps. */
export interface Cursor {
  /** `first_load` walks all records by key; `delta` follows the stamps. */
  readonly phase: 'first_load' | 'delta';
  /** Newest stamp seen so far (for a first load: taken before it began). */
  readonly stampDate: LocalDate | null;
  readonly stampTime: LocalTime | null;
  /** Last key read within the current walk. */
  readonly key: string | null;
  /** What was seen of each document set, for streams without stamps. */
  readonly documents: Readonly<Record<string, DocumentMark>>;
  /** The company-local day on which due dates, or what was left to a person, were last looked through. */
  readonly dueDatesCheckedOn: LocalDate | null;
  /** How often the stream was begun anew, as found; absent on a cursor that was never stored. */
  readonly restarts?: number;
}

export interface CursorStore {
  find(tx: Tx, connectionId: ConnectionId, name: StreamName): Promise<Cursor | undefined>;
  /**
   * With `restarts`, only where the stream was not begun anew since.
   * @throws {ConflictError} when it was: whoever began it anew has planned the run that goes on
   */
  save(tx: Tx, connectionId: ConnectionId, name: StreamName, cursor: Cursor): Promise<void>;
  /** The stream is read once more from its beginning. False, and nothing done, where it was never read. */
  restart(tx: Tx, connectionId: ConnectionId, name: StreamName): Promise<boolean>;
}

export interface SyncRun {
  readonly id: string;
  readonly connectionId: ConnectionId;
  readonly stream: StreamName;
  readonly kind: 'first_load' | 'delta';
  readonly state: 'running' | 'writing' | 'done';
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** How many records SAP says there are; null: not asked. */
  readonly expected: number | null;
  readonly read: number;
  /** Handed to the writing jobs. */
  readonly changed: number;
  readonly written: number;
  /** Found so when they were read, or when they were to be written. */
  readonly unchanged: number;
  readonly waiting: number;
}

export interface SyncRunStore {
  start(
    tx: Tx,
    run: Pick<SyncRun, 'id' | 'connectionId' | 'stream' | 'kind' | 'startedAt' | 'expected'>,
  ): Promise<void>;
  /** The newest run of a stream that is not done. */
  findOpen(tx: Tx, connectionId: ConnectionId, stream: StreamName): Promise<SyncRun | undefined>;
  findLast(tx: Tx, connectionId: ConnectionId, stream: StreamName, kind: SyncRun['kind']): Promise<SyncRun | undefined>;
  /** Adds to the counts. */
  add(
    tx: Tx,
    id: string,
    counts: Partial<Pick<SyncRun, 'read' | 'changed' | 'written' | 'unchanged' | 'waiting'>>,
  ): Promise<void>;
  /** Reading is over: `writing` while changed records are still on their way, else `done`. */
  finishReading(tx: Tx, id: string, now: Date): Promise<void>;
  /** `done` once as many are written, unchanged or waiting as were read. */
  finishIfWritten(tx: Tx, id: string, now: Date): Promise<void>;
}

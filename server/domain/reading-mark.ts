/** A record of a list that is read by its changes. */
export interface Changed {
  readonly id: number;
  /** The source's own text of the last change; empty or unreadable where it gave none. */
  readonly updateTime: string;
}

/** How far a list was read, in the source's own stamps: our clock may be wrong by a day without anything being missed. */
export interface ReadingMark {
  /** The newest stamp seen; null: the list was empty when it was first looked at. */
  readonly newest: Date | null;
  /** Records near that stamp, by id: every reading looks back and meets them again. */
  readonly seen: Readonly<Record<string, SeenRecord>>;
}

export interface SeenRecord {
  readonly updateTime: string;
  /** Two readings found it so. Stamps are whole seconds: after one reading it may yet have changed within its second. */
  readonly settled: boolean;
  /** When it was first met so, in milliseconds of our clock: only how long ago that is counts. */
  readonly since: number;
}

/** How far a reading looks back, since records may appear somewhat later than their stamp says. */
const OVERLAP_MS = 15 * 60_000;
/** A stamp further ahead of our clock than this is a mistake that must not push the mark past everything else. */
const MOST_AHEAD_MS = 48 * 60 * 60_000;
/** Beyond these, records in the overlap are simply looked at again. */
const MOST_SEEN = 2_000;

/**
 * From where the next reading asks; the beginning of time where the list was empty. Where nothing has changed for so long
 * that nothing can appear late any more, no further back than the newest change: after a large edit each reading would
 * else read all of it again, for as long as the list is at rest.
 * @param readFrom when the last whole reading began; null: none has ended yet
 */
export function readingStart({ mark, readFrom }: { mark: ReadingMark; readFrom: Date | null }): Date {
  const { newest, seen } = mark;
  if (!newest) return new Date(0);
  const isAtRest = Object.values(seen).some(
    (record) =>
      record.settled &&
      stampOf(record) === newest.getTime() &&
      readFrom !== null &&
      readFrom.getTime() - record.since >= OVERLAP_MS,
  );
  return isAtRest ? newest : new Date(newest.getTime() - OVERLAP_MS);
}

/** True for a record that earlier readings have found exactly so, twice. */
export function isSettled(before: ReadingMark, { id, updateTime }: Changed): boolean {
  const seen = before.seen[String(id)];
  return seen?.settled === true && seen.updateTime === updateTime;
}

/**
 * The mark after one more page.
 * @param before as it was when this reading began
 * @param current as it is after the pages read so far
 * @param now our clock, against stamps that cannot be
 */
export function markPage(before: ReadingMark, current: ReadingMark, rows: readonly Changed[], now: Date): ReadingMark {
  const stamps = rows.flatMap((row) => stampOf(row) ?? []).filter((stamp) => stamp <= now.getTime() + MOST_AHEAD_MS);
  const newest = stamps.reduce((latest, stamp) => Math.max(latest, stamp), current.newest?.getTime() ?? -1);
  const seen = new Map(Object.entries(current.seen));
  for (const { id, updateTime } of rows) {
    const known = before.seen[String(id)];
    const isSame = known?.updateTime === updateTime;
    seen.set(String(id), { updateTime, settled: isSame, since: isSame ? known.since : now.getTime() });
  }
  return { newest: newest < 0 ? null : new Date(newest), seen: keepNear(seen, newest - OVERLAP_MS) };
}

/** Only what the next reading can meet again. */
function keepNear(seen: ReadonlyMap<string, SeenRecord>, from: number): ReadingMark['seen'] {
  const near = [...seen]
    .map(([id, record]) => ({ id, record, stamp: stampOf(record) ?? Number.POSITIVE_INFINITY }))
    .filter(({ stamp }) => stamp >= from)
    .sort((left, right) => right.stamp - left.stamp)
    .slice(0, MOST_SEEN);
  return Object.fromEntries(near.map(({ id, record }) => [id, record]));
}

/** Milliseconds; a time without a zone is UTC (reference pipedrive-api.md, section 5.4). */
function stampOf({ updateTime }: Pick<Changed, 'updateTime'>): number | undefined {
  const zoned = /[zZ]$|[+-]\d{2}:?\d{2}$/.test(updateTime) ? updateTime : `${updateTime.replace(' ', 'T')}Z`;
  const stamp = Date.parse(zoned);
  return Number.isNaN(stamp) ? undefined : stamp;
}

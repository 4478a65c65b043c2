const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Shorter than this nothing is called silence: a lunch, a meeting. */
const SHORTEST_MS = 2 * HOUR_MS;
/** Without a week to compare with, a long weekend is no silence. */
const YOUNG_MS = 5 * DAY_MS;
/** Silence is alarming when it is longer than so many usual gaps. */
const USUAL_GAPS = 3;

/** A notification is due within minutes of its change, and clocks differ. */
const SLACK_MS = 10 * 60_000;
/** A little less than the 14 days for which it is known what was heard: a change of before that may well have been told. */
const KNOWN_MS = 13 * DAY_MS;

/** When notifications came to one installation, of the last 14 days. */
export interface Rhythm {
  readonly lastAt: Date | null;
  readonly firstAt: Date | null;
  /** Hours in which any came. */
  readonly hours: number;
  readonly longestGapMs: number;
  /** Hours in which any came, exactly a week earlier, in the stretch from the last one to now. */
  readonly hoursWeekBefore: number;
}

/**
 * Whether notifications have been missing for too long. What is usual depends on the hour and the day: so the stretch
 * since the last one is held against the same stretch a week earlier. With more than three hours in it that had any, the
 * silence is longer than three usual gaps at this time of the week; nights and weekends, which were as quiet a week ago,
 * say nothing, and a first load, which fills an hour with notifications, counts as one. Until there is a week to compare
 * with, three times the longest gap so far counts, and at least five days.
 */
export function isSilent({ lastAt, firstAt, hours, longestGapMs, hoursWeekBefore }: Rhythm, now: Date): boolean {
  if (!lastAt || !firstAt || hours <= USUAL_GAPS) return false;
  const quietMs = now.getTime() - lastAt.getTime();
  if (quietMs < SHORTEST_MS) return false;
  if (quietMs > WEEK_MS) return true;
  const comparable = lastAt.getTime() - WEEK_MS >= firstAt.getTime();
  return comparable ? hoursWeekBefore > USUAL_GAPS : quietMs > Math.max(YOUNG_MS, USUAL_GAPS * longestGapMs);
}

/**
 * Whether a change was found in Pipedrive that no notification has told, of records of one kind.
 * @param changed of the newest change that was found; null: none
 * @param made when the webhook was made: of what was before, it could not tell
 * @param lastAt when such records were last notified of; null: not in the last 14 days
 */
export function isUnheard(
  { changed, made, lastAt }: Pick<Rhythm, 'lastAt'> & { readonly changed: Date | null; readonly made: Date },
  now: Date,
): boolean {
  if (!changed || now.getTime() - changed.getTime() > KNOWN_MS) return false;
  const heard = Math.max(made.getTime(), lastAt?.getTime() ?? 0);
  return changed.getTime() > heard + SLACK_MS && changed.getTime() + SLACK_MS <= now.getTime();
}

const LOCALE = 'en-GB';
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `4 s ago`; an instant in the future counts as now. */
export function formatAge(ageMs: number): string {
  if (ageMs < 2 * SECOND_MS) return 'just now';
  if (ageMs < MINUTE_MS) return `${Math.floor(ageMs / SECOND_MS)} s ago`;
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)} min ago`;
  if (ageMs < DAY_MS) return `${Math.floor(ageMs / HOUR_MS)} h ago`;
  const days = Math.floor(ageMs / DAY_MS);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** `in 25 s`, `in 3 min`. */
export function formatWait(waitMs: number): string {
  if (waitMs <= 0) return 'now';
  if (waitMs < 2 * MINUTE_MS) return `in ${Math.ceil(waitMs / SECOND_MS)} s`;
  if (waitMs < 2 * HOUR_MS) return `in ${Math.ceil(waitMs / MINUTE_MS)} min`;
  return `in ${Math.ceil(waitMs / HOUR_MS)} h`;
}

const day = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayAndYear = new Intl.DateTimeFormat(LOCALE, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** SAP's day, `2026-11-12` → `12 Nov`; a day has no time zone. */
export function formatDay(date: string): string {
  return day.format(new Date(`${date}T00:00:00Z`));
}

export function formatDayAndYear(date: string): string {
  return dayAndYear.format(new Date(`${date}T00:00:00Z`));
}

/** An instant in the reader's own time zone: `12 Nov 2026, 09:30`. */
export function formatInstant(instant: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(LOCALE, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(instant));
}

/** An instant's hour in the reader's own time zone: `16:20`. */
export function formatTime(instant: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(LOCALE, {
    hour: '2-digit',
    minute: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(instant));
}

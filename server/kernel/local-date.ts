/** A calendar day `YYYY-MM-DD` in the SAP company's own zone. Never shifted between zones. */
export type LocalDate = string;
/** A time of day `HH:MM:SS` on the SAP company's own clock. */
export type LocalTime = string;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** True for a day that exists. */
export function isLocalDate(text: string): boolean {
  const match = DATE.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

/** Days from `from` to `to`; negative when `to` lies before. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** Made once a zone: making one costs far more than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar day at this instant in a zone such as `Europe/Berlin`. */
export function localDateIn(timeZone: string, instant: Date): LocalDate {
  const known = formatters.get(timeZone);
  if (known) return known.format(instant);
  const made = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formatters.set(timeZone, made);
  return made.format(instant);
}

/** Between one and five o'clock at night. */
const FROM_MINUTE = 60;
const SPREAD_MINUTES = 240;

/**
 * Whether nightly work is due: once a day, at a minute of the local night that is each installation's own, so that not all
 * come at once. Later the same day where nobody worked at night.
 * @param id a uuid, from which the minute is taken
 * @param last when it was last begun, or the installation itself
 */
export function isNightlyDue(id: string, timeZone: string, last: Date, now: Date): boolean {
  const minute = FROM_MINUTE + (Number.parseInt(id.slice(-8), 16) % SPREAD_MINUTES);
  const today = localMinute(timeZone, now);
  return today.date !== localMinute(timeZone, last).date && today.minute >= minute;
}

function localMinute(timeZone: string, instant: Date): { readonly date: string; readonly minute: number } {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const number = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const date = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  return { date, minute: number('hour') * 60 + number('minute') };
}

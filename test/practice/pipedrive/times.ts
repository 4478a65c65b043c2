/** v2 style: RFC 3339 in UTC, whole seconds. */
export function v2Time(epochMs: number): string {
  return new Date(Math.floor(epochMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** v1 style: `YYYY-MM-DD HH:MM:SS`, UTC without a zone marker. */
export function v1Time(epochMs: number): string {
  return v2Time(epochMs).replace('T', ' ').replace('Z', '');
}

/** Made once a zone: making one costs far more than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of an instant in a time zone, `YYYY-MM-DD`. */
export function localDay(epochMs: number, timeZone: string): string {
  const known = formatters.get(timeZone);
  if (known) return known.format(epochMs);
  const made = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formatters.set(timeZone, made);
  return made.format(epochMs);
}

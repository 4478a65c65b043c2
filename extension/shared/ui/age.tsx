import { formatAge } from '../format/times.ts';
import { useServerNow } from '../runtime/runtime.ts';

/** How old a section's figures are, in its heading's corner. */
export function Age({ asOf, live }: { asOf: string; live: boolean }) {
  const now = useServerNow();
  const age = formatAge(now - Date.parse(asOf));
  return <small className={live ? 'age' : 'age old'}>{live ? `live, ${age}` : `last read ${age}`}</small>;
}

/** `4 s ago`, ticking. */
export function Ago({ instant }: { instant: string }) {
  const now = useServerNow();
  return <time dateTime={instant}>{formatAge(now - Date.parse(instant))}</time>;
}

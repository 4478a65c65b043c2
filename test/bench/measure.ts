/** One figure with the floor it is to be read against, from the same run. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly floor: number;
  /** What the floor is. */
  readonly against: string;
  /** How far it has to be met: `most`: no more than the floor; a number: at least so many times it. Absent: only told. */
  readonly bar?: 'most' | number;
}

/** @returns whether it keeps its bar; one without a bar always does */
export function keepsBar({ ours, floor, bar }: Measure): boolean {
  if (bar === undefined) return true;
  return bar === 'most' ? ours <= floor : ours >= bar * floor;
}

/** Runs `work` so many times, one after the other. @returns the median in milliseconds */
export async function medianMs(times: number, work: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const started = performance.now();
    await work();
    durations.push(performance.now() - started);
  }
  durations.sort((a, b) => a - b);
  return durations[Math.floor(durations.length / 2)] ?? Number.NaN;
}

/** Runs `work` for each index, so many at a time. @returns how many a second */
export async function perSecond(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> {
  const started = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (count * 1000) / (performance.now() - started);
}

export function print(measures: readonly Measure[]): void {
  for (const measure of measures) {
    const { name, unit, ours, floor, against } = measure;
    const missed = keepsBar(measure) ? '' : '  MISSED';
    const ratio = (ours / floor).toFixed(2);
    console.log(
      `${name.padEnd(46)} ${format(ours).padStart(9)} ${unit.padEnd(8)} ratio ${ratio.padStart(6)} to ${format(floor)} (${against})${missed}`,
    );
  }
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

import { shares } from '../format/figures.ts';

export interface Part {
  readonly amount: string;
  readonly series: 'balance' | 'orders' | 'deal' | 'fresh' | 'late1' | 'late2' | 'late3' | 'done';
}

/** Parts beside each other in one bar; `mark` is a line across it. The figures stand beside it as text. */
export function StackedBar({ parts, whole, mark }: { parts: readonly Part[]; whole: string; mark?: string | null }) {
  const widths = shares(
    parts.map((part) => part.amount),
    whole,
  );
  const markAt = mark ? shares([mark], whole)[0] : undefined;
  let left = 0;
  return (
    <svg className="stacked-bar" aria-hidden="true">
      {parts.map((part, index) => {
        const x = left;
        const width = Math.min(widths[index] ?? 0, 100 - x);
        left += width;
        return <rect key={part.series} className={part.series} x={`${x}%`} width={`${width}%`} height="100%" />;
      })}
      {markAt === undefined || markAt >= 100 ? null : (
        <line className="mark" x1={`${markAt}%`} x2={`${markAt}%`} y1="0" y2="100%" />
      )}
    </svg>
  );
}

const COLUMN_HEIGHT = 56;

/** One column of the ageing. What is not zero stays visible. */
export function Column({ share, series }: { share: number; series: Part['series'] }) {
  const height = share > 0 ? Math.max(2, (share / 100) * COLUMN_HEIGHT) : 0;
  return (
    <svg className="column" aria-hidden="true">
      <rect className={series} width="100%" height={height} y={COLUMN_HEIGHT - height} rx="3" />
    </svg>
  );
}

import type { LoadProgressView } from '../../../server/contract/settings.ts';
import { formatCount, wholePercent } from '../../shared/format/figures.ts';
import { settledCount } from '../../shared/settings/load-state.ts';
import { Ago } from '../../shared/ui/age.tsx';
import { StackedBar } from '../../shared/ui/bars.tsx';
import { Chip, type Tone } from '../../shared/ui/notice.tsx';

const NAMES = { partners: 'Customers', items: 'Items and prices' } as const;

const STATES = {
  not_started: { tone: 'plain', words: 'Waiting to start' },
  reading: { tone: 'plain', words: 'Reading SAP' },
  writing: { tone: 'plain', words: 'Writing to Pipedrive' },
  done: { tone: 'good', words: 'Loaded' },
} as const satisfies Record<LoadProgressView['state'], { tone: Tone; words: string }>;

/** How far customers and items are on their way from SAP. */
export function LoadSection({ streams }: { streams: readonly LoadProgressView[] }) {
  if (streams.length === 0) return null;
  return (
    <section aria-label="From SAP to Pipedrive">
      <h2>From SAP to Pipedrive</h2>
      <ul className="rows">
        {streams.map((stream) => (
          <Stream key={stream.stream} stream={stream} />
        ))}
      </ul>
    </section>
  );
}

function Stream({ stream }: { stream: LoadProgressView }) {
  const { tone, words } = STATES[stream.state];
  return (
    <li className="row flow">
      <strong>{NAMES[stream.stream]}</strong>
      <div>
        <span>{countsOf(stream)}</span>
        {stream.state === 'done' || stream.state === 'not_started' ? null : <Progress stream={stream} />}
      </div>
      <span className="soft">{stream.finishedAt === null ? '' : <Ago instant={stream.finishedAt} />}</span>
      <Chip tone={tone}>{words}</Chip>
    </li>
  );
}

function countsOf(stream: LoadProgressView): string {
  const { state, expected, read, written, unchanged, waiting } = stream;
  const parts: string[] = [];
  if (state === 'not_started') return expected === null ? 'Not counted yet' : `${formatCount(expected)} in SAP`;
  if (state !== 'done') {
    const count = state === 'reading' ? read : settledCount(stream);
    parts.push(expected === null ? formatCount(count) : `${formatCount(count)} of ${formatCount(expected)}`);
  }
  parts.push(`${formatCount(written)} written`, `${formatCount(unchanged)} unchanged`);
  if (waiting > 0) parts.push(`${formatCount(waiting)} wait for a decision`);
  return parts.join(' · ');
}

/** Without an expected number nothing is drawn. */
function Progress({ stream }: { stream: LoadProgressView }) {
  const { expected, read, state, stream: name } = stream;
  if (expected === null || expected === 0) return null;
  const count = state === 'reading' ? read : settledCount(stream);
  return (
    <div
      role="progressbar"
      aria-label={NAMES[name]}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={wholePercent(count, expected)}
    >
      <StackedBar parts={[{ series: 'done', amount: String(count) }]} whole={String(expected)} />
    </div>
  );
}

import type { VerdictView } from '../../../server/contract/panel.ts';
import type { Tone } from '../ui/notice.tsx';

const TONES = {
  ship: 'good',
  ship_part: 'warning',
  hold: 'bad',
  unknown: 'plain',
} as const satisfies Record<VerdictView['verdict'], Tone>;

/** May it be sold and shipped? The first thing one sees. */
export function Verdict({ verdict }: { verdict: VerdictView }) {
  return (
    <section aria-label="Verdict" className="verdict-section">
      <div className={`verdict ${TONES[verdict.verdict]}`}>
        <h2>{verdict.title}</h2>
        {verdict.reasons.length === 0 ? null : (
          <ul>
            {verdict.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

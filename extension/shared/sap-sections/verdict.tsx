import type { Section } from '../../../server/contract/common.ts';
import type { CustomerView, VerdictView } from '../../../server/contract/panel.ts';
import type { Tone } from '../ui/notice.tsx';

const TONES = {
  ship: 'good',
  ship_part: 'warning',
  hold: 'bad',
  unknown: 'plain',
} as const satisfies Record<VerdictView['verdict'], Tone>;

interface VerdictProps {
  readonly verdict: VerdictView;
  /** The section below; where it gives the only reason itself, it is not said twice. */
  readonly customer: Section<CustomerView>;
}

/** May it be sold and shipped? The first thing one sees. */
export function Verdict({ verdict, customer }: VerdictProps) {
  const reasons = verdict.reasons.filter((reason) => customer.status !== 'not_linked' || reason !== customer.reason);
  return (
    <section aria-label="Verdict" className="verdict-section">
      <div className={`verdict ${TONES[verdict.verdict]}`}>
        <h2>{verdict.title}</h2>
        {reasons.length === 0 ? null : (
          <ul>
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

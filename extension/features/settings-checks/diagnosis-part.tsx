import type { DiagnosisStepView, DiagnosisView } from '../../../server/contract/sap-checks.ts';
import { countOf } from '../../shared/format/figures.ts';
import { Ago } from '../../shared/ui/age.tsx';
import { More } from '../../shared/ui/more.tsx';
import { Chip, type Tone } from '../../shared/ui/notice.tsx';
import { Skeleton } from '../../shared/ui/skeleton.tsx';
import { useFocusOnArrival } from '../../shared/ui/use-focus-on-arrival.ts';

/** What the check found; while it runs, the room that its answer will take. */
export function DiagnosisPart({ diagnosis }: { diagnosis: DiagnosisView | null }) {
  if (!diagnosis) return <Skeleton says="Checking the connection" blocks={['rows', 'rows', 'rows']} />;
  return <Found key={diagnosis.at} diagnosis={diagnosis} />;
}

function Found({ diagnosis: { at, summary, steps } }: { diagnosis: DiagnosisView }) {
  const heading = useFocusOnArrival<HTMLParagraphElement>();
  const needed = NEEDED.flatMap((verdict) => steps.filter((step) => step.verdict === verdict));
  const rest = steps.filter((step) => !needed.includes(step));
  return (
    <>
      <p ref={heading} tabIndex={-1}>
        <strong>{summary}</strong>{' '}
        <span className="soft small">
          <Ago instant={at} />
        </span>
      </p>
      {needed.length === 0 ? null : <Steps steps={needed} />}
      {rest.length === 0 ? null : (
        <More title={`${countOf(rest.length, 'step', 'steps')} without a remark`}>
          <Steps steps={rest} />
        </More>
      )}
    </>
  );
}

type Verdict = DiagnosisStepView['verdict'];

/** What somebody should read, the worst first; the rest is folded away. */
const NEEDED = ['wrong', 'note'] as const satisfies readonly Verdict[];
const TONES = { wrong: 'bad', note: 'warning', fine: 'good', skipped: 'plain' } as const satisfies Record<
  Verdict,
  Tone
>;
const WORDS = { wrong: 'Wrong', note: 'To know', fine: 'Fine', skipped: 'Skipped' } as const satisfies Record<
  Verdict,
  string
>;

function Steps({ steps }: { steps: readonly DiagnosisStepView[] }) {
  return (
    <ul className="checks">
      {steps.map((step) => (
        <Step key={step.step} step={step} />
      ))}
    </ul>
  );
}

function Step({ step }: { step: DiagnosisStepView }) {
  const { title, verdict, sentence, why, who, action, details } = step;
  return (
    <li className="row">
      <Chip tone={TONES[verdict]}>{WORDS[verdict]}</Chip>
      <div>
        <strong>{title}</strong>
        <p>{sentence}</p>
        {why === null ? null : <p className="soft">{why}</p>}
        {action === null ? null : (
          <p>
            {who === null ? null : <span className="soft">{who}: </span>}
            {action}
          </p>
        )}
        {details.length === 0 ? null : (
          <details className="more">
            <summary>Details</summary>
            <ul className="soft small">
              {details.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  );
}

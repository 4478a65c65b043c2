import type { HandoffView, SendView } from '../../../server/contract/panel.ts';
import { formatMoney } from '../../shared/format/figures.ts';
import { formatDay } from '../../shared/format/times.ts';
import { OutsideLink } from '../../shared/ui/button.tsx';
import { Chip, type Tone } from '../../shared/ui/notice.tsx';
import { ProblemList } from '../../shared/ui/problem-list.tsx';

const STATUS = {
  open: { tone: 'plain', words: 'Open' },
  closed: { tone: 'plain', words: 'Closed' },
  cancelled: { tone: 'bad', words: 'Cancelled in SAP' },
  waiting_for_approval: { tone: 'warning', words: 'Waiting for approval' },
  rejected: { tone: 'bad', words: 'Not approved' },
} as const satisfies Record<NonNullable<HandoffView['documentStatus']>, { tone: Tone; words: string }>;

/** What stands in SAP for this deal, and what comes next. */
export function DocumentsSection({ handoffs, send }: { handoffs: readonly HandoffView[]; send: SendView }) {
  return (
    <section aria-label="In SAP">
      <h2>In SAP</h2>
      <ol className="steps">
        {handoffs.map((handoff) => (
          <Document key={handoff.id} handoff={handoff} />
        ))}
        {handoffs.length === 0 ? (
          <li className="next soft">
            {send.action === 'not_allowed'
              ? 'Nothing in SAP yet'
              : 'Nothing in SAP yet. The sales order is made when you send the deal.'}
          </li>
        ) : null}
      </ol>
    </section>
  );
}

function Document({ handoff }: { handoff: HandoffView }) {
  const { document, docNum, sentence, problems, link } = handoff;
  if (docNum === null || document === null) {
    const wrong = handoff.state === 'needs_attention';
    return (
      <li className={wrong ? 'wrong' : 'next'}>
        {sentence}
        <ProblemList problems={problems} />
      </li>
    );
  }
  const status = handoff.documentStatus ? STATUS[handoff.documentStatus] : null;
  const name = `${document === 'draft' ? 'Order draft' : 'Sales order'} ${docNum}`;
  return (
    <li className={status?.tone === 'bad' ? 'wrong' : 'done'}>
      <span className="pair top">
        <span>
          {link === null ? name : <OutsideLink href={link}>{name}</OutsideLink>}
          <span className="soft">{factsOf(handoff)}</span>
        </span>
        {status ? <Chip tone={status.tone}>{status.words}</Chip> : null}
      </span>
      <ProblemList problems={problems} />
    </li>
  );
}

function factsOf({ total, date }: HandoffView): string {
  const facts = [total && formatMoney(total), date && formatDay(date)].filter((fact): fact is string => Boolean(fact));
  return facts.map((fact) => ` · ${fact}`).join('');
}

import type { Section } from '../../../server/contract/common.ts';
import type { CreditView } from '../../../server/contract/panel.ts';
import { formatMoney, isNegative, withoutSign } from '../format/figures.ts';
import { type Part, StackedBar } from '../ui/bars.tsx';
import { Chip, type Tone } from '../ui/notice.tsx';
import { SapSection } from '../ui/sap-section.tsx';

const STATUS = {
  within_limit: { tone: 'good', words: 'Within limit' },
  over_limit: { tone: 'bad', words: 'Over limit' },
  on_hold: { tone: 'bad', words: 'On hold' },
  no_limit: { tone: 'plain', words: 'No limit set' },
} as const satisfies Record<CreditView['status'], { tone: Tone; words: string }>;

interface CreditSectionProps {
  readonly credit: Section<CreditView>;
  readonly onRetry: () => void;
  readonly repeats: boolean;
}

export function CreditSection({ credit, onRetry, repeats }: CreditSectionProps) {
  return (
    <SapSection name="Credit" title={() => 'Credit'} section={credit} onRetry={onRetry} repeats={repeats}>
      {(data) => <Credit credit={data} />}
    </SapSection>
  );
}

function Credit({ credit }: { credit: CreditView }) {
  const { tone, words } = STATUS[credit.status];
  return (
    <>
      <div className="pair">
        <Headline credit={credit} />
        <Chip tone={tone}>{words}</Chip>
      </div>
      {credit.limit ? <StackedBar parts={partsOf(credit)} whole={wholeOf(credit)} mark={credit.limit.amount} /> : null}
      <dl className="legend">
        <dt className="key balance">Balance</dt>
        <dd>{formatMoney(credit.balance)}</dd>
        <dt className="key orders">Open orders</dt>
        <dd>{formatMoney(credit.openOrders)}</dd>
        {credit.thisDeal ? (
          <>
            <dt className="key deal">This deal, with tax</dt>
            <dd>{formatMoney(credit.thisDeal)}</dd>
          </>
        ) : null}
        {credit.limit ? (
          <>
            <dt className="key limit">Limit</dt>
            <dd>{formatMoney(credit.limit)}</dd>
          </>
        ) : null}
      </dl>
      {credit.note === null ? null : <p className="note">{credit.note}</p>}
    </>
  );
}

function Headline({ credit: { headroom, thisDeal, limit } }: { credit: CreditView }) {
  if (headroom === null)
    return <span>{limit === null ? 'SAP has no limit for this customer' : 'Cannot be worked out'}</span>;
  const over = isNegative(headroom);
  const words = over ? 'over the limit' : 'left';
  const when = thisDeal === null ? '' : over ? ' with this deal' : ' after this deal';
  return (
    <span>
      <strong className="figure">{formatMoney(withoutSign(headroom))}</strong>{' '}
      <span className="soft">
        {words}
        {when}
      </span>
    </span>
  );
}

function partsOf({ balance, openOrders, thisDeal }: CreditView): Part[] {
  const parts: Part[] = [
    { series: 'balance', amount: balance.amount },
    { series: 'orders', amount: openOrders.amount },
  ];
  return thisDeal ? [...parts, { series: 'deal', amount: thisDeal.amount }] : parts;
}

/** The bar ends at the limit, or where the parts end if that is further. For drawing only. */
function wholeOf(credit: CreditView): string {
  const used = partsOf(credit).reduce((sum, part) => sum + Math.max(0, Number(part.amount)), 0);
  return String(Math.max(used, Number(credit.limit?.amount ?? 0)));
}

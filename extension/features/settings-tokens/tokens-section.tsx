import type { TokensView } from '../../../server/contract/tokens.ts';
import { costWords, formatCount } from '../../shared/format/figures.ts';
import { useServerNow } from '../../shared/runtime/runtime.ts';
import { StackedBar } from '../../shared/ui/bars.tsx';
import { More } from '../../shared/ui/more.tsx';
import { CLASSES, headline, outlook, sourceNote, startsAnew } from './token-words.ts';
import { TokensForm } from './tokens-form.tsx';

interface TokensSectionProps {
  readonly tokens: TokensView;
  readonly mayChange: boolean;
}

/** Pipedrive counts what all apps of the company read and write in a day. */
export function TokensSection({ tokens, mayChange }: TokensSectionProps) {
  const sentence = outlook(tokens, useServerNow());
  const note = sourceNote(tokens);
  const { comparison } = tokens.quotes;
  return (
    <section aria-label="Pipedrive budget">
      <h2>
        Pipedrive budget today <small>{startsAnew(tokens)}</small>
      </h2>
      <Headline tokens={tokens} />
      <Use tokens={tokens} />
      {sentence === null ? null : <p>{sentence}</p>}
      {note === null ? null : <p className="soft small">{note}</p>}
      {comparison === null ? null : (
        <p className="soft small">Comparing all records every night takes about {costWords(comparison, tokens)}.</p>
      )}
      {mayChange ? (
        <PlanPart tokens={tokens} />
      ) : (
        <p className="soft small">Background work may take {tokens.backgroundPercent} % of the day.</p>
      )}
    </section>
  );
}

/** Folded away, unless the limit depends on what is said here. */
function PlanPart({ tokens }: { tokens: TokensView }) {
  if (tokens.source !== 'unknown') {
    return (
      <More title="Plan, seats and background work">
        <TokensForm tokens={tokens} />
      </More>
    );
  }
  return (
    <>
      <h3>Tell us your plan</h3>
      <TokensForm tokens={tokens} />
    </>
  );
}

function Headline({ tokens }: { tokens: TokensView }) {
  const { figure, rest } = headline(tokens);
  return (
    <p>
      <strong className="figure">{figure}</strong> <span className="soft">{rest}</span>
    </p>
  );
}

function Use({ tokens }: { tokens: TokensView }) {
  const { classes, dailyLimit, keptForOrders, othersKnown, remaining } = tokens;
  const shown = classes.filter(({ name, tokens: used }) => (name === 'others' ? othersKnown : used > 0));
  const parts = shown.map(({ name, tokens: used }) => ({ series: CLASSES[name].series, amount: String(used) }));
  return (
    <>
      {dailyLimit === null ? null : (
        <StackedBar
          parts={parts}
          whole={String(dailyLimit)}
          mark={keptForOrders === null ? null : String(dailyLimit - keptForOrders)}
        />
      )}
      <dl className="legend">
        {shown.map(({ name, tokens: used }) => (
          <Row
            key={name}
            mark={dailyLimit === null ? 'soft' : `key ${CLASSES[name].series}`}
            words={CLASSES[name].words}
            count={used}
          />
        ))}
        {remaining === null ? null : <Row mark="key limit" words="Left for all apps" count={remaining} />}
        {keptForOrders === null || remaining === null ? null : (
          <Row mark="soft" words="Of that kept for orders" count={Math.min(keptForOrders, remaining)} />
        )}
      </dl>
    </>
  );
}

function Row({ mark, words, count }: { mark: string; words: string; count: number }) {
  return (
    <>
      <dt className={mark}>{words}</dt>
      <dd>{formatCount(count)}</dd>
    </>
  );
}

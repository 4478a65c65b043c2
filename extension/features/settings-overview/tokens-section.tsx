import type { SettingsView } from '../../../server/contract/settings.ts';
import { formatCount, wholePercent } from '../../shared/format/figures.ts';
import { StackedBar } from '../../shared/ui/bars.tsx';

/** Pipedrive counts what all apps of the company read and write in a day. */
export function TokensSection({ tokens }: { tokens: SettingsView['tokens'] }) {
  const { spentToday, dailyLimit, remaining } = tokens;
  return (
    <section aria-label="Pipedrive tokens today">
      <h2>Pipedrive tokens today</h2>
      {dailyLimit === null ? (
        <p>
          <strong className="figure">{formatCount(spentToday)}</strong>{' '}
          <span className="soft">used by this app; the company’s limit is not known yet</span>
        </p>
      ) : (
        <>
          <p>
            <strong className="figure">{wholePercent(spentToday, dailyLimit)} %</strong>{' '}
            <span className="soft">of the day used by this app</span>
          </p>
          <StackedBar parts={[{ series: 'balance', amount: String(spentToday) }]} whole={String(dailyLimit)} />
          <dl className="legend">
            <dt className="key balance">This app</dt>
            <dd>{formatCount(spentToday)}</dd>
            {remaining === null ? null : (
              <>
                <dt className="soft">Left for all apps</dt>
                <dd>{formatCount(remaining)}</dd>
              </>
            )}
            <dt className="key limit">The company’s day</dt>
            <dd>{formatCount(dailyLimit)}</dd>
          </dl>
        </>
      )}
    </section>
  );
}

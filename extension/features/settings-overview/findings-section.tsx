import { type ReactNode, useState } from 'react';
import type { FindingView, SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { countOf, formatCount } from '../../shared/format/figures.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import type { Place } from '../../shared/sdk/host.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Ago } from '../../shared/ui/age.tsx';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { useFocusOnChange } from '../../shared/ui/use-focus-on-change.ts';

const WORDS = {
  deal: 'Open deal',
  organization: 'Open organization',
  person: 'Open person',
} as const;

/** More than these push the rest of the page out of sight. */
const FIRST = 5;

interface FindingsSectionProps {
  readonly findings: SettingsView['findings'];
  readonly mayChange: boolean;
}

/** What a person should look at, each with what to do. */
export function FindingsSection({ findings, mayChange }: FindingsSectionProps) {
  const [all, setAll] = useState(false);
  const shown = all ? findings.list : findings.list.slice(0, FIRST);
  const folded = findings.list.length - shown.length;
  const more = findings.open - findings.list.length;
  const heading = useFocusOnChange<HTMLHeadingElement>(shown.map(({ id }) => id).join());
  const done = useSettingsChange<string>((api, id) =>
    api.post(`/api/settings/findings/${encodeURIComponent(id)}/dismiss`, {}, isSettings),
  );
  const goOn = useSettingsChange<string>((api, seenAt) =>
    api.post('/api/settings/comparison/approve', { seenAt }, isSettings),
  );
  return (
    <section aria-label="Needs you">
      <h2 ref={heading} tabIndex={-1}>
        Needs you
      </h2>
      {done.error ? <FormFailure error={done.error} /> : null}
      {goOn.error ? <FormFailure error={goOn.error} /> : null}
      {findings.list.length === 0 ? (
        <p className="soft">Nothing at the moment.</p>
      ) : (
        <ul className="rows">
          {shown.map((finding) => (
            <Finding key={finding.id} finding={finding}>
              {mayChange && finding.mayGoOn ? (
                <Button
                  off={goOn.isRunning}
                  label={`Go on: ${finding.message}`}
                  onPress={() => goOn.run(finding.lastSeenAt)}
                >
                  Go on
                </Button>
              ) : null}
              {mayChange ? (
                <Button off={done.isRunning} label={`Done: ${finding.message}`} onPress={() => done.run(finding.id)}>
                  Done
                </Button>
              ) : null}
            </Finding>
          ))}
        </ul>
      )}
      {folded > 0 ? (
        <Button kind="quiet" onPress={() => setAll(true)}>
          Show all {formatCount(findings.list.length)}
        </Button>
      ) : null}
      {more > 0 && folded === 0 ? (
        <p className="note">{countOf(more, 'more thing waits', 'more things wait')} behind these.</p>
      ) : null}
    </section>
  );
}

function Finding({ finding, children }: { finding: FindingView; children: ReactNode }) {
  const { host } = useRuntime();
  const place = placeOf(finding.link);
  return (
    <li className="row find">
      <div>
        <strong>{finding.message}</strong>
        <p className="soft">{finding.action}</p>
        <p className="soft small">
          {finding.count > 1 ? `${formatCount(finding.count)} times, last ` : 'Seen '}
          <Ago instant={finding.lastSeenAt} />
        </p>
      </div>
      <div className="buttons">
        {place === null ? null : (
          <Button onPress={() => void host.open(place).catch(() => undefined)}>{WORDS[place.resource]}</Button>
        )}
        {children}
      </div>
    </li>
  );
}

/** A link to these very settings leads nowhere new. */
function placeOf(link: FindingView['link']): Extract<Place, { id: number }> | null {
  if (link === null || link.resource === 'settings' || link.id === null) return null;
  return { resource: link.resource, id: link.id };
}

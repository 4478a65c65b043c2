import type { FindingView, SettingsView } from '../../../server/contract/settings.ts';
import { countOf, formatCount } from '../../shared/format/figures.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import type { Place } from '../../shared/sdk/host.ts';
import { Ago } from '../../shared/ui/age.tsx';
import { Button } from '../../shared/ui/button.tsx';

const WORDS = {
  deal: 'Open deal',
  organization: 'Open organization',
  person: 'Open person',
} as const;

/** What a person should look at, each with what to do. */
export function FindingsSection({ findings }: { findings: SettingsView['findings'] }) {
  const more = findings.open - findings.list.length;
  return (
    <section aria-label="Needs you">
      <h2>Needs you</h2>
      {findings.list.length === 0 ? (
        <p className="soft">Nothing at the moment.</p>
      ) : (
        <ul className="rows">
          {findings.list.map((finding) => (
            <Finding key={finding.id} finding={finding} />
          ))}
        </ul>
      )}
      {more > 0 ? <p className="note">{countOf(more, 'more thing waits', 'more things wait')} behind these.</p> : null}
    </section>
  );
}

function Finding({ finding }: { finding: FindingView }) {
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
      {place === null ? null : (
        <Button onPress={() => void host.open(place).catch(() => undefined)}>{WORDS[place.resource]}</Button>
      )}
    </li>
  );
}

/** A link to these very settings leads nowhere new. */
function placeOf(link: FindingView['link']): Extract<Place, { id: number }> | null {
  if (link === null || link.resource === 'settings' || link.id === null) return null;
  return { resource: link.resource, id: link.id };
}

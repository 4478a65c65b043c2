import type { SettingsView } from '../../../server/contract/settings.ts';
import { OutsideLink } from '../../shared/ui/button.tsx';
import { peopleSentences } from './people-words.ts';

/** Pipedrive shows the panels only to people who installed the app themselves. */
export function PeopleSection({ people }: { people: SettingsView['people'] }) {
  const { installed, installUrl } = people;
  return (
    <section aria-label="People">
      <h2>People</h2>
      {installed.length === 0 ? null : (
        <p>
          {installed.join(', ')} {installed.length === 1 ? 'has' : 'have'} the app.
        </p>
      )}
      {peopleSentences(people).map((sentence) => (
        <p key={sentence} className="soft">
          {sentence}
        </p>
      ))}
      <p className="address">
        <OutsideLink href={installUrl}>{installUrl}</OutsideLink>
      </p>
    </section>
  );
}

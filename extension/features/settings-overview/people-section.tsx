import type { SettingsView } from '../../../server/contract/settings.ts';
import { OutsideLink } from '../../shared/ui/button.tsx';

/** Pipedrive shows the panels only to people who installed the app themselves. */
export function PeopleSection({ people }: { people: SettingsView['people'] }) {
  const { installed, notInstalled, installUrl } = people;
  return (
    <section aria-label="People">
      <h2>People</h2>
      {installed.length === 0 ? null : (
        <p>
          {installed.join(', ')} {installed.length === 1 ? 'has' : 'have'} the app.
        </p>
      )}
      {notInstalled.length === 0 ? (
        <p className="soft">Everybody in Pipedrive has it.</p>
      ) : (
        <>
          <p className="soft">Not yet: {notInstalled.join(', ')}. Each installs it once with this link.</p>
          <p className="address">
            <OutsideLink href={installUrl}>{installUrl}</OutsideLink>
          </p>
        </>
      )}
    </section>
  );
}

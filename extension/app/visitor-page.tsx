import type { VisitorSettingsView } from '../../server/contract/settings.ts';
import { PeopleSection } from '../features/settings-overview/people-section.tsx';
import { Notice } from '../shared/ui/notice.tsx';
import { SettingsHead } from './settings-head.tsx';

/** For people who are no admins of Pipedrive: how it stands, whom to ask, and how to install. */
export function VisitorPage({ view }: { view: VisitorSettingsView }) {
  return (
    <>
      <SettingsHead view={view} facts={[view.companyName]} stage="visitor">
        {view.myAccess === 'refused' ? null : <Notice tone="plain">{whomToAsk(view.admins)}</Notice>}
      </SettingsHead>
      <PeopleSection people={view.people} />
    </>
  );
}

function whomToAsk(admins: readonly string[]): string {
  const why = 'Only admins of Pipedrive see and change the settings, because they concern the whole company.';
  return admins.length === 0
    ? `${why} None of them has the app yet: ask one to install it.`
    : `${why} Ask an admin: ${admins.join(', ')}.`;
}

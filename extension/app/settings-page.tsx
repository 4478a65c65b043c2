import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SettingsView } from '../../server/contract/settings.ts';
import { ChecksSection } from '../features/settings-checks/checks-section.tsx';
import { ConnectionSection } from '../features/settings-connect/connection-section.tsx';
import { ConsentStep } from '../features/settings-consent/consent-step.tsx';
import { KeyFieldPart } from '../features/settings-consent/key-field-part.tsx';
import { DataSection } from '../features/settings-data/data-section.tsx';
import { RemovalPage } from '../features/settings-data/removal-page.tsx';
import { HandoffSwitch } from '../features/settings-handoff/handoff-switch.tsx';
import { NotificationsSection } from '../features/settings-notifications/notifications-section.tsx';
import { FindingsSection } from '../features/settings-overview/findings-section.tsx';
import { LoadSection } from '../features/settings-overview/load-section.tsx';
import { PeopleSection } from '../features/settings-overview/people-section.tsx';
import { PreferencesSection } from '../features/settings-preferences/preferences-section.tsx';
import { TokensSection } from '../features/settings-tokens/tokens-section.tsx';
import { countOf } from '../shared/format/figures.ts';
import { useRuntime, useVisible } from '../shared/runtime/runtime.ts';
import { isLoading } from '../shared/settings/load-state.ts';
import { settingsQuery } from '../shared/settings/settings-query.ts';
import { FailureNotice, FailurePage } from '../shared/ui/failure-view.tsx';
import { Skeleton } from '../shared/ui/skeleton.tsx';
import { useTopOnChange } from '../shared/ui/use-top-on-change.ts';
import { SettingsHead } from './settings-head.tsx';
import { isSetUp, stageOf } from './setup-state.ts';
import { SetupSteps } from './setup-steps.tsx';
import { VisitorPage } from './visitor-page.tsx';

const POLL_MS = 3_000;

/** One sentence on top, then either the steps that are left or how everything stands. */
export function SettingsPage() {
  const { api } = useRuntime();
  const visible = useVisible();
  const [removing, setRemoving] = useState(false);
  const { data, error, isFetching, refetch } = useQuery({
    ...settingsQuery(api),
    enabled: !removing,
    refetchInterval: ({ state }) => (visible && state.data?.mayChange && isLoading(state.data) ? POLL_MS : false),
  });
  useTopOnChange(data ? (data.mayChange ? (isSetUp(data) ? 'overview' : 'setup') : 'visitor') : null);
  const retry = () => void refetch();
  if (removing) return <RemovalPage />;
  if (!data) {
    return (
      <main>
        {error ? (
          <FailurePage heading="h1" error={error} onRetry={retry} retrying={isFetching} />
        ) : (
          <Skeleton says="Reading the settings" blocks={['heading', 'rows', 'rows', 'rows']} />
        )}
      </main>
    );
  }
  return (
    <main>
      {error ? <FailureNotice error={error} onRetry={retry} retrying={isFetching} /> : null}
      {data.mayChange ? <AdminPage view={data} /> : <VisitorPage view={data} />}
      <DataSection view={data} onRemoving={() => setRemoving(true)} />
    </main>
  );
}

function AdminPage({ view }: { view: SettingsView }) {
  return (
    <>
      <SettingsHead view={view} facts={factsOf(view)} stage={stageOf(view)} />
      {isSetUp(view) ? <Overview view={view} /> : <SetupSteps view={view} />}
      <NotificationsSection notifications={view.notifications} />
    </>
  );
}

function factsOf({ companyName, connection, people }: SettingsView): readonly string[] {
  return [
    companyName,
    connection === null ? 'SAP not connected yet' : `SAP “${connection.companyName}”`,
    `used by ${countOf(people.installed.length, 'person', 'people')}`,
  ];
}

function Overview({ view }: { view: SettingsView }) {
  const { findings, firstLoad, tokens, people, connection, mayChange, preferences } = view;
  // What has stopped comes first.
  const troubled = connection !== null && connection.state !== 'connected';
  return (
    <>
      {troubled ? <ConnectionSection connection={connection} mayChange={mayChange} /> : null}
      <FindingsSection findings={findings} mayChange={mayChange} />
      <LoadSection streams={firstLoad.streams} />
      <section aria-label="From Pipedrive to SAP">
        <h2>From Pipedrive to SAP</h2>
        <HandoffSwitch view={view} />
        <KeyFieldPart view={view} />
        {mayChange && !view.consent.erpField ? <ConsentStep view={view} /> : null}
      </section>
      <div className="two">
        <TokensSection tokens={tokens} mayChange={mayChange} />
        <PeopleSection people={people} />
      </div>
      <div className="two">
        {connection === null || troubled ? null : <ConnectionSection connection={connection} mayChange={mayChange} />}
        <PreferencesSection key={connection?.id} preferences={preferences} tokens={tokens} mayChange={mayChange} />
      </div>
      {connection === null ? null : <ChecksSection key={connection.id} mayChange={mayChange} />}
    </>
  );
}

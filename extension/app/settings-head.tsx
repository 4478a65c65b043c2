import type { SettingsView } from '../../server/contract/settings.ts';
import { countOf } from '../shared/format/figures.ts';
import { OutsideLink } from '../shared/ui/button.tsx';
import { Notice } from '../shared/ui/notice.tsx';
import { useFocusOnChange } from '../shared/ui/use-focus-on-change.ts';

interface SettingsHeadProps {
  readonly view: SettingsView;
  /** Changes when the page moves on to its next step. */
  readonly stage: string;
}

export function SettingsHead({ view, stage }: SettingsHeadProps) {
  const heading = useFocusOnChange<HTMLHeadingElement>(stage);
  const { health, pipedrive, mayChange } = view;
  return (
    <header>
      <h1 ref={heading} tabIndex={-1}>
        {health.sentence}
      </h1>
      <p className="soft">{factsOf(view)}</p>
      {pipedrive.state === 'connected' ? null : (
        <Notice tone="bad" title="Pipedrive no longer accepts this app’s access">
          <p>Nothing arrives and nothing is sent until somebody connects it again.</p>
          <OutsideLink href={pipedrive.reconnectUrl} look="primary">
            Connect Pipedrive again
          </OutsideLink>
        </Notice>
      )}
      {mayChange ? null : (
        <Notice tone="plain">
          You can see everything here. Only admins of Pipedrive can change it, because it concerns the whole company.
        </Notice>
      )}
    </header>
  );
}

function factsOf({ companyName, connection, people }: SettingsView): string {
  const facts = [
    companyName,
    connection === null ? 'SAP not connected yet' : `SAP “${connection.companyName}”`,
    `used by ${countOf(people.installed.length, 'person', 'people')}`,
  ];
  return facts.join(' · ');
}

import type { ReactNode } from 'react';
import type { SettingsAnswer } from '../../server/contract/settings.ts';
import { OutsideLink } from '../shared/ui/button.tsx';
import { Notice } from '../shared/ui/notice.tsx';
import { useFocusOnChange } from '../shared/ui/use-focus-on-change.ts';

interface SettingsHeadProps {
  readonly view: Pick<SettingsAnswer, 'health' | 'pipedrive' | 'myAccess'>;
  /** Below the sentence, side by side. */
  readonly facts: readonly string[];
  /** Changes when the page moves on to its next step. */
  readonly stage: string;
  /** What else belongs to the sentence. */
  readonly children?: ReactNode;
}

export function SettingsHead({ view, facts, stage, children }: SettingsHeadProps) {
  const heading = useFocusOnChange<HTMLHeadingElement>(stage);
  const { health, pipedrive, myAccess } = view;
  return (
    <header>
      <h1 ref={heading} tabIndex={-1}>
        {health.sentence}
      </h1>
      <p className="soft">{facts.join(' · ')}</p>
      {pipedrive.state === 'connected' ? null : (
        <Notice tone="bad" title="Pipedrive no longer accepts this app’s access">
          <p>Nothing arrives and nothing is sent until somebody connects it again.</p>
          <OutsideLink href={pipedrive.reconnectUrl} look="primary">
            Connect Pipedrive again
          </OutsideLink>
        </Notice>
      )}
      {pipedrive.state === 'connected' && myAccess === 'refused' ? (
        <Notice tone="bad" title="Install it again">
          <p>
            For your colleagues it goes on. Install it again to see the panels, and the settings if you are an admin.
          </p>
          <OutsideLink href={pipedrive.reconnectUrl} look="primary">
            Install the app again
          </OutsideLink>
        </Notice>
      ) : null}
      {children}
    </header>
  );
}

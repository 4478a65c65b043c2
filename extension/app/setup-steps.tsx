import type { ReactNode } from 'react';
import type { SettingsView } from '../../server/contract/settings.ts';
import { ChecksSection } from '../features/settings-checks/checks-section.tsx';
import { ConnectStep } from '../features/settings-connect/connect-step.tsx';
import { ConsentStep } from '../features/settings-consent/consent-step.tsx';
import { KeyFieldPart } from '../features/settings-consent/key-field-part.tsx';
import { HandoffSwitch } from '../features/settings-handoff/handoff-switch.tsx';
import { FindingsSection } from '../features/settings-overview/findings-section.tsx';
import { LoadSection } from '../features/settings-overview/load-section.tsx';
import { CheckIcon } from '../shared/ui/icons.tsx';
import { type StepState, stepStates } from './setup-state.ts';

/** The way from nothing to running, one thing at a time. */
export function SetupSteps({ view }: { view: SettingsView }) {
  const states = stepStates(view);
  return (
    <>
      <ol className="setup">
        <Step number={1} title="Connect SAP" state={states.connect}>
          {states.connect === 'done' ? <ConnectedTo view={view} /> : <ConnectIfAdmin view={view} />}
        </Step>
        <Step number={2} title="Agree to new fields" state={states.consent}>
          {states.consent === 'done' ? (
            <p className="soft">The fields are agreed to.</p>
          ) : states.consent === 'later' ? (
            <p className="soft">You see each field by name before anything is added, and what the first load costs.</p>
          ) : (
            <IfAdmin view={view}>
              <ConsentStep key={String(view.consent.crmFields)} view={view} />
            </IfAdmin>
          )}
        </Step>
        <Step number={3} title="Send orders" state={states.handoff}>
          {states.handoff === 'later' ? (
            <p className="soft">
              Off until you switch it on; a company that you connect again keeps its switch as it was. Nothing won
              before it was switched on is sent by itself.
            </p>
          ) : (
            <>
              <KeyFieldPart view={view} />
              <HandoffSwitch view={view} />
            </>
          )}
        </Step>
      </ol>
      {view.consent.crmFields ? <LoadSection streams={view.firstLoad.streams} /> : null}
      {view.findings.list.length > 0 ? <FindingsSection findings={view.findings} mayChange={view.mayChange} /> : null}
      {view.connection === null ? null : <ChecksSection key={view.connection.id} mayChange={view.mayChange} />}
    </>
  );
}

const WORDS = { done: 'Done', now: 'Next', later: 'Later' } as const satisfies Record<StepState, string>;

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly state: StepState;
  readonly children: ReactNode;
}

function Step({ number, title, state, children }: StepProps) {
  return (
    <li className={`step ${state}`} aria-current={state === 'now' ? 'step' : undefined}>
      <span className="number" aria-hidden="true">
        {state === 'done' ? <CheckIcon /> : number}
      </span>
      <section aria-label={title}>
        <h2>
          {title}
          <small>{WORDS[state]}</small>
        </h2>
        {children}
      </section>
    </li>
  );
}

function ConnectedTo({ view: { connection } }: { view: SettingsView }) {
  if (connection === null) return null;
  return (
    <p className="soft">
      “{connection.companyName}” on {connection.address}
    </p>
  );
}

function ConnectIfAdmin({ view }: { view: SettingsView }) {
  return (
    <IfAdmin view={view}>
      <ConnectStep key={view.connection?.id} known={view.connection} onDone={() => undefined} />
    </IfAdmin>
  );
}

function IfAdmin({ view, children }: { view: SettingsView; children: ReactNode }) {
  return view.mayChange ? children : <p className="soft">An admin of Pipedrive does this.</p>;
}

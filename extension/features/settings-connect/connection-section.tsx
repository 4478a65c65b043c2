import { useState } from 'react';
import type { ConnectionView } from '../../../server/contract/connection.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { Chip, Notice } from '../../shared/ui/notice.tsx';
import { ConnectStep } from './connect-step.tsx';
import { PasswordForm } from './password-form.tsx';
import { ProxyPart } from './proxy-part.tsx';
import { ConfirmChanged, TrustPart } from './trust-part.tsx';

const TROUBLE = {
  connected: null,
  password_refused:
    'SAP no longer accepts the user’s password. Nothing is read or sent until an admin enters the new one.',
  certificate_changed:
    'The server shows a certificate that was not confirmed or is not valid. Nothing is sent to it. If it is right, confirm it below; an expired one has to be renewed first. Once the server shows an accepted one again, everything goes on by itself within 15 minutes.',
} as const satisfies Record<ConnectionView['state'], string | null>;

type Open = 'password' | 'server' | null;

/** How SAP is reached, and what can be changed about it. */
export function ConnectionSection({ connection, mayChange }: { connection: ConnectionView; mayChange: boolean }) {
  const { state } = connection;
  const [open, setOpen] = useState<Open>(null);
  const trouble = TROUBLE[state];
  const toggle = (what: Open) => setOpen(open === what ? null : what);
  return (
    <section aria-label="Connection to SAP">
      <h2>
        Connection to SAP
        {trouble === null ? <Chip tone="good">Connected</Chip> : <Chip tone="bad">Stopped</Chip>}
      </h2>
      {trouble === null ? null : <Notice tone="bad">{trouble}</Notice>}
      {mayChange && state === 'certificate_changed' ? <ConfirmChanged connection={connection} /> : null}
      <Facts connection={connection} mayChange={mayChange} />
      {mayChange ? (
        <>
          <ProxyPart connection={connection} />
          <div className="buttons">
            <Button kind={state === 'password_refused' ? 'primary' : 'second'} onPress={() => toggle('password')}>
              {open === 'password' ? 'Keep the password' : 'Change the password'}
            </Button>
            <Button onPress={() => toggle('server')}>
              {open === 'server' ? 'Keep the server' : 'Change the server'}
            </Button>
            <Disconnect companyName={connection.companyName} />
          </div>
          {open === 'password' ? <PasswordForm connection={connection} onDone={() => setOpen(null)} /> : null}
          {open === 'server' ? <ConnectStep known={connection} onDone={() => setOpen(null)} /> : null}
        </>
      ) : null}
    </section>
  );
}

function Facts({ connection, mayChange }: { connection: ConnectionView; mayChange: boolean }) {
  const { address, companyName, companyDb, userName } = connection;
  return (
    <dl className="facts">
      <dt>Company</dt>
      <dd>
        {companyName} <span className="soft">({companyDb})</span>
      </dd>
      <dt>Server</dt>
      <dd>{address}</dd>
      <dt>SAP user</dt>
      <dd>{userName}</dd>
      <dt>Certificate</dt>
      <dd className="stack">
        <TrustPart connection={connection} mayChange={mayChange} />
      </dd>
    </dl>
  );
}

function Disconnect({ companyName }: { companyName: string }) {
  const { host } = useRuntime();
  const disconnect = useSettingsChange<void>((api) => api.delete('/api/settings/sap/connection', isSettings));
  const askFirst = async () => {
    const sure = await host.confirm({
      title: `Disconnect ${companyName}?`,
      description:
        'The password is forgotten and nothing is read from SAP or sent to it any more. What is already in Pipedrive and in SAP stays. If you connect this company again, “Won deals go to SAP” stands as it does now.',
      okText: 'Disconnect',
      destructive: true,
    });
    // The question took the focus to Pipedrive’s own page; the answer brings it back.
    window.focus();
    if (sure) disconnect.run();
  };
  return (
    <>
      <Button kind="danger" off={disconnect.isRunning} onPress={() => void askFirst()}>
        {disconnect.isRunning ? 'Disconnecting…' : 'Disconnect…'}
      </Button>
      {disconnect.error ? <FormFailure error={disconnect.error} /> : null}
    </>
  );
}

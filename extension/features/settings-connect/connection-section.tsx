import { useState } from 'react';
import type { SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { formatDayAndYear } from '../../shared/format/times.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { Fingerprint } from '../../shared/ui/fingerprint.tsx';
import { Chip, Notice } from '../../shared/ui/notice.tsx';
import { ConnectStep } from './connect-step.tsx';

type Connection = NonNullable<SettingsView['connection']>;

const TROUBLE = {
  connected: null,
  password_refused:
    'SAP no longer accepts the user’s password. Nothing is read or sent until an admin enters the new one.',
  certificate_changed:
    'The server shows a certificate that was not confirmed or is not valid. Nothing is sent to it until that is put right and an admin has confirmed what it then shows.',
} as const satisfies Record<Connection['state'], string | null>;

/** How SAP is reached, and its two buttons. */
export function ConnectionSection({ connection, mayChange }: { connection: Connection; mayChange: boolean }) {
  const [renewing, setRenewing] = useState(false);
  const trouble = TROUBLE[connection.state];
  return (
    <section aria-label="Connection to SAP">
      <h2>
        Connection to SAP
        {trouble === null ? <Chip tone="good">Connected</Chip> : <Chip tone="bad">Stopped</Chip>}
      </h2>
      {trouble === null ? null : <Notice tone="bad">{trouble}</Notice>}
      <Facts connection={connection} />
      {mayChange && renewing ? <ConnectStep known={connection} onDone={() => setRenewing(false)} /> : null}
      {mayChange ? (
        <div className="buttons">
          <Button kind={trouble === null ? 'second' : 'primary'} onPress={() => setRenewing(!renewing)}>
            {renewing ? 'Keep the access as it is' : 'Renew the access'}
          </Button>
          <Disconnect companyName={connection.companyName} />
        </div>
      ) : null}
    </section>
  );
}

function Facts({ connection }: { connection: Connection }) {
  const { address, companyName, companyDb, userName, trust, fingerprint, certificateValidTo } = connection;
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
      <dd>
        {trust === 'public' ? 'A public authority vouches for it' : 'Confirmed by one of you'}
        {certificateValidTo === null ? '' : `, valid until ${formatDayAndYear(certificateValidTo)}`}
        {fingerprint === null ? null : (
          <span className="soft small">
            <Fingerprint value={fingerprint} />
          </span>
        )}
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

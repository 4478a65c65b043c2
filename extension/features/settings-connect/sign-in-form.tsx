import { useState } from 'react';
import type { CertificateView, ConnectBody } from '../../../server/contract/connection.ts';
import type { SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure, problemAt } from '../../shared/ui/failure-view.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { useFocusOnArrival } from '../../shared/ui/use-focus-on-arrival.ts';
import { type MoreWays, proxyOf } from './more-ways.tsx';

const FIELDS = ['companyDb', 'userName', 'password'];

/** The one a person has just compared, and one that is known beforehand. A pasted certificate needs no comparing. */
function fingerprintsOf({ trusted, certificate }: CertificateView, { pem, nextFingerprint }: MoreWays): string[] {
  const shown = trusted || certificate === null || pem.trim() !== '' ? [] : [certificate.fingerprint];
  return nextFingerprint.trim() === '' ? shown : [...shown, nextFingerprint.trim()];
}

interface SignInFormProps {
  readonly seen: CertificateView;
  readonly more: MoreWays;
  readonly known: SettingsView['connection'];
  readonly onBack: () => void;
  readonly onDone: () => void;
}

export function SignInForm({ seen, more, known, onBack, onDone }: SignInFormProps) {
  const [companyDb, setCompanyDb] = useState(known?.companyDb ?? '');
  const [userName, setUserName] = useState(known?.userName ?? '');
  const [password, setPassword] = useState('');
  const server = useFocusOnArrival<HTMLParagraphElement>();
  const connect = useSettingsChange<void>((api) => {
    const access = { address: seen.address, companyDb, userName, password };
    const trust = { confirmedFingerprints: fingerprintsOf(seen, more), pastedPem: more.pem.trim() || null };
    const body = { ...access, ...trust, proxy: proxyOf(more) } satisfies ConnectBody;
    return api.post('/api/settings/sap/connection', body, isSettings);
  }, onDone);
  const submit = () => connect.run();
  const errorAt = (field: string) => problemAt(connect.error, field);

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!connect.isRunning) submit();
      }}
    >
      <p ref={server} tabIndex={-1}>
        <span className="soft">{vouchedBy(seen, more)}</span> {seen.address}
      </p>
      <Field
        label="Company database"
        hint="As in SAP’s own sign-in, for example SBO_PRODUCTION"
        value={companyDb}
        onChange={setCompanyDb}
        error={errorAt('companyDb')}
        maxLength={128}
      />
      <Field
        label="SAP user"
        hint="Best a user of its own for this app"
        value={userName}
        onChange={setUserName}
        error={errorAt('userName')}
        maxLength={128}
      />
      <Field
        label="Password"
        hint="Kept encrypted, never shown again"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
        error={errorAt('password')}
        maxLength={300}
      />
      {connect.error ? <FormFailure error={connect.error} fields={FIELDS} /> : null}
      <div className="buttons">
        <Button kind="primary" type="submit" off={connect.isRunning}>
          {connect.isRunning ? 'Signing in to SAP…' : 'Connect'}
        </Button>
        <Button onPress={onBack}>Use another address</Button>
      </div>
    </form>
  );
}

function vouchedBy({ trusted }: CertificateView, { pem }: MoreWays): string {
  if (pem.trim() !== '') return 'The certificate you pasted vouches for';
  return trusted ? 'A public authority vouches for' : 'You confirmed';
}

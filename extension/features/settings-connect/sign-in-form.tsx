import { useState } from 'react';
import type { CertificateView, SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure, problemAt } from '../../shared/ui/failure-view.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { useFocusOnArrival } from '../../shared/ui/use-focus-on-arrival.ts';

const FIELDS = ['companyDb', 'userName', 'password'];

interface SignInFormProps {
  readonly seen: CertificateView;
  readonly known: SettingsView['connection'];
  readonly onBack: () => void;
  readonly onDone: () => void;
}

export function SignInForm({ seen, known, onBack, onDone }: SignInFormProps) {
  const [companyDb, setCompanyDb] = useState(known?.companyDb ?? '');
  const [userName, setUserName] = useState(known?.userName ?? '');
  const [password, setPassword] = useState('');
  const server = useFocusOnArrival<HTMLParagraphElement>();
  const connect = useSettingsChange<void>((api) => {
    const confirmedFingerprint = seen.trusted ? null : (seen.certificate?.fingerprint ?? null);
    const body = { address: seen.address, companyDb, userName, password, confirmedFingerprint };
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
        <span className="soft">{seen.trusted ? 'A public authority vouches for' : 'You confirmed'}</span> {seen.address}
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

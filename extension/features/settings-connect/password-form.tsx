import { useState } from 'react';
import type { ChangeSignInBody, ConnectionView } from '../../../server/contract/connection.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure, problemAt } from '../../shared/ui/failure-view.tsx';
import { Field } from '../../shared/ui/field.tsx';

const FIELDS = ['userName', 'password'];

/** Another user or password at the same server: nothing else has to be typed again. */
export function PasswordForm({ connection, onDone }: { connection: ConnectionView; onDone: () => void }) {
  const { host } = useRuntime();
  const [userName, setUserName] = useState(connection.userName);
  const [password, setPassword] = useState('');
  const change = useSettingsChange<void>(
    (api) => api.post('/api/settings/sap/sign-in', { userName, password } satisfies ChangeSignInBody, isSettings),
    () => {
      onDone();
      void host.say('Signed in to SAP. The new password is kept');
    },
  );
  const errorAt = (field: string) => problemAt(change.error, field);
  const submit = () => change.run();
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!change.isRunning) submit();
      }}
    >
      <Field label="SAP user" value={userName} onChange={setUserName} error={errorAt('userName')} maxLength={128} />
      <Field
        label="New password"
        hint="Tried once before it is kept"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
        error={errorAt('password')}
        maxLength={300}
      />
      {change.error ? <FormFailure error={change.error} fields={FIELDS} /> : null}
      <div className="buttons">
        <Button kind="primary" type="submit" off={change.isRunning}>
          {change.isRunning ? 'Signing in to SAP…' : 'Save the password'}
        </Button>
      </div>
    </form>
  );
}

import { useState } from 'react';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';

/** For an admin who thinks that somebody else knows where and how Pipedrive tells this app of changes. */
export function NotificationsPart() {
  const [done, setDone] = useState(false);
  const renew = useSettingsChange<void>(
    (api) => api.post('/api/settings/webhooks/renew', {}, isSettings),
    () => setDone(true),
  );
  return (
    <div className="stack">
      <p className="soft">
        Pipedrive tells this app of changes at a secret address with a password of its own. If somebody else may know
        them, have them made anew. Nothing is missed meanwhile.
      </p>
      <div className="buttons">
        <Button off={renew.isRunning || done} onPress={() => renew.run()}>
          {renew.isRunning ? 'Renewing…' : 'Renew the notifications'}
        </Button>
        <span className="soft small" role="status">
          {done ? 'They are made anew within a minute. The old ones end within two hours.' : null}
        </span>
      </div>
      {renew.error ? <FormFailure error={renew.error} /> : null}
    </div>
  );
}

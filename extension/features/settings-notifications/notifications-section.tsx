import { useState } from 'react';
import type { NotificationsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { Check } from '../../shared/ui/field.tsx';
import { isSigned, mayRequire, signatureSentence } from './notification-words.ts';

/** How Pipedrive tells this app of changes: the address made anew, and signatures where a gateway makes them. */
export function NotificationsSection({ notifications }: { notifications: NotificationsView }) {
  return (
    <section aria-label="Notifications from Pipedrive">
      <h2>Notifications from Pipedrive</h2>
      <Renewal renewing={notifications.renewing} />
      {isSigned(notifications) ? <Signatures notifications={notifications} /> : null}
    </section>
  );
}

/** For an admin who thinks that somebody else knows where and how Pipedrive tells this app of changes. */
function Renewal({ renewing }: { renewing: boolean }) {
  const [asked, setAsked] = useState(false);
  const renew = useSettingsChange<void>(
    (api) => api.post('/api/settings/webhooks/renew', {}, isSettings),
    () => setAsked(true),
  );
  return (
    <div className="stack">
      <p className="soft">
        Pipedrive tells this app of changes at a secret address with a password of its own. If somebody else may know
        them, have them made anew. Nothing is missed meanwhile.
      </p>
      <div className="buttons">
        <Button off={renew.isRunning || asked || renewing} onPress={() => renew.run()}>
          {renew.isRunning ? 'Renewing…' : 'Renew the notifications'}
        </Button>
        <span className="soft small" role="status">
          {renewing
            ? 'They were made anew. The old ones end within two hours.'
            : asked
              ? 'They are made anew within a minute. The old ones end within two hours.'
              : null}
        </span>
      </div>
      {renew.error ? <FormFailure error={renew.error} /> : null}
    </div>
  );
}

function Signatures({ notifications }: { notifications: NotificationsView }) {
  const change = useSettingsChange<boolean>((api, required) =>
    api.post('/api/settings/webhooks/signature', { signature: required ? 'required' : 'if-present' }, isSettings),
  );
  const required = notifications.signature === 'required';
  return (
    <>
      <Check
        label="Take signed notifications only"
        checked={change.isRunning ? !required : required}
        off={change.isRunning || (!required && !mayRequire(notifications))}
        onChange={change.run}
      >
        <p>{signatureSentence(notifications)}</p>
      </Check>
      {change.error ? <FormFailure error={change.error} /> : null}
    </>
  );
}

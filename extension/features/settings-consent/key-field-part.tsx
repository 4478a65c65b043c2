import type { ConsentBody, SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { formatInstant } from '../../shared/format/times.ts';
import { useServerNow } from '../../shared/runtime/runtime.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';

/** Says when the agreed field will be there, while it is not; an admin may have it made at once. */
export function KeyFieldPart({ view: { consent, mayChange } }: { view: SettingsView }) {
  const now = useServerNow();
  const { crmFields, erpField, erpChangesAt, keyField } = consent;
  const change = useSettingsChange<void>((api) =>
    api.post('/api/settings/consent', { crmFields, erpField, erpChangesAt: null } satisfies ConsentBody, isSettings),
  );
  if (!erpField || keyField || erpChangesAt === null || Date.parse(erpChangesAt) <= now) return null;
  return (
    <div className="stack">
      <p>
        The key field is made in SAP on <strong>{formatInstant(erpChangesAt)}</strong>. Until it is there, nothing is
        sent.
      </p>
      {mayChange ? (
        <div className="buttons">
          <Button off={change.isRunning} onPress={() => change.run()}>
            {change.isRunning ? 'Making the field…' : 'Make it now'}
          </Button>
        </div>
      ) : null}
      {change.error ? <FormFailure error={change.error} /> : null}
    </div>
  );
}

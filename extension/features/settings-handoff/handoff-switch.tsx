import { useId } from 'react';
import type { SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { formatInstant } from '../../shared/format/times.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { FormFailure } from '../../shared/ui/failure-view.tsx';

/** Off after install. What was won before it is switched on never starts by itself. */
export function HandoffSwitch({ view }: { view: SettingsView }) {
  const { handoff, mayChange } = view;
  const id = useId();
  const change = useSettingsChange<boolean>((api, enabled) =>
    api.post('/api/settings/handoff', { enabled }, isSettings),
  );
  const off = !mayChange || change.isRunning || (!handoff.ready && !handoff.enabled);
  return (
    <div className="form">
      <div className="check">
        <input
          id={id}
          type="checkbox"
          role="switch"
          checked={handoff.enabled}
          aria-checked={handoff.enabled}
          aria-disabled={off || undefined}
          aria-describedby={`${id}-more`}
          onChange={(event) => {
            if (!off) change.run(event.target.checked);
          }}
        />
        <div>
          <label htmlFor={id}>Won deals go to SAP</label>
          <p className="soft" id={`${id}-more`}>
            {sentenceOf(handoff)}
          </p>
        </div>
      </div>
      {change.error ? <FormFailure error={change.error} /> : null}
    </div>
  );
}

function sentenceOf({ enabled, startsAt, ready, notReadyReason }: SettingsView['handoff']): string {
  if (enabled) {
    const since = startsAt === null ? 'On.' : `On since ${formatInstant(startsAt)}.`;
    return `${since} A deal won after that becomes a sales order by itself. Deals won earlier are sent by a person only.`;
  }
  if (!ready) return notReadyReason ?? 'This can be switched on when the steps above are done.';
  return 'Off. People can send a deal from its panel. When you switch it on, deals won from that moment on become sales orders by themselves; deals won earlier are sent by a person only.';
}

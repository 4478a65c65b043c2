import { type ReactNode, useId, useState } from 'react';
import type { TokenSettingsBody, TokensView } from '../../../server/contract/tokens.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure, problemAt } from '../../shared/ui/failure-view.tsx';
import { Field } from '../../shared/ui/field.tsx';

type Plan = NonNullable<TokensView['stated']>['plan'];

const PLANS: readonly { readonly plan: Plan; readonly words: string }[] = [
  { plan: 'lite', words: 'Lite' },
  { plan: 'growth', words: 'Growth' },
  { plan: 'premium', words: 'Premium' },
  { plan: 'ultimate', words: 'Ultimate' },
];
const SHARES = [10, 20, 30, 40, 50, 60, 70, 80];
const FIELDS = ['stated.seats', 'backgroundPercent'];

/** What the company has, where Pipedrive does not tell it, and how much of it may be used for what can wait. */
export function TokensForm({ tokens }: { tokens: TokensView }) {
  const { host } = useRuntime();
  const [plan, setPlan] = useState<Plan | null>(tokens.stated?.plan ?? null);
  const [seats, setSeats] = useState(String(tokens.stated?.seats ?? tokens.learnt.seats ?? ''));
  const [percent, setPercent] = useState(tokens.backgroundPercent);
  const save = useSettingsChange<TokenSettingsBody>(
    (api, body) => api.post('/api/settings/tokens', body, isSettings),
    () => void host.say('Budget saved'),
  );
  const stated = plan === null ? null : { plan, seats: Number(seats) };
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!save.isRunning) save.run({ stated, backgroundPercent: percent });
      }}
    >
      <Choice
        label="Your plan in Pipedrive"
        hint={
          tokens.source === 'told'
            ? 'Pipedrive tells the limit itself at the moment; plan and seats count only where it does not'
            : 'Plan and seats tell the limit, since Pipedrive itself does not'
        }
        value={plan ?? ''}
        onChoose={(value) => setPlan(planOf(value))}
      >
        <option value="">{notSaid(tokens)}</option>
        {PLANS.map(({ plan: one, words }) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </Choice>
      {plan === null ? null : (
        <Field
          label="Seats"
          hint="Users that your company pays for"
          type="number"
          value={seats}
          onChange={setSeats}
          error={problemAt(save.error, 'stated.seats')}
        />
      )}
      <Choice
        label="Share of the day for background work"
        hint="Changes from SAP, first loads and comparisons; people and orders always go first"
        value={String(percent)}
        onChoose={(value) => setPercent(Number(value))}
      >
        {sharesWith(tokens.backgroundPercent).map((share) => (
          <option key={share} value={share}>
            {share} %
          </option>
        ))}
      </Choice>
      {save.error ? <FormFailure error={save.error} fields={FIELDS} /> : null}
      <div className="buttons">
        <Button type="submit" off={save.isRunning}>
          {save.isRunning ? 'Saving…' : 'Save budget'}
        </Button>
      </div>
    </form>
  );
}

/** One that was set elsewhere stands among them. */
function sharesWith(chosen: number): number[] {
  return [...new Set([...SHARES, chosen])].sort((one, other) => one - other);
}

function planOf(value: string): Plan | null {
  return PLANS.find(({ plan }) => plan === value)?.plan ?? null;
}

function notSaid({ learnt }: TokensView): string {
  const known = PLANS.find(({ plan }) => plan === learnt.plan);
  return known ? `As Pipedrive shows it (${known.words})` : 'As Pipedrive shows it';
}

interface ChoiceProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChoose: (value: string) => void;
  readonly children: ReactNode;
}

function Choice({ label, hint, value, onChoose, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint === undefined ? null : (
        <span className="soft small" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <select
        id={id}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChoose(event.target.value)}
      >
        {children}
      </select>
    </div>
  );
}

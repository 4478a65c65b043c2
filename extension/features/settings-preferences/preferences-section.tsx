import { useId, useState } from 'react';
import type { SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { costWords } from '../../shared/format/figures.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure, problemAt } from '../../shared/ui/failure-view.tsx';
import { Field } from '../../shared/ui/field.tsx';

type Preferences = SettingsView['preferences'];

/** Which prices the products get, and where links to SAP documents lead. */
export function PreferencesSection({
  preferences,
  tokens,
  mayChange,
}: Pick<SettingsView, 'preferences' | 'tokens' | 'mayChange'>) {
  return (
    <section aria-label="Preferences">
      <h2>Preferences</h2>
      {mayChange ? <Form preferences={preferences} tokens={tokens} /> : <Facts preferences={preferences} />}
    </section>
  );
}

function Facts({ preferences: { priceList, priceLists, webClientUrl } }: { preferences: Preferences }) {
  return (
    <dl className="facts">
      <dt>Price list</dt>
      <dd>{priceLists.find(({ number }) => number === priceList)?.name ?? 'First active price list'}</dd>
      <dt>SAP Web Client</dt>
      <dd>{webClientUrl ?? 'No address given'}</dd>
    </dl>
  );
}

function Form({ preferences, tokens }: Pick<SettingsView, 'preferences' | 'tokens'>) {
  const { host } = useRuntime();
  const [priceList, setPriceList] = useState(preferences.priceList);
  const [webClientUrl, setWebClientUrl] = useState(preferences.webClientUrl ?? '');
  const save = useSettingsChange<void>(
    (api) =>
      api.post('/api/settings/preferences', { priceList, webClientUrl: webClientUrl.trim() || null }, isSettings),
    () => void host.say('Preferences saved'),
  );
  const submit = () => save.run();
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!save.isRunning) submit();
      }}
    >
      <PriceList chosen={priceList} lists={preferences.priceLists} onChoose={setPriceList} />
      {priceList === preferences.priceList || tokens.quotes.allPrices === null ? null : (
        <p className="soft small">
          All products get their prices anew: up to {costWords(tokens.quotes.allPrices, tokens)}.
        </p>
      )}
      <Field
        label="Address of SAP’s Web Client (optional)"
        hint="With it, an order’s number in Pipedrive is a link to the order"
        type="url"
        value={webClientUrl}
        onChange={setWebClientUrl}
        error={problemAt(save.error, 'webClientUrl')}
        maxLength={300}
      />
      {save.error ? <FormFailure error={save.error} fields={['webClientUrl']} /> : null}
      <div className="buttons">
        <Button type="submit" off={save.isRunning}>
          {save.isRunning ? 'Saving…' : 'Save preferences'}
        </Button>
      </div>
    </form>
  );
}

interface PriceListProps {
  readonly chosen: number | null;
  readonly lists: Preferences['priceLists'];
  readonly onChoose: (number: number | null) => void;
}

function PriceList({ chosen, lists, onChoose }: PriceListProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Price list for products in Pipedrive</label>
      <select
        id={id}
        value={chosen ?? ''}
        onChange={(event) => onChoose(event.target.value === '' ? null : Number(event.target.value))}
      >
        <option value="">First active price list</option>
        {lists.map(({ number, name }) => (
          <option key={number} value={number}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

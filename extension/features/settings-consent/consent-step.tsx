import { useState } from 'react';
import type { SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { Check } from '../../shared/ui/field.tsx';
import { costSentence } from './cost-sentence.ts';

/** Nothing is added to either side before somebody says so here. */
export function ConsentStep({ view }: { view: SettingsView }) {
  const { consent, firstLoad, tokens } = view;
  const [crmFields, setCrmFields] = useState(consent.crmFields);
  const [erpField, setErpField] = useState(consent.erpField);
  const agree = useSettingsChange<void>((api) =>
    api.post('/api/settings/consent', { crmFields, erpField }, isSettings),
  );
  const submit = () => agree.run();
  const nothingNew = crmFields === consent.crmFields && erpField === consent.erpField;
  const cost = costSentence(firstLoad.quote, tokens.dailyLimit);

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!agree.isRunning && !nothingNew) submit();
      }}
    >
      {consent.crmFields ? null : (
        <Check label="New fields in Pipedrive" checked={crmFields} onChange={setCrmFields}>
          <p>Customers, products and deals get fields for what SAP knows. Your own fields stay as they are.</p>
          <ul className="names">
            {consent.crmFieldNames.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        </Check>
      )}
      {consent.erpField ? null : (
        <Check label="One new field in SAP" checked={erpField} onChange={setErpField}>
          <p>
            The field <strong>U_PD_Key</strong> on sales documents holds the key by which an order is found again, so
            that none is made twice. It changes SAP’s document tables: choose a quiet hour, and ask your SAP partner if
            unsure. Without it nothing is sent to SAP.
          </p>
        </Check>
      )}
      {cost === null || consent.crmFields ? null : <p>{cost}</p>}
      {agree.error ? <FormFailure error={agree.error} /> : null}
      <div className="buttons">
        <Button kind="primary" type="submit" off={agree.isRunning || nothingNew}>
          {labelOf(agree.isRunning, !consent.crmFields)}
        </Button>
      </div>
    </form>
  );
}

function labelOf(pending: boolean, startsLoad: boolean): string {
  if (pending) return 'Making the fields…';
  return startsLoad ? 'Agree and start the first load' : 'Agree';
}

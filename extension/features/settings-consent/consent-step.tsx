import { useState } from 'react';
import type { ConsentBody, SettingsView } from '../../../server/contract/settings.ts';
import { isSettings } from '../../shared/api/settings-answers.ts';
import { useSettingsChange } from '../../shared/settings/settings-query.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { Check } from '../../shared/ui/field.tsx';
import { costSentence } from './cost-sentence.ts';
import { CrmFieldsPart } from './crm-fields-part.tsx';
import { chosenInstant, type ErpConsent, ErpConsentPart } from './erp-consent.tsx';

/** Nothing is added to either side before somebody says so here. */
export function ConsentStep({ view }: { view: SettingsView }) {
  const { consent, firstLoad, tokens } = view;
  const [crmFields, setCrmFields] = useState(consent.crmFields);
  const [erp, setErp] = useState<ErpConsent>({ field: consent.erpField, ledger: consent.erpLedger, at: '' });
  const agree = useSettingsChange<void>((api) =>
    api.post('/api/settings/consent', bodyOf(crmFields, erp, consent), isSettings),
  );
  const submit = () => agree.run();
  const nothingNew = crmFields === consent.crmFields && erp.field === consent.erpField;
  const cost = costSentence(firstLoad.quote, tokens);

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
          <CrmFieldsPart plan={consent.crmFieldPlan} />
        </Check>
      )}
      {consent.erpField ? null : <ErpConsentPart consent={erp} onChange={setErp} />}
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

/** What was agreed to before is not touched by what is agreed to now. */
function bodyOf(crmFields: boolean, erp: ErpConsent, before: SettingsView['consent']): ConsentBody {
  const erpField = erp.field;
  if (before.erpField || !erpField) return { crmFields, erpField };
  return { crmFields, erpField, erpLedger: erp.ledger, erpChangesAt: chosenInstant(erp) };
}

function labelOf(pending: boolean, startsLoad: boolean): string {
  if (pending) return 'Making the fields…';
  return startsLoad ? 'Agree and start the first load' : 'Agree';
}

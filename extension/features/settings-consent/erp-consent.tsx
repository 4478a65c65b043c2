import { useId } from 'react';
import { Check } from '../../shared/ui/field.tsx';

/** What an admin says about changes to SAP's tables. */
export interface ErpConsent {
  readonly field: boolean;
  readonly ledger: boolean;
  /** As the browser's own control gives it, in the reader's time zone; empty: at once. */
  readonly at: string;
}

/** The instant that was chosen; null: at once. */
export function chosenInstant({ at }: ErpConsent): string | null {
  const time = Date.parse(at);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

interface ErpConsentPartProps {
  readonly consent: ErpConsent;
  readonly onChange: (consent: ErpConsent) => void;
}

/** The field and the table that keep one deal one order, and when SAP may be changed for them. */
export function ErpConsentPart({ consent, onChange }: ErpConsentPartProps) {
  return (
    <>
      <Check label="One new field in SAP" checked={consent.field} onChange={(field) => onChange({ ...consent, field })}>
        <p>
          The field <strong>U_PD_Key</strong> on sales documents holds the key by which an order is found again, so that
          none is made twice. It changes SAP’s document tables: choose a quiet hour, and ask your SAP partner if unsure.
          If your SAP partner has made it already, it is only looked for. Without it nothing is sent to SAP.
        </p>
      </Check>
      {consent.field ? (
        <>
          <Check
            label="And a small table for the keys (recommended)"
            checked={consent.ledger}
            onChange={(ledger) => onChange({ ...consent, ledger })}
          >
            <p>
              With the table <strong>U_PD_LINK</strong> SAP itself refuses a second order for the same deal, whatever
              happens on the way.
            </p>
          </Check>
          <WhenField at={consent.at} onChange={(at) => onChange({ ...consent, at })} />
        </>
      ) : null}
    </>
  );
}

function WhenField({ at, onChange }: { at: string; onChange: (at: string) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>When SAP may be changed</label>
      <span className="soft small" id={`${id}-hint`}>
        Leave it empty for now, or choose a quiet hour
      </span>
      <input
        id={id}
        type="datetime-local"
        value={at}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

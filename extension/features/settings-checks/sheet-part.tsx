import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PartnerSheetView } from '../../../server/contract/sap-checks.ts';
import { isPartnerSheet } from '../../shared/api/sap-check-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { useFocusOnArrival } from '../../shared/ui/use-focus-on-arrival.ts';
import { sheetText } from './sheet-text.ts';

/** What the customer's SAP partner sets up, to read, to save and to pass on. */
export function SheetPart() {
  const { api } = useRuntime();
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['sap-sheet'],
    queryFn: ({ signal }) => api.get('/api/settings/sap/sheet', isPartnerSheet, signal),
    enabled: open,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className="stack">
      <div className="buttons">
        <Button onPress={() => setOpen(!open)}>{open ? 'Close the sheet' : 'Sheet for your SAP partner'}</Button>
        {open && data ? <Save sheet={data} /> : null}
      </div>
      {open && error ? <FormFailure error={error} /> : null}
      {open && data ? <Sheet sheet={data} /> : null}
    </div>
  );
}

function Save({ sheet }: { sheet: PartnerSheetView }) {
  const href = `data:text/plain;charset=utf-8,${encodeURIComponent(sheetText(sheet))}`;
  return (
    <a className="second" href={href} download="orderline-sap-sheet.txt">
      Save as text
    </a>
  );
}

function Sheet({ sheet: { title, sections } }: { sheet: PartnerSheetView }) {
  const heading = useFocusOnArrival<HTMLParagraphElement>();
  return (
    <article className="card sheet" aria-label={title}>
      <p ref={heading} tabIndex={-1}>
        <strong>{title}</strong>
      </p>
      {sections.map((section) => (
        <div key={section.title}>
          <h3>{section.title}</h3>
          {section.lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
          {section.values.length === 0 ? null : (
            <dl className="facts values">
              {section.values.map(({ name, value }) => (
                <Value key={name} name={name} value={value} />
              ))}
            </dl>
          )}
        </div>
      ))}
    </article>
  );
}

function Value({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

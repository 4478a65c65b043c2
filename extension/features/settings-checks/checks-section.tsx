import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DiagnoseBody } from '../../../server/contract/sap-checks.ts';
import { isDiagnosis } from '../../shared/api/sap-check-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useOneAtATime } from '../../shared/runtime/use-one-at-a-time.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { Check } from '../../shared/ui/field.tsx';
import { CAPABILITIES_KEY, CapabilitiesPart } from './capabilities-part.tsx';
import { DiagnosisPart } from './diagnosis-part.tsx';
import { SheetPart } from './sheet-part.tsx';

/** Whether everything between Pipedrive and SAP works, what this SAP can do, and what its partner sets up. */
export function ChecksSection({ mayChange }: { mayChange: boolean }) {
  return (
    <section aria-label="Check of the connection">
      <h2>Check of the connection</h2>
      {mayChange ? <Doctor /> : null}
      <CapabilitiesPart mayChange={mayChange} />
      <SheetPart />
    </section>
  );
}

function Doctor() {
  const { api } = useRuntime();
  const client = useQueryClient();
  const [draft, setDraft] = useState(false);
  const { mutateAsync, data, error, isPending } = useMutation({
    mutationFn: (body: DiagnoseBody) => api.post('/api/settings/sap/diagnosis', body, isDiagnosis),
    onSuccess: () => client.invalidateQueries({ queryKey: CAPABILITIES_KEY }),
  });
  const run = useOneAtATime(mutateAsync);
  return (
    <div className="stack">
      <Check label="Also try to make an order draft in SAP" checked={draft} onChange={setDraft}>
        <p>
          It shows whether orders can be made. The draft moves neither stock nor money, and is removed again at once.
        </p>
      </Check>
      <div className="buttons">
        <Button off={isPending} onPress={() => run({ draft })}>
          {isPending ? 'Checking…' : data ? 'Check again' : 'Check the connection'}
        </Button>
        <span className="soft small" role="status">
          {isPending ? 'From the server’s name to its reading speed. This takes up to half a minute.' : null}
        </span>
      </div>
      {error ? <FormFailure error={error} /> : null}
      {isPending || data ? <DiagnosisPart diagnosis={isPending ? null : (data ?? null)} /> : null}
    </div>
  );
}

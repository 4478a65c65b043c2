import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isRemoval } from '../../shared/api/removal-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useOneAtATime } from '../../shared/runtime/use-one-at-a-time.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure, problemAt } from '../../shared/ui/failure-view.tsx';
import { Field } from '../../shared/ui/field.tsx';
import { Notice } from '../../shared/ui/notice.tsx';
import { REMOVAL_PATH, removalQuery } from './removal-query.ts';

/** Says all that will go, and wants the name of the company typed before anything does. */
export function RemovalForm({ companyName, onRemoving }: { companyName: string; onRemoving: () => void }) {
  const { api } = useRuntime();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const { mutateAsync, isPending, error } = useMutation({
    mutationFn: (name: string) => api.post(REMOVAL_PATH, { companyName: name }, isRemoval),
    onSuccess: (view) => {
      client.setQueryData(removalQuery(api).queryKey, view);
      onRemoving();
    },
  });
  const remove = useOneAtATime(mutateAsync);
  return (
    <form
      className="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        remove(typed);
      }}
    >
      <Notice tone="bad" title="This cannot be undone">
        <p>
          The app is uninstalled for everybody in {companyName}. Its access to Pipedrive and SAP, all settings, links
          and the list of what was sent are erased. Deals, organizations and products in Pipedrive and documents in SAP
          stay as they are. What is on its way to SAP now still arrives there.
        </p>
      </Notice>
      <Field
        label={`Type ${companyName} to go on`}
        value={typed}
        onChange={setTyped}
        error={problemAt(error, 'companyName')}
      />
      <div className="buttons">
        <Button kind="danger" type="submit" off={isPending || typed.trim() === ''}>
          {isPending ? 'Removing…' : 'Remove everything'}
        </Button>
      </div>
      {error ? <FormFailure error={error} fields={['companyName']} /> : null}
    </form>
  );
}

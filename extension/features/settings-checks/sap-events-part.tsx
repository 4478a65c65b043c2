import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isSapEvents } from '../../shared/api/sap-check-answers.ts';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useOneAtATime } from '../../shared/runtime/use-one-at-a-time.ts';
import { FormFailure } from '../../shared/ui/failure-view.tsx';
import { Check } from '../../shared/ui/field.tsx';
import { sentenceOf } from './sap-events-words.ts';

const KEY = ['sap-events'] as const;
/** While SAP has not agreed yet. */
const POLL_MS = 5_000;

/** Offered where this SAP can tell of changes by itself; never needed. */
export function SapEventsPart({ offered }: { offered: boolean }) {
  const { api } = useRuntime();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => api.get('/api/settings/sap/events', isSapEvents, signal),
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? POLL_MS : false),
  });
  const { mutateAsync, error } = useMutation({
    mutationFn: (enabled: boolean) => api.post('/api/settings/sap/events', { enabled }, isSapEvents),
    onSuccess: (view) => client.setQueryData(KEY, view),
  });
  const change = useOneAtATime(mutateAsync);
  if (!data || (!offered && data.state === 'off')) return null;
  return (
    <>
      <Check label="SAP tells of changes by itself" checked={data.state !== 'off'} onChange={change}>
        <p>{sentenceOf(data)}</p>
      </Check>
      {error ? <FormFailure error={error} /> : null}
    </>
  );
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { SettingsAnswer } from '../../../server/contract/settings.ts';
import type { ApiClient } from '../api/api-client.ts';
import { isSettings } from '../api/settings-answers.ts';
import { useRuntime } from '../runtime/runtime.ts';
import { useOneAtATime } from '../runtime/use-one-at-a-time.ts';

const KEY = ['settings'] as const;

export function settingsQuery(api: ApiClient) {
  return queryOptions({ queryKey: KEY, queryFn: ({ signal }) => api.get('/api/settings', isSettings, signal) });
}

interface SettingsChange<Input> {
  readonly run: (input: Input) => void;
  readonly isRunning: boolean;
  readonly error: unknown;
}

/** A change to the settings, safe against a double click. Every change answers with how the settings stand then. */
export function useSettingsChange<Input>(
  change: (api: ApiClient, input: Input) => Promise<SettingsAnswer>,
  onDone?: () => void,
): SettingsChange<Input> {
  const { api } = useRuntime();
  const client = useQueryClient();
  const { mutateAsync, isPending, error } = useMutation({
    mutationFn: async ({ input }: { input: Input }) => {
      // An older look must not overwrite what this change answers.
      await client.cancelQueries({ queryKey: KEY });
      return change(api, input);
    },
    onSuccess: (view) => {
      client.setQueryData(KEY, view);
      onDone?.();
    },
  });
  return { run: useOneAtATime((input: Input) => mutateAsync({ input })), isRunning: isPending, error };
}

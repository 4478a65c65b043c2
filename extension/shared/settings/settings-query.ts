import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { SettingsView } from '../../../server/contract/settings.ts';
import type { ApiClient } from '../api/api-client.ts';
import { isSettings } from '../api/settings-answers.ts';
import { useRuntime } from '../runtime/runtime.ts';

const KEY = ['settings'] as const;

export function settingsQuery(api: ApiClient) {
  return queryOptions({ queryKey: KEY, queryFn: ({ signal }) => api.get('/api/settings', isSettings, signal) });
}

/** A change to the settings. Every one answers with how they stand then. */
export function useSettingsChange<Input>(change: (api: ApiClient, input: Input) => Promise<SettingsView>) {
  const { api } = useRuntime();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (input: Input) => {
      // An older look must not overwrite what this change answers.
      await client.cancelQueries({ queryKey: KEY });
      return change(api, input);
    },
    onSuccess: (view) => client.setQueryData(KEY, view),
  });
}

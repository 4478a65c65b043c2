import { type QueryKey, useQuery } from '@tanstack/react-query';
import type { Guard } from '../api/guard.ts';
import { useRuntime } from './runtime.ts';

/** A deal's view costs 11 of the company's Pipedrive tokens: looked at again later than this, or by hand, not on each glance. */
const FRESH_MS = 5 * 60_000;

/** The one request a panel waits for. Keeps showing the last answer when a later one fails. */
export function usePanelQuery<T>(queryKey: QueryKey, path: string, answer: Guard<T>) {
  const { api } = useRuntime();
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => api.get(path, answer, signal),
    staleTime: FRESH_MS,
  });
}

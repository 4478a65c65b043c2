import { type QueryKey, useQuery } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import type { Guard } from '../api/guard.ts';
import { useRuntime } from './runtime.ts';

/** A deal's view costs 11 of the company's Pipedrive tokens: looked at again later than this, or by hand, not on each glance. */
const FRESH_MS = 5 * 60_000;

/**
 * The one request a panel waits for. Keeps showing the last answer when a later one fails. `refresh`: by hand, so that our
 * server too asks Pipedrive again.
 */
export function usePanelQuery<T>(queryKey: QueryKey, path: string, answer: Guard<T>) {
  const { api } = useRuntime();
  const byHand = useRef(false);
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      const asked = byHand.current ? `${path}?refresh=yes` : path;
      byHand.current = false;
      return api.get(asked, answer, signal);
    },
    staleTime: FRESH_MS,
  });
  const { refetch } = query;
  const refresh = useCallback(() => {
    byHand.current = true;
    void refetch();
  }, [refetch]);
  return { ...query, refresh };
}

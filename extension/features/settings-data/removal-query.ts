import { queryOptions } from '@tanstack/react-query';
import type { ApiClient } from '../../shared/api/api-client.ts';
import { isRemoval } from '../../shared/api/removal-answers.ts';

export const REMOVAL_PATH = '/api/settings/removal';

export function removalQuery(api: ApiClient) {
  return queryOptions({ queryKey: ['removal'], queryFn: ({ signal }) => api.get(REMOVAL_PATH, isRemoval, signal) });
}

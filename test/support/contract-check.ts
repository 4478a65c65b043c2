import { afterAll, expect } from 'vitest';
import { isFromApp, type LoggedRequest, observeRequests } from '../practice/kernel/request-log.ts';

/**
 * Every request that the app sends to a practice side, in any test, is held against the official descriptions when the
 * file is over; one that they do not allow fails it. What a test sends itself names another client and is left alone.
 */
const seen: LoggedRequest[] = [];
const stop = observeRequests((entry) => {
  if (isFromApp(entry.client)) seen.push(entry);
});

afterAll(async () => {
  stop();
  // Most files send nothing, and need not load what judges it.
  if (seen.length === 0) return;
  const { checkPipedriveRequest } = await import('./contract-recorder/pipedrive-requests.ts');
  const { checkSapRequest } = await import('./contract-recorder/sap-requests.ts');
  const violations = seen.flatMap((entry) =>
    entry.side === 'sap' ? checkSapRequest(entry) : checkPipedriveRequest(entry),
  );
  expect([...new Set(violations)], 'requests against the official descriptions').toEqual([]);
});

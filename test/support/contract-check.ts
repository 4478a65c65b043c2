import { afterAll, expect } from 'vitest';
import { type LoggedRequest, observeRequests } from '../practice/kernel/request-log.ts';
import { checkPipedriveRequest } from './contract-recorder/pipedrive-requests.ts';
import { checkSapRequest } from './contract-recorder/sap-requests.ts';

/**
 * Every request that the app sends to a practice side, in any test, is held against the official descriptions when the
 * file is over; one that they do not allow fails it. What a test sends itself names another client and is left alone.
 */
const OURS = /^Orderline\//;
const seen: LoggedRequest[] = [];
const stop = observeRequests((entry) => {
  if (OURS.test(entry.client ?? '')) seen.push(entry);
});

afterAll(() => {
  stop();
  const violations = seen.flatMap((entry) =>
    entry.side === 'sap' ? checkSapRequest(entry) : checkPipedriveRequest(entry),
  );
  expect([...new Set(violations)], 'requests against the official descriptions').toEqual([]);
});

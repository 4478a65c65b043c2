import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { checkPipedriveAnswer } from './pipedrive-answers.ts';
import { checkPipedriveRequest } from './pipedrive-requests.ts';
import { checkSapAnswer } from './sap-answers.ts';
import { checkSapRequest } from './sap-requests.ts';

/**
 * Everything that the official descriptions have against what a test's practice sides saw and answered, each sentence
 * once. Requests that a test itself makes wrong on purpose are to be taken out of the log before.
 */
export function contractViolations(log: readonly LoggedRequest[]): string[] {
  const violations = log.flatMap((entry) => {
    const request = entry.side === 'sap' ? checkSapRequest(entry) : checkPipedriveRequest(entry);
    const answer = entry.side === 'sap' ? checkSapAnswer(entry) : checkPipedriveAnswer(entry);
    return [
      ...request.map((text) => `${entry.side} was asked: ${text}`),
      ...answer.map((text) => `${entry.side} answered: ${text}`),
    ];
  });
  return [...new Set(violations)];
}

/** @throws Error that lists the violations, so that the test or its teardown fails */
export function assertContracts(log: readonly LoggedRequest[]): void {
  const violations = contractViolations(log);
  if (violations.length > 0) throw new Error(`Against the official descriptions:\n${violations.join('\n')}`);
}

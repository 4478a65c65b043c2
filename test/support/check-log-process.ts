/**
 * Holds the requests of a log against the official descriptions, for a process whose own code may not know them: the demo.
 * Usage: tsx check-log-process.ts <file with a JSON list of logged requests>. Ends with 1 and the violations when there are any.
 */
import { readFileSync } from 'node:fs';
import type { LoggedRequest } from '../practice/kernel/request-log.ts';
import { checkPipedriveRequest } from './contract-recorder/pipedrive-requests.ts';
import { checkSapRequest } from './contract-recorder/sap-requests.ts';

const [, , file = ''] = process.argv;
const log: readonly LoggedRequest[] = JSON.parse(readFileSync(file, 'utf8'));
const violations = new Set(
  log.flatMap((entry) => (entry.side === 'sap' ? checkSapRequest(entry) : checkPipedriveRequest(entry))),
);
for (const violation of violations) console.error(violation);
process.exitCode = violations.size === 0 ? 0 : 1;

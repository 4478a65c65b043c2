import type { OperationName } from '../../../server/pipedrive/operation-list.ts';
import type { Check } from './check.ts';
import { accountChecks } from './checks/account.ts';
import { dealChecks } from './checks/deals.ts';
import { limitChecks } from './checks/limits.ts';
import { queryChecks } from './checks/queries.ts';
import { recordChecks } from './checks/records.ts';
import { referenceChecks } from './checks/reference.ts';
import { tokenChecks } from './checks/tokens.ts';
import { dealWriteChecks } from './checks/write-deals.ts';
import { fieldWriteChecks } from './checks/write-fields.ts';
import { lineWriteChecks } from './checks/write-lines.ts';
import { recordWriteChecks } from './checks/write-records.ts';
import { webhookWriteChecks } from './checks/write-webhooks.ts';

/** In the order in which they run: what only reads comes first, what uses up tokens last. */
export const ALL_CHECKS: readonly Check[] = [
  ...accountChecks,
  ...limitChecks,
  ...queryChecks,
  ...referenceChecks,
  ...dealChecks,
  ...recordChecks,
  ...recordWriteChecks,
  ...fieldWriteChecks,
  ...dealWriteChecks,
  ...lineWriteChecks,
  ...webhookWriteChecks,
  ...tokenChecks,
];

/** Calls that the suite leaves out, and why. */
export const LEFT_OUT: Readonly<Partial<Record<OperationName, string>>> = {};

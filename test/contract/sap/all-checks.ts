import type { Check, PortMethod } from './check.ts';
import { batchChecks } from './checks/batches.ts';
import { documentChecks } from './checks/documents.ts';
import { itemChecks } from './checks/items.ts';
import { partnerChecks } from './checks/partners.ts';
import { priceChecks } from './checks/prices.ts';
import { queryChecks } from './checks/queries.ts';
import { referenceChecks } from './checks/reference-data.ts';
import { systemChecks } from './checks/system.ts';
import { wireChecks } from './checks/wire.ts';
import { writeChecks } from './checks/writes.ts';

/** In the order in which they run: what only reads comes first. */
export const ALL_CHECKS: readonly Check[] = [
  ...wireChecks,
  ...queryChecks,
  ...batchChecks,
  ...referenceChecks,
  ...partnerChecks,
  ...itemChecks,
  ...priceChecks,
  ...documentChecks,
  ...systemChecks,
  ...writeChecks,
];

/** What the suite leaves out, and why. */
export const LEFT_OUT: Readonly<Partial<Record<PortMethod, string>>> = {
  createKeyField: 'It changes every document table; only on an admin’s consent.',
  createLedger: 'It makes a table; only on an admin’s consent.',
  createSubscription: 'SAP has to call an address that answers.',
  resumeSubscription: 'It needs a subscription that SAP has stopped.',
  deleteSubscription: 'It needs a subscription of ours.',
  turnDraftIntoOrder: 'A person has to approve a draft in between.',
};

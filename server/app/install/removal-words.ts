import type { OutsideStep, RemovalStep } from '../ports/removal-store.ts';

/** What each step of a removal does. */
export const SENTENCES = {
  webhooks: 'Pipedrive stops telling this app about changes',
  sap_events: 'SAP stops telling this app about changes',
  access: 'The access to Pipedrive is given back',
  data: 'What is stored is erased',
} as const satisfies Record<RemovalStep, string>;

/** What an admin does where a step had to be left undone. */
export const BY_HAND = {
  webhooks:
    'Pipedrive could not be asked to stop telling this app about changes: that ends when the app is uninstalled there. What still arrives is not taken.',
  sap_events:
    'SAP could not be asked to stop telling this app about changes: your SAP partner deletes the subscription there. What still arrives is not taken.',
  access:
    'Pipedrive could not be reached to give the access back: each person who installed the app uninstalls it there, under Tools and apps, Marketplace apps.',
} as const satisfies Record<OutsideStep, string>;

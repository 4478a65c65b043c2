import type { CreditStatus } from './credit.ts';

/** Credit status as it is written into a text field in Pipedrive, where people filter by it. */
export const CREDIT_STATUS_TEXT: Readonly<Record<CreditStatus, string>> = {
  within_limit: 'Within limit',
  over_limit: 'Over limit',
  on_hold: 'On hold',
  no_limit: 'No limit set',
};

/** One line for Pipedrive's address field, e.g. `Hafenstr. 4, 20457 Hamburg, DE`; empty where SAP has nothing. */
export function addressLine(address: {
  street: string | null;
  postalCode: string | null;
  city: string | null;
  country: string | null;
}): string {
  const town = [address.postalCode, address.city].filter(Boolean).join(' ');
  return [address.street, town, address.country].filter(Boolean).join(', ');
}

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

/** An e-mail address or a phone number of a person, as Pipedrive lists several. */
export interface ContactPoint {
  readonly value: string;
  /** `work`, `home` and so on; null where there is none. */
  readonly label: string | null;
  readonly primary: boolean;
}

/** The one spelling of an address or number, for "is it the same?". */
export function normaliseContactPoint(value: string): string {
  return value.includes('@') ? value.trim().toLowerCase() : value.replace(/[^0-9+]/g, '');
}

/**
 * The list with SAP's value in it: what people entered stays, SAP's earlier value gives way. Undefined: leave it as it is.
 * @param isEarlier whether SAP gave this one before
 */
export function withSapValue(
  there: readonly ContactPoint[],
  value: string | null,
  isEarlier: (value: string) => boolean,
): readonly ContactPoint[] | undefined {
  if (!value) return undefined;
  const wanted = normaliseContactPoint(value);
  if (there.some((point) => normaliseContactPoint(point.value) === wanted)) return undefined;
  const earlier = there.findIndex((point) => isEarlier(point.value));
  if (earlier >= 0) return there.map((point, index) => (index === earlier ? { ...point, value } : point));
  return [...there, { value, label: 'work', primary: there.length === 0 }];
}

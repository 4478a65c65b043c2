import type { OrganizationRecord } from '../practice/pipedrive/records.ts';
import type { Customer } from './companies.ts';

/** Organizations that carry a SAP code, by that code. */
export function organizationsByCode({ pipedrive }: Customer): Map<string, number[]> {
  const byCode = new Map<string, number[]>();
  for (const organization of pipedrive.organizations()) {
    const code = pipedrive.fieldValue('organization', organization, 'SAP code');
    if (typeof code === 'string' && code !== '') byCode.set(code, [...(byCode.get(code) ?? []), organization.id]);
  }
  return byCode;
}

/** @throws Error where there is none, so that a test says what is missing. */
export function organizationOf(customer: Customer, cardCode: string): OrganizationRecord {
  const [id] = organizationsByCode(customer).get(cardCode) ?? [];
  const found = customer.pipedrive.organizations().find((organization) => organization.id === id);
  if (!found) throw new Error(`No organization has the SAP code ${cardCode}.`);
  return found;
}

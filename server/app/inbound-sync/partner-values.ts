import { assessCredit, type CreditStatus } from '../../domain/credit.ts';
import { addressLine, CREDIT_STATUS_TEXT } from '../../domain/partner-mapping.ts';
import { contentHash } from '../../kernel/canonical-json.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { isZero, toJsonNumber } from '../../kernel/money.ts';
import type { OrganizationValues } from '../ports/crm.ts';
import type { ErpContact, ErpPartner } from '../ports/erp.ts';
import type { SyncContext } from './sync-deps.ts';

/** What is needed beside a partner to say what its organization should hold. */
export interface PartnerSurroundings {
  readonly groups: ReadonlyMap<number, string>;
  readonly oldestDueDates: ReadonlyMap<string, LocalDate>;
  readonly today: LocalDate;
}

export interface MappedPartner {
  readonly partner: ErpPartner;
  readonly status: CreditStatus;
  /** Everything but the date of the credit status, which moves only with the status. */
  readonly values: OrganizationValues & { readonly name: string };
  /** The status is part of the hash; the day on which it was looked at is not: no change, no write. */
  readonly hash: string;
}

export function mapPartner(partner: ErpPartner, around: PartnerSurroundings, context: SyncContext): MappedPartner {
  const { settings, connection } = context.workplace;
  const oldestDueDate = around.oldestDueDates.get(partner.cardCode) ?? null;
  const { status } = assessCredit({ ...partner.credit, oldestDueDate }, '0', settings.credit, around.today);
  const { fields } = context;
  const custom: Record<string, string | { value: number; currency: string } | null> = {};
  const put = (code: string | undefined, value: string | { value: number; currency: string } | null) => {
    if (code) custom[code] = value;
  };
  const limit = isZero(partner.credit.limit)
    ? null
    : { value: toJsonNumber(partner.credit.limit), currency: connection.localCurrency };
  put(fields['organization.sap_code'], partner.cardCode);
  put(
    fields['organization.segment'],
    partner.groupCode === null ? null : (around.groups.get(partner.groupCode) ?? null),
  );
  put(fields['organization.credit_limit'], limit);
  put(fields['organization.credit_status'], CREDIT_STATUS_TEXT[status]);
  put(fields['organization.vat_number'], partner.vatNumber);
  const line = addressLine(partner.address);
  const { postalCode, city, country } = partner.address;
  const values = {
    name: partner.name,
    customFields: custom,
    ...(line ? { address: { value: line, postalCode, locality: city, country } } : {}),
  };
  return { partner, status, values, hash: contentHash({ ...values, contacts: partner.contacts.map(contactJson) }) };
}

/** The same values with the day on which the status was found. */
export function withStatusDate(mapped: MappedPartner, context: SyncContext, today: LocalDate): MappedPartner['values'] {
  const code = context.fields['organization.credit_status_date'];
  if (!code) return mapped.values;
  return { ...mapped.values, customFields: { ...mapped.values.customFields, [code]: today } };
}

export function contactJson({ code, name, email, phone, active }: ErpContact) {
  return { code, name, email, phone, active };
}

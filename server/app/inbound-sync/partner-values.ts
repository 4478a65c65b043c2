import { assessCredit, type CreditStatus } from '../../domain/credit.ts';
import { addressLine, CREDIT_STATUS_TEXT } from '../../domain/partner-mapping.ts';
import { contentHash } from '../../kernel/canonical-json.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { isZero, toJsonNumber } from '../../kernel/money.ts';
import type { OrganizationValues } from '../ports/crm.ts';
import type { CrmFieldCodes, CrmFieldPurpose } from '../ports/crm-field-store.ts';
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
  /** Ends in the status; the day on which it was looked at is no part of it: no change, no write. */
  readonly hash: string;
}

type CustomValue = string | { readonly value: number; readonly currency: string } | null;

export function mapPartner(partner: ErpPartner, around: PartnerSurroundings, context: SyncContext): MappedPartner {
  const { settings, connection } = context.workplace;
  const oldestDueDate = around.oldestDueDates.get(partner.cardCode) ?? null;
  const { status } = assessCredit({ ...partner.credit, oldestDueDate }, '0', settings.credit, around.today);
  const { fields, ownFields } = context;
  const custom: Record<string, CustomValue> = {};
  // What a sales person found out is not wiped where SAP knows nothing.
  const put = (purpose: CrmFieldPurpose, value: CustomValue) => {
    const code = fields[purpose];
    if (code && (value !== null || ownFields.has(purpose))) custom[code] = value;
  };
  const limit = isZero(partner.credit.limit)
    ? null
    : { value: toJsonNumber(partner.credit.limit), currency: connection.localCurrency };
  put('organization.sap_code', partner.cardCode);
  put('organization.segment', partner.groupCode === null ? null : (around.groups.get(partner.groupCode) ?? null));
  put('organization.credit_limit', limit);
  put('organization.credit_status', CREDIT_STATUS_TEXT[status]);
  put('organization.vat_number', partner.vatNumber);
  const line = addressLine(partner.address);
  const { postalCode, city, country } = partner.address;
  const values = {
    name: partner.name,
    customFields: custom,
    ...(line ? { address: { value: line, postalCode, locality: city, country } } : {}),
  };
  const content = contentHash({ ...values, contacts: partner.contacts.map(contactJson) });
  return { partner, status, values, hash: `${content}.${statusMark(status, fields)}` };
}

/** The status and the field that its date stands in: a field made later gets its date too. */
function statusMark(status: CreditStatus, fields: CrmFieldCodes): string {
  return `${status}@${fields['organization.credit_status_date'] ?? ''}`;
}

/**
 * The same values, with the day on which the status was found where it is another one than before.
 * @param lastHash what was last written; null: nothing yet
 */
export function withStatusDate(
  mapped: MappedPartner,
  lastHash: string | null,
  context: SyncContext,
  today: LocalDate,
): MappedPartner['values'] {
  const code = context.fields['organization.credit_status_date'];
  if (!code || lastHash?.endsWith(`.${statusMark(mapped.status, context.fields)}`)) return mapped.values;
  return { ...mapped.values, customFields: { ...mapped.values.customFields, [code]: today } };
}

export function contactJson({ code, name, email, phone, active }: ErpContact) {
  return { code, name, email, phone, active };
}

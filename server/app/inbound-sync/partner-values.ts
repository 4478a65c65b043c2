import { assessCredit, type CreditStatus } from '../../domain/credit.ts';
import { normaliseVat } from '../../domain/entity-match.ts';
import { addressLine, CREDIT_STATUS_TEXT } from '../../domain/partner-mapping.ts';
import { contentHash } from '../../kernel/canonical-json.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { isZero, toJsonNumber } from '../../kernel/money.ts';
import type { OrganizationValues } from '../ports/crm.ts';
import type { CrmFieldCodes, CrmFieldPurpose } from '../ports/crm-field-store.ts';
import type { ErpContact, ErpPartner } from '../ports/erp.ts';
import { marksIn } from './record-refused.ts';
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
  /**
   * Ends in marks of the VAT number, of all the organization's own values, and of the status; the day on which it was
   * looked at is no part of it: no change, no write.
   */
  readonly hash: string;
}

type CustomValue = string | number | { readonly value: number; readonly currency: string } | null;

export function mapPartner(partner: ErpPartner, around: PartnerSurroundings, context: SyncContext): MappedPartner {
  const { settings, connection } = context.workplace;
  const oldestDueDate = around.oldestDueDates.get(partner.cardCode) ?? null;
  const { status } = assessCredit({ ...partner.credit, oldestDueDate }, '0', settings.credit, around.today);
  const { fields, ownFields } = context;
  const custom: Record<string, CustomValue> = {};
  // What a sales person found out is not wiped where SAP knows nothing.
  const put = (purpose: CrmFieldPurpose, value: CustomValue | undefined) => {
    const code = fields[purpose];
    if (code && value !== undefined && (value !== null || ownFields.has(purpose))) custom[code] = value;
  };
  const limit = isZero(partner.credit.limit)
    ? null
    : { value: toJsonNumber(partner.credit.limit), currency: connection.localCurrency };
  put('organization.sap_code', partner.cardCode);
  const group = partner.groupCode === null ? null : (around.groups.get(partner.groupCode) ?? null);
  put('organization.segment', choiceOf(context, 'organization.segment', String(partner.groupCode), group));
  put('organization.credit_limit', limit);
  put(
    'organization.credit_status',
    choiceOf(context, 'organization.credit_status', status, CREDIT_STATUS_TEXT[status]),
  );
  put('organization.vat_number', partner.vatNumber);
  const line = addressLine(partner.address);
  const { postalCode, city, country } = partner.address;
  const values = {
    name: partner.name,
    customFields: custom,
    ...(line ? { address: { value: line, postalCode, locality: city, country } } : {}),
  };
  const content = contentHash({ ...values, contacts: partner.contacts.map(contactJson) });
  return {
    partner,
    status,
    values,
    hash: `${content}.${vatMark(partner.vatNumber, fields)}.${contentHash(values).slice(0, 16)}.${statusMark(status, fields)}`,
  };
}

/** The option where the field is a list, else the text. Undefined: an option that is not there yet. */
function choiceOf(
  { options }: SyncContext,
  purpose: CrmFieldPurpose,
  key: string,
  text: string | null,
): CustomValue | undefined {
  const choices = options.get(purpose);
  if (!choices || text === null) return text;
  return choices.find((option) => option.key === key)?.id;
}

/** By which a VAT number that SAP gave is known again in the field, however it is written there. */
function vatMark(vatNumber: string | null, fields: CrmFieldCodes): string {
  const number = normaliseVat(vatNumber) ?? vatNumber;
  return contentHash({ number, field: fields['organization.vat_number'] ?? null }).slice(0, 16);
}

/**
 * The same values, without a VAT number that is the customer's own business: a field that people fill too is written
 * only when SAP's number is another one than before, and the field is empty or holds the one that SAP gave.
 * @param lastHash what was last written; null: nothing yet
 * @param read what stands in the field now; asked only when it matters
 */
export async function withoutOthersVat(
  values: MappedPartner['values'],
  { partner, lastHash, context }: { partner: ErpPartner; lastHash: string | null; context: SyncContext },
  read: (code: string) => Promise<unknown>,
): Promise<MappedPartner['values']> {
  const code = context.fields['organization.vat_number'];
  if (!code || context.ownFields.has('organization.vat_number') || !values.customFields?.[code]) return values;
  const [, last] = marksIn(lastHash).split('.');
  if (last !== vatMark(partner.vatNumber, context.fields)) {
    const now = await read(code);
    const text = typeof now === 'string' ? now.trim() : '';
    if (text === '' || vatMark(text, context.fields) === last) return values;
  }
  const { [code]: _theirs, ...customFields } = values.customFields;
  return { ...values, customFields };
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
  if (!code || marksIn(lastHash).endsWith(`.${statusMark(mapped.status, context.fields)}`)) return mapped.values;
  return { ...mapped.values, customFields: { ...mapped.values.customFields, [code]: today } };
}

export function contactJson({ code, name, email, phone, active }: ErpContact) {
  return { code, name, email, phone, active };
}

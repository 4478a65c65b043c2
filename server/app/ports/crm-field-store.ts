import type { ConnectionId } from '../../kernel/ids.ts';
import type { Tx } from './unit-of-work.ts';

/** What each of the app's fields in Pipedrive is for. */
export const CRM_FIELD_PURPOSES = [
  'organization.sap_code',
  'organization.segment',
  'organization.credit_limit',
  'organization.credit_status',
  'organization.credit_status_date',
  'organization.vat_number',
  'deal.sap_document',
  'deal.sap_status',
  'deal.sap_link',
] as const;
export type CrmFieldPurpose = (typeof CRM_FIELD_PURPOSES)[number];

/** Field codes (40 characters) by purpose, as far as they exist. */
export type CrmFieldCodes = Readonly<Partial<Record<CrmFieldPurpose, string>>>;

/** One choice of a field, and what it stands for in SAP: a group's number, or a credit status. */
export interface KnownOption {
  readonly id: number;
  readonly key: string;
  readonly label: string;
}

/** An option, and the SAP company whose word it is: group 100 of one company is another group than 100 of the next. */
export interface StoredOption extends KnownOption {
  /** Null: the app's own word, or kept before companies were told apart. */
  readonly connectionId: ConnectionId | null;
}

/** One of the app's fields as it was when Pipedrive was last asked. */
export interface KnownCrmField {
  readonly purpose: CrmFieldPurpose;
  readonly code: string;
  /** As people see it; they may rename it. */
  readonly name: string;
  /** Pipedrive's word: `enum`, `varchar`, … */
  readonly type: string;
  /** True: the app made it, and nobody else fills it. False: the company's own, in which nothing is ever emptied. */
  readonly own: boolean;
  /** Empty for a field that takes text. */
  readonly options: readonly StoredOption[];
  /** Null: before this was kept. */
  readonly seenAt: Date | null;
}

/** Those that count for one SAP company. */
export function optionsFor(
  { options }: Pick<KnownCrmField, 'options'>,
  connectionId: ConnectionId,
): readonly StoredOption[] {
  return options.filter((option) => option.connectionId === connectionId || option.connectionId === null);
}

export interface CrmFieldStore {
  list(tx: Tx): Promise<readonly KnownCrmField[]>;
  get(tx: Tx): Promise<CrmFieldCodes>;
  save(tx: Tx, field: KnownCrmField): Promise<void>;
  remove(tx: Tx, purpose: CrmFieldPurpose): Promise<void>;
}

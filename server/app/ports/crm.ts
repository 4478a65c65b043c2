import type { ContactPoint } from '../../domain/partner-mapping.ts';
import type { TokenPurpose } from '../../domain/token-budget.ts';
import type { UnreadableLine } from '../../domain/unreadable-line.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Decimal } from '../../kernel/money.ts';
import type { GrantKind } from './installation-store.ts';

/** In whose name and for what a call to Pipedrive is made. */
export interface CrmCaller {
  readonly installationId: InstallationId;
  /** `service`: an admin's grant, or another active one. A number: that user's own grant and rights. */
  readonly as: 'service' | number;
  readonly purpose: TokenPurpose;
  readonly signal: AbortSignal;
  /** No request leaves from this instant on, however long the process stood still before: `unavailable` instead. */
  readonly sendBefore?: Date;
}

export type CustomFields = Readonly<Record<string, unknown>>;

export interface CrmDeal {
  readonly id: number;
  readonly title: string;
  readonly status: 'open' | 'won' | 'lost' | 'deleted';
  /** Deleted less than 30 days ago; `status` then says so too. */
  readonly isDeleted: boolean;
  /** Archived deals stand in a list of their own. */
  readonly isArchived: boolean;
  /** Null unless won. */
  readonly wonAt: Date | null;
  readonly organizationId: number | null;
  readonly personId: number | null;
  readonly ownerId: number | null;
  readonly currency: string;
  /** Null: an amount that cannot be carried exactly. */
  readonly value: Decimal | null;
  /** `YYYY-MM-DD` */
  readonly expectedCloseDate: string | null;
  /** Pipedrive's own text of the last change, for "has it changed since?". */
  readonly updateTime: string;
  readonly customFields: CustomFields;
}

export interface CrmDealLine {
  readonly id: number;
  readonly productId: number;
  readonly name: string;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  readonly discount: Decimal;
  readonly discountType: 'percentage' | 'amount';
  readonly taxPercent: Decimal;
  readonly taxMethod: 'exclusive' | 'inclusive' | 'none';
  readonly enabled: boolean;
  /** `one-time`, or how often the line recurs. */
  readonly billingFrequency: string;
  readonly sum: Decimal;
}

/** A line as a deal lists it: one that cannot be read hides no other. */
export type CrmListedLine = CrmDealLine | UnreadableLine;

/** Lists that can be asked for their newest change. */
export type CrmChangingList = 'deals' | 'archived_deals' | 'organizations' | 'persons' | 'products';

export interface CrmOrganization {
  readonly id: number;
  readonly name: string;
  readonly postalCode: string | null;
  /** The whole address in one line; null where there is none. */
  readonly address: string | null;
  /** Pipedrive's own text of the last change; empty where it gave none. */
  readonly updateTime: string;
  readonly isDeleted: boolean;
  readonly customFields: CustomFields;
  /** How many persons belong to it; told of one that is asked for alone, if at all. */
  readonly people?: number | undefined;
}

export interface CrmPerson {
  readonly id: number;
  readonly name: string;
  readonly organizationId: number | null;
  readonly emails: readonly ContactPoint[];
  readonly phones: readonly ContactPoint[];
  readonly updateTime: string;
  readonly isDeleted: boolean;
}

export interface CrmProduct {
  readonly id: number;
  readonly name: string;
  readonly code: string | null;
  readonly unit: string | null;
  /** False: not offered on deals. */
  readonly active: boolean;
  /** One per currency; one whose amount cannot be carried exactly is left out. */
  readonly prices: readonly { readonly currency: string; readonly price: Decimal }[];
  readonly updateTime: string;
  readonly isDeleted: boolean;
}

export interface CrmUser {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly active: boolean;
  readonly isAdmin: boolean;
}

export interface OrganizationValues {
  readonly name?: string;
  readonly address?: {
    readonly value: string;
    readonly postalCode: string | null;
    readonly locality: string | null;
    readonly country: string | null;
  };
  readonly customFields?: CustomFields;
}
export interface PersonValues {
  readonly name: string;
  readonly organizationId: number;
  /** Replaced as a whole; absent: left as they are. */
  readonly emails?: readonly ContactPoint[] | undefined;
  readonly phones?: readonly ContactPoint[] | undefined;
}
export interface ProductValues {
  readonly name: string;
  readonly code: string;
  /** Null: what stands there stays. */
  readonly unit: string | null;
  /** At most one per currency; prices in other currencies stay. */
  readonly prices: readonly { readonly currency: string; readonly price: Decimal }[];
  /** False: no longer offered on deals. */
  readonly active: boolean;
}

export type CrmFieldEntity = 'organization' | 'person' | 'deal' | 'product';
export interface CrmField {
  readonly code: string;
  readonly name: string;
  readonly type: string;
  readonly custom: boolean;
  /** Null where there is none; only fields of deals have one (reference pipedrive-api.md, section 4.10). */
  readonly description: string | null;
  /** Of `enum` and `set` fields; empty for the others. */
  readonly options: readonly CrmOption[];
}
export interface CrmOption {
  readonly id: number;
  readonly label: string;
}
/** Entities whose lists of choices the app keeps. */
export type CrmChoiceEntity = 'organization' | 'deal';

/** `active` is false while it is banned; what may be null is so where Pipedrive does not show it. */
export interface CrmWebhookInfo {
  readonly id: number;
  readonly url: string;
  readonly object: string;
  readonly action: string;
  readonly active: boolean;
  /** Of its Basic credentials. */
  readonly user: string | null;
  /** Whose rights say what it tells of: without them it goes silent (reference pipedrive-api.md, section 3.1). */
  readonly ownerId: number | null;
  /** HTTP status that the last delivery got. */
  readonly lastStatus: number | null;
  readonly lastDeliveryAt: Date | null;
}

/**
 * Pipedrive as the use cases see it. Every call may throw `reauth_required` (the grant is refused), `forbidden` (no right,
 * no scope, or a plan limit), `not_found` (gone, or not visible to this user: it cannot be told apart), `rate_limited`,
 * `unavailable` (also for an answer that cannot be what was asked for: nothing may be taken from it), `rejected` (refused
 * with Pipedrive's words). Creating calls may also throw `outcome_unknown`.
 *
 * `list…ByIds` ask in hundreds, 10 tokens each. What is absent from their answer is gone, archived, not visible to this
 * user, or, for a deal, not readable: it cannot be told apart, so absence alone proves nothing. Lists with `updatedSince`
 * come in the order of their change; a record that changes meanwhile may come twice, the later text last.
 */
export interface Crm {
  getDeal(caller: CrmCaller, dealId: number): Promise<CrmDeal>;
  /** Among the archived ones, at 20 tokens; undefined when it is not there, not visible, or not archived. */
  findArchivedDeal(caller: CrmCaller, dealId: number): Promise<CrmDeal | undefined>;
  /** All lines of the deal in their order. */
  listDealLines(caller: CrmCaller, dealId: number): Promise<readonly CrmListedLine[]>;
  /** No archived ones, or those alone, at 20 tokens. */
  listDealsByIds(caller: CrmCaller, ids: readonly number[], from?: { archived: boolean }): Promise<readonly CrmDeal[]>;
  /** Of any status but deleted, changed at or after this instant, pages of 500 at 10 tokens, of archived ones at 20. */
  listChangedDeals(
    caller: CrmCaller,
    options: { updatedSince: Date; archived: boolean },
  ): AsyncIterable<readonly CrmDeal[]>;
  /** Deleted in the last 30 days and changed at or after this instant. */
  listDeletedDeals(caller: CrmCaller, updatedSince: Date): AsyncIterable<readonly CrmDeal[]>;
  /** Pipedrive's own text of the newest change in a list; undefined where it is empty. Costs as much as the list. */
  findLastChange(caller: CrmCaller, list: CrmChangingList): Promise<string | undefined>;
  /** The lines of many deals in their order, 10 tokens for a hundred deals; each deal asked for has its entry. */
  listDealLinesOf(
    caller: CrmCaller,
    dealIds: readonly number[],
  ): Promise<ReadonlyMap<number, readonly CrmListedLine[]>>;
  updateDealFields(caller: CrmCaller, dealId: number, customFields: CustomFields): Promise<void>;

  getOrganization(caller: CrmCaller, organizationId: number): Promise<CrmOrganization>;
  getPerson(caller: CrmCaller, personId: number): Promise<CrmPerson>;
  getProduct(caller: CrmCaller, productId: number): Promise<CrmProduct>;
  listOrganizationsByIds(
    caller: CrmCaller,
    ids: readonly number[],
    customFields: readonly string[],
  ): Promise<readonly CrmOrganization[]>;
  listPersonsByIds(caller: CrmCaller, ids: readonly number[]): Promise<readonly CrmPerson[]>;
  listProductsByIds(caller: CrmCaller, ids: readonly number[]): Promise<readonly CrmProduct[]>;
  /** Pages of 500; changed at or after `updatedSince` when given. */
  listOrganizations(
    caller: CrmCaller,
    options: { updatedSince?: Date; customFields: readonly string[] },
  ): AsyncIterable<readonly CrmOrganization[]>;
  listPersons(
    caller: CrmCaller,
    options: { organizationId?: number; updatedSince?: Date },
  ): AsyncIterable<readonly CrmPerson[]>;
  listProducts(caller: CrmCaller, options: { updatedSince?: Date }): AsyncIterable<readonly CrmProduct[]>;
  /** Open and won deals of an organization, newest first, at most 500; `more`: there are older ones. 10 tokens. */
  listDealsOfOrganization(
    caller: CrmCaller,
    organizationId: number,
  ): Promise<{ readonly deals: readonly CrmDeal[]; readonly more: boolean }>;

  createOrganization(caller: CrmCaller, values: OrganizationValues & { name: string }): Promise<number>;
  /** @returns the organization as it stands afterwards; null where the answer does not show it */
  updateOrganization(caller: CrmCaller, id: number, values: OrganizationValues): Promise<CrmOrganization | null>;
  createPerson(caller: CrmCaller, values: PersonValues): Promise<number>;
  /** What is absent stays as it is. */
  updatePerson(caller: CrmCaller, id: number, values: Partial<PersonValues>): Promise<void>;
  createProduct(caller: CrmCaller, values: ProductValues): Promise<number>;
  updateProduct(caller: CrmCaller, id: number, values: ProductValues): Promise<void>;

  /** HTML; pinned to the deal. */
  createDealNote(caller: CrmCaller, dealId: number, html: string): Promise<number>;
  listDealNotes(caller: CrmCaller, dealId: number): Promise<readonly { id: number; content: string }[]>;
  /** Replaces the content. */
  updateNote(caller: CrmCaller, id: number, html: string): Promise<void>;
  deleteNote(caller: CrmCaller, id: number): Promise<void>;

  listFields(caller: CrmCaller, entity: CrmFieldEntity): Promise<readonly CrmField[]>;
  /** `options` (labels) for a list of choices, and for nothing else; `description` for a field of deals only. */
  createField(
    caller: CrmCaller,
    entity: CrmFieldEntity,
    field:
      | { name: string; type: 'varchar' | 'text' | 'monetary' | 'date' | 'double'; description?: string }
      | { name: string; type: 'enum'; options: readonly string[] },
  ): Promise<CrmField>;
  /** All or nothing; gives the new ones. */
  addFieldOptions(
    caller: CrmCaller,
    entity: CrmChoiceEntity,
    fieldCode: string,
    labels: readonly string[],
  ): Promise<readonly CrmOption[]>;
  renameFieldOptions(
    caller: CrmCaller,
    entity: CrmChoiceEntity,
    fieldCode: string,
    options: readonly CrmOption[],
  ): Promise<void>;

  listWebhooks(caller: CrmCaller): Promise<readonly CrmWebhookInfo[]>;
  createWebhook(
    caller: CrmCaller,
    webhook: { name: string; url: string; object: string; action: string; user: string; password: string },
  ): Promise<number>;
  deleteWebhook(caller: CrmCaller, id: number): Promise<void>;

  /** All users of the company. */
  listUsers(caller: CrmCaller): Promise<readonly CrmUser[]>;
  /** Whoever this grant belongs to, asked anew; gives the company it acts in. */
  getMe(caller: CrmCaller): Promise<CrmIdentity>;
}

export interface CrmIdentity {
  readonly userId: number;
  readonly userName: string;
  readonly isAdmin: boolean;
  readonly companyId: string;
  readonly companyName: string;
  /** Sub-domain label, e.g. `acme`. */
  readonly companyDomain: string;
  readonly language: string;
}

export interface TokenAnswer {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: Date;
  readonly scopes: readonly string[];
  /** Checked: one label under PIPEDRIVE_DOMAIN over https, or a local host that the operator listed. */
  readonly apiDomain: string;
}

/** What is needed before, and beside, an installation's grant. */
export interface CrmOAuth {
  /** @throws {InvalidInputError} for a code that is used, expired or wrong; {UnavailableError} */
  exchangeCode(code: string, redirectUri: string, signal: AbortSignal): Promise<TokenAnswer>;
  /** Who the token belongs to, asked of Pipedrive with the token itself. */
  identify(apiDomain: string, accessToken: string, signal: AbortSignal, kind?: GrantKind): Promise<CrmIdentity>;
  /** Vendor-side uninstall: ends the grant. */
  revoke(refreshToken: string, signal: AbortSignal): Promise<void>;
}

import type { ContactPoint } from '../../domain/partner-mapping.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Decimal } from '../../kernel/money.ts';
import type { TokenPurpose } from './token-ledger.ts';

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
  /** Null unless won. */
  readonly wonAt: Date | null;
  readonly organizationId: number | null;
  readonly personId: number | null;
  readonly ownerId: number | null;
  readonly currency: string;
  readonly value: Decimal;
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

export interface CrmOrganization {
  readonly id: number;
  readonly name: string;
  readonly postalCode: string | null;
  readonly customFields: CustomFields;
}

export interface CrmPerson {
  readonly id: number;
  readonly name: string;
  readonly organizationId: number | null;
  readonly emails: readonly ContactPoint[];
  readonly phones: readonly ContactPoint[];
}

export interface CrmProduct {
  readonly id: number;
  readonly name: string;
  readonly code: string | null;
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
}

export interface CrmWebhookInfo {
  readonly id: number;
  readonly url: string;
  readonly object: string;
  readonly action: string;
  readonly active: boolean;
}

/**
 * Pipedrive as the use cases see it. Every call may throw `reauth_required` (the grant is refused), `forbidden` (no right,
 * no scope, or a plan limit), `not_found` (gone, or not visible to this user: it cannot be told apart), `rate_limited`,
 * `unavailable`, `rejected` (refused with Pipedrive's words). Creating calls may also throw `outcome_unknown`.
 */
export interface Crm {
  getDeal(caller: CrmCaller, dealId: number): Promise<CrmDeal>;
  /** All lines of the deal in their order. */
  listDealLines(caller: CrmCaller, dealId: number): Promise<readonly CrmDealLine[]>;
  /** Won deals changed at or after this instant, pages of 500; archived ones not included. */
  listWonDeals(caller: CrmCaller, updatedSince: Date): AsyncIterable<readonly CrmDeal[]>;
  updateDealFields(caller: CrmCaller, dealId: number, customFields: CustomFields): Promise<void>;

  getOrganization(caller: CrmCaller, organizationId: number): Promise<CrmOrganization>;
  getPerson(caller: CrmCaller, personId: number): Promise<CrmPerson>;
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
  /** Open and won deals of an organization, newest first; at most one page. */
  listDealsOfOrganization(caller: CrmCaller, organizationId: number): Promise<readonly CrmDeal[]>;

  createOrganization(caller: CrmCaller, values: OrganizationValues & { name: string }): Promise<number>;
  updateOrganization(caller: CrmCaller, id: number, values: OrganizationValues): Promise<void>;
  createPerson(caller: CrmCaller, values: PersonValues): Promise<number>;
  /** What is absent stays as it is. */
  updatePerson(caller: CrmCaller, id: number, values: Partial<PersonValues>): Promise<void>;
  createProduct(caller: CrmCaller, values: ProductValues): Promise<number>;
  updateProduct(caller: CrmCaller, id: number, values: ProductValues): Promise<void>;

  /** HTML; pinned to the deal. */
  createDealNote(caller: CrmCaller, dealId: number, html: string): Promise<number>;
  listDealNotes(caller: CrmCaller, dealId: number): Promise<readonly { id: number; content: string }[]>;

  listFields(caller: CrmCaller, entity: CrmFieldEntity): Promise<readonly CrmField[]>;
  /** Gives the new field's code. */
  createField(
    caller: CrmCaller,
    entity: CrmFieldEntity,
    field: { name: string; type: 'varchar' | 'text' | 'monetary' | 'date' | 'double' },
  ): Promise<string>;

  listWebhooks(caller: CrmCaller): Promise<readonly CrmWebhookInfo[]>;
  createWebhook(
    caller: CrmCaller,
    webhook: { name: string; url: string; object: string; action: string; user: string; password: string },
  ): Promise<number>;
  deleteWebhook(caller: CrmCaller, id: number): Promise<void>;

  /** All users of the company. */
  listUsers(
    caller: CrmCaller,
  ): Promise<readonly { id: number; name: string; email: string; active: boolean; isAdmin: boolean }[]>;
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
  identify(apiDomain: string, accessToken: string, signal: AbortSignal): Promise<CrmIdentity>;
  /** Vendor-side uninstall: ends the grant. */
  revoke(refreshToken: string, signal: AbortSignal): Promise<void>;
}

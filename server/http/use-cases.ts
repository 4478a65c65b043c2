import type { z } from 'zod';
import type { DeliveryCaller, DeliveryProof } from '../app/deliveries/delivery-callers.ts';
import type { ArrivedDelivery, ReceiptOfDelivery } from '../app/deliveries/receive-delivery.ts';
import type { ErpProof } from '../app/erp-events/find-caller.ts';
import type { CrmIdentity, CrmOAuth, TokenAnswer } from '../app/ports/crm.ts';
import type { OAuthStateStore } from '../app/ports/oauth-state-store.ts';
import type { Principal } from '../app/principal.ts';
import type { API_ROUTES } from '../contract/routes.ts';

export type ApiRoutes = typeof API_ROUTES;
export type ApiRouteName = keyof ApiRoutes;

type Parsed<R, K extends 'params' | 'query' | 'body'> = R extends { readonly [key in K]: infer S extends z.ZodType }
  ? z.output<S>
  : unknown;

/** Path parameters, query and body of a route in one value, checked by the contract; `unknown` where a route takes none. */
export type ApiInput<N extends ApiRouteName> = Parsed<ApiRoutes[N], 'params'> &
  Parsed<ApiRoutes[N], 'query'> &
  Parsed<ApiRoutes[N], 'body'>;
export type ApiAnswer<N extends ApiRouteName> = z.input<ApiRoutes[N]['answer']>;

/** What belongs to one call and not to its input. */
export interface ApiCall {
  /** Ends when the person has gone: nobody reads the answer any more. */
  readonly signal: AbortSignal;
  /** For the audit trail and the log. */
  readonly requestId: string;
}

/** One function a route of the contract. Admin-only routes are refused before they get here. */
export type ApiUseCases = {
  readonly [N in ApiRouteName]: (principal: Principal, input: ApiInput<N>, call: ApiCall) => Promise<ApiAnswer<N>>;
};

export interface UninstallNotice {
  readonly companyId: string;
  /** Null: Pipedrive named no user. */
  readonly userId: number | null;
  /** When it happened, by Pipedrive; null where that cannot be read. A notice older than the grant is a late one. */
  readonly at: Date | null;
}

/** A file that is sent while it is made; a name that is safe in a header. */
export interface ExportFile {
  readonly name: string;
  readonly pieces: AsyncIterable<string>;
}

/** All that the web process asks of the application. */
export interface UseCases {
  readonly oauth: Pick<CrmOAuth, 'exchangeCode' | 'identify'>;
  readonly oauthStates: OAuthStateStore;
  /** Keeps the grant; gives the address in Pipedrive to lead the browser to. */
  completeInstall(tokens: TokenAnswer, identity: CrmIdentity): Promise<{ readonly redirectTo: string }>;
  /** No effect for a company or user that is not installed. */
  uninstall(notice: UninstallNotice): Promise<void>;
  /** Whose webhook this is, by its address and credentials alone; undefined: nobody's. */
  findDeliveryCaller(proof: DeliveryProof): Promise<DeliveryCaller | undefined>;
  /** Resolves when it is committed. `not_ours`: the app or the webhook is gone by now. `refused`: a wrong or missing signature, or another company. */
  receiveDelivery(caller: DeliveryCaller, delivery: ArrivedDelivery): Promise<ReceiptOfDelivery>;
  /** A delivery to this address got 503, or no answer. @param addressHash SHA-256 of the address' secret */
  noteMissedDelivery(addressHash: Uint8Array): void;
  /** Whether this may be a SAP server of ours, by all that can be told before its body is read. */
  isErpCaller(proof: Omit<ErpProof, 'signed'>): Promise<boolean>;
  /** Events of a SAP server. `not_ours`: unknown address or a wrong signature. */
  receiveErpEvents(proof: ErpProof): Promise<'accepted' | 'not_ours'>;
  /** What SAP wants back before it sends events; undefined: not ours. */
  answerErpHandshake(
    token: string | undefined,
    proof: Omit<ErpProof, 'signed'>,
  ): Promise<{ readonly challenge: string } | undefined>;
  /** @throws {NotFoundError} when the company has no installation; {ForbiddenError} when this user has not installed */
  authenticate(claims: { readonly companyId: string; readonly userId: number }): Promise<Principal>;
  /** Whether this person is an admin of the Pipedrive company now, give or take five minutes. */
  isAdminNow(principal: Principal, signal: AbortSignal): Promise<boolean>;
  readonly api: ApiUseCases;
  /** The error itself, or one in its place that tells a person more. */
  explainFailure(principal: Principal, error: unknown): Promise<unknown>;
  /** Everything that is stored of the principal's company, but no secret. */
  exportInstallation(principal: Principal, requestId: string): Promise<ExportFile>;
  /**
   * Origins that may frame the pages of this company, e.g. `https://acme.pipedrive.com`; for undefined (no valid token)
   * those that belong to no single company.
   */
  frameAncestorsFor(companyId: string | undefined): Promise<readonly string[]>;
  readiness(): Promise<{ readonly database: boolean; readonly migrations: boolean }>;
}

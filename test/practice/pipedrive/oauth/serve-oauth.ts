import type { CompanyState } from '../company/state.ts';
import { html, json, type PlainAnswer, type PlainRequest } from '../http/plain.ts';
import type { RegisteredApp } from '../options.ts';
import { consentPage, errorPage } from './consent-page.ts';
import type { GrantStore, IssuedTokens } from './grants.ts';

export interface OAuthHost {
  app: RegisteredApp;
  grants: GrantStore;
  companies: ReadonlyMap<number, CompanyState>;
  /** Who let the app in last, by company: the pages take them for the person at the screen. */
  lastConsent: Map<number, number>;
  /** The vendor ended a grant by revoking its refresh token: the app counts as uninstalled. */
  onVendorUninstall(companyId: number, userId: number): void;
}

/** Answers on the OAuth host: consent page, token, revoke. */
export function serveOAuth(host: OAuthHost, request: PlainRequest): PlainAnswer {
  // The official description writes the address of a refresh with a slash at its end.
  const route = `${request.method} ${request.url.pathname.replace(/\/$/, '')}`;
  if (route === 'GET /oauth/authorize') return authorize(host, request.url.searchParams);
  if (route === 'POST /oauth/authorize') return decide(host, new URLSearchParams(request.body));
  if (route === 'POST /oauth/token') return token(host, request);
  if (route === 'POST /oauth/revoke') return revoke(host, request);
  return json(404, { success: false, error: 'Not found' });
}

/** Where the browser is sent after the decision. @throws Error for a user that the company does not have. */
export function redirectAfter(
  host: OAuthHost,
  query: URLSearchParams,
  decision: { companyId: number; userId: number; allow: boolean },
): string {
  const target = new URL(query.get('redirect_uri') ?? host.app.callbackUrl);
  const state = query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  if (!decision.allow) {
    target.searchParams.set('error', 'user_denied');
    return target.href;
  }
  const { companyId, userId } = decision;
  if (!host.companies.get(companyId)?.users.has(userId)) throw new Error(`No user ${userId} in company ${companyId}`);
  host.lastConsent.set(companyId, userId);
  const redirectUri = query.get('redirect_uri') ?? host.app.callbackUrl;
  target.searchParams.set('code', host.grants.issueCode(companyId, userId, redirectUri));
  return target.href;
}

/** Undefined = fine; otherwise the sentence that the user would see. */
function authorizeProblem(host: OAuthHost, query: URLSearchParams): string | undefined {
  if (query.get('client_id') !== host.app.clientId) return 'The app is not known.';
  if (query.get('redirect_uri') !== host.app.callbackUrl) {
    return 'The redirect_uri does not match the one in Developer Hub.';
  }
  const type = query.get('response_type');
  return type === null || type === 'code' ? undefined : 'The response_type is not supported.';
}

function authorize(host: OAuthHost, query: URLSearchParams): PlainAnswer {
  const problem = authorizeProblem(host, query);
  if (problem) return html(400, errorPage(problem));
  return html(200, consentPage(host.app, [...host.companies.values()], query, query.get('as')));
}

function decide(host: OAuthHost, form: URLSearchParams): PlainAnswer {
  const problem = authorizeProblem(host, form);
  const [companyId = Number.NaN, userId = Number.NaN] = (form.get('who') ?? '').split(':').map(Number);
  if (problem || !host.companies.get(companyId)?.users.has(userId))
    return html(400, errorPage(problem ?? 'Log in first.'));
  if (!host.companies.get(companyId)?.switches.installable) {
    return html(400, errorPage('This app cannot be installed for your company.'));
  }
  const location = redirectAfter(host, form, { companyId, userId, allow: form.get('answer') === 'allow' });
  return { status: 302, headers: { location }, body: '' };
}

function token(host: OAuthHost, request: PlainRequest): PlainAnswer {
  const form = formOf(request);
  if (!form) return refused('invalid_request', 'Content-Type must be application/x-www-form-urlencoded');
  if (!knowsClient(host.app, request, form)) return refused('invalid_client', 'Client is invalid');
  const grantType = form.get('grant_type');
  if (grantType === 'authorization_code') {
    const redirectUri = form.get('redirect_uri') ?? '';
    if (redirectUri !== host.app.callbackUrl) return refused('invalid_grant', 'redirect_uri does not match');
    const issued = host.grants.exchangeCode(form.get('code') ?? '', redirectUri, host.app.scopes);
    return issued ? issuedAnswer(host, issued) : refused('invalid_grant', 'Authorization code is invalid');
  }
  if (grantType === 'refresh_token') {
    const issued = host.grants.refresh(form.get('refresh_token') ?? '');
    return issued && isActive(host, issued)
      ? issuedAnswer(host, issued)
      : refused('invalid_grant', 'Refresh token is invalid');
  }
  return refused('unsupported_grant_type', 'grant_type is missing or not supported');
}

/** Answers 200 for a token that is not known, as RFC 7009 asks. */
function revoke(host: OAuthHost, request: PlainRequest): PlainAnswer {
  const form = formOf(request);
  if (!form) return refused('invalid_request', 'Content-Type must be application/x-www-form-urlencoded');
  if (!knowsClient(host.app, request, form)) return refused('invalid_client', 'Client is invalid');
  const ended = host.grants.revoke(form.get('token') ?? '');
  if (ended) host.onVendorUninstall(ended.companyId, ended.userId);
  return json(200, { success: true });
}

function issuedAnswer(host: OAuthHost, { grant, accessToken, expiresIn }: IssuedTokens): PlainAnswer {
  const answer = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
    refresh_token: grant.refreshToken,
    scope: grant.scopes.join(','),
    api_domain: host.companies.get(grant.companyId)?.apiDomain,
  };
  return json(200, host.grants.editTokenAnswer?.(answer) ?? answer, { 'cache-control': 'no-store' });
}

/** A user who was deactivated gets no new tokens. */
function isActive(host: OAuthHost, { grant }: IssuedTokens): boolean {
  return host.companies.get(grant.companyId)?.users.get(grant.userId)?.active_flag === true;
}

function refused(error: string, description: string): PlainAnswer {
  return json(400, { error, error_description: description });
}

function formOf(request: PlainRequest): URLSearchParams | undefined {
  const type = request.headers['content-type'] ?? '';
  return type.startsWith('application/x-www-form-urlencoded') ? new URLSearchParams(request.body) : undefined;
}

function knowsClient(app: RegisteredApp, request: PlainRequest, form: URLSearchParams): boolean {
  const [scheme, encoded = ''] = (request.headers['authorization'] ?? '').split(' ');
  const pair =
    scheme === 'Basic'
      ? Buffer.from(encoded, 'base64').toString('utf8')
      : `${form.get('client_id') ?? ''}:${form.get('client_secret') ?? ''}`;
  return pair === `${app.clientId}:${app.clientSecret}`;
}

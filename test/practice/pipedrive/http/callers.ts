import type { CompanyState } from '../company/state.ts';
import { ApiFailure, unauthorized } from '../failures.ts';
import type { GrantStore } from '../oauth/grants.ts';
import type { UserRecord } from '../records.ts';
import type { PlainRequest } from './plain.ts';

/** Whose token a request carries. */
export interface Caller {
  user: UserRecord;
  /** Null for a personal API token, which is allowed everything its user is. */
  scopes: readonly string[] | null;
}

/** The caller, or undefined where there is no valid token of this company. */
export function callerOf(company: CompanyState, grants: GrantStore, request: PlainRequest): Caller | undefined {
  const apiToken = request.headers['x-api-token'];
  if (apiToken !== undefined) {
    const user = [...company.users.values()].find(
      ({ api_token, active_flag }) => active_flag && api_token === apiToken,
    );
    return user && { user, scopes: null };
  }
  const [scheme, token = ''] = (request.headers['authorization'] ?? '').split(' ');
  const grant = scheme === 'Bearer' ? grants.byAccessToken(token) : undefined;
  if (!grant || grant.companyId !== company.id) return undefined;
  const user = company.users.get(grant.userId);
  return user?.active_flag ? { user, scopes: grant.scopes } : undefined;
}

/** @throws ApiFailure 400 for a header that cannot be read, 401 for any other missing or dead token. */
export function refuseCaller(request: PlainRequest): never {
  const header = request.headers['authorization'];
  if (header !== undefined && !/^Bearer \S+$/.test(header)) {
    throw new ApiFailure(400, { success: false, error: 'Malformed Authorization header', errorCode: 400 });
  }
  throw unauthorized();
}

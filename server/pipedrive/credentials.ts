import type { GrantKind } from '../app/ports/installation-store.ts';

/**
 * The header that carries a token: a bearer for OAuth, `x-api-token` for a personal API token.
 * @see reference pipedrive-api.md, section 1.1; `api_key` in the official descriptions' security schemes
 */
export function credentialHeader(kind: GrantKind, token: string): Readonly<Record<string, string>> {
  return kind === 'api_token' ? { 'x-api-token': token } : { authorization: `Bearer ${token}` };
}

import type { CrmGrant } from '../app/ports/crm-access.ts';
import { type Operation, pathOf } from './operations.ts';
import type { OutgoingRequest } from './transport.ts';
import { USER_AGENT } from './user-agent.ts';

export interface CallInput {
  /** Takes the place of `{id}` in the operation's path. */
  readonly id?: number;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
}

export function toRequest(
  operation: Operation,
  { id, query, body }: CallInput,
  grant: CrmGrant,
  signal: AbortSignal,
): OutgoingRequest {
  const url = new URL(pathOf(operation, id), grant.apiDomain);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return {
    method: operation.method,
    url: url.href,
    headers: {
      authorization: `Bearer ${grant.accessToken.reveal()}`,
      accept: 'application/json',
      'user-agent': USER_AGENT,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal,
  };
}

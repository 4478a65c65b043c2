import type { CrmGrant } from '../app/ports/crm-access.ts';
import { credentialHeader } from './credentials.ts';
import type { OperationKey } from './operation-list.ts';
import { type BodyOf, descriptionOf, type Kind, type Operation, type Query, type QueryOf } from './operations.ts';
import type { OutgoingRequest } from './transport.ts';
import { USER_AGENT } from './user-agent.ts';

/** What goes into the placeholders of a path. */
export interface PathValues {
  /** `{id}` */
  readonly id?: number;
  /** A second id, behind the first. */
  readonly part?: number;
  /** `{field_code}` */
  readonly fieldCode?: string;
}

/** As a call is made: names that Pipedrive's description of that call lacks do not compile. */
export interface TypedInput<Key extends OperationKey> extends PathValues {
  readonly query?: QueryOf<Key>;
  readonly body?: BodyOf<Key>;
}

export interface CallInput extends PathValues {
  readonly query?: Query;
  readonly body?: object;
}

/**
 * Pipedrive passes over query parameters that it does not know and gives everything instead, so none leaves that its
 * own description does not name, nor an instant with a fraction, which it refuses (reference pipedrive-api.md, 4.3).
 * @throws {TypeError} before anything is sent or charged
 */
export function checkInput(operation: Operation, { query, body }: CallInput): void {
  const { query: known, body: shape } = descriptionOf(operation);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    checkValue(known[name], value, `query ${name} of ${operation.name}`);
    if (name.startsWith('updated_') && !WHOLE_SECONDS.test(String(value))) {
      throw new TypeError(`query ${name} of ${operation.name} must be an instant in whole seconds`);
    }
  }
  if (body !== undefined) checkValue(shape, body, `the body of ${operation.name}`);
}

const WHOLE_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Null clears a value of any kind. */
function checkValue(kind: Kind | undefined, value: unknown, at: string): void {
  if (kind === undefined) throw new TypeError(`${at} is not in Pipedrive's description`);
  if (kind === 'object' || value === null || value === undefined) return;
  if (typeof kind === 'string') {
    if (typeof value !== TYPES[kind]) throw new TypeError(`${at} must be a ${TYPES[kind]}`);
  } else if (isListKind(kind)) {
    if (!Array.isArray(value)) throw new TypeError(`${at} must be a list`);
    for (const member of value) checkValue(kind[0], member, at);
  } else {
    for (const [name, member] of Object.entries(value)) checkValue(kind[name], member, `${name} in ${at}`);
  }
}

const TYPES = { text: 'string', number: 'number', flag: 'boolean' } as const;

function isListKind(kind: Exclude<Kind, string>): kind is readonly [Kind] {
  return Array.isArray(kind);
}

/** The path with its ids in place. @throws {TypeError} for what is no id: such a value never enters a URL. */
export function pathOf({ path }: Operation, { id, part, fieldCode }: PathValues): string {
  return path.replace(/\{(\w+)\}/g, (_placeholder, name: string) => {
    if (name === 'field_code') return codeText(fieldCode);
    return idText(name === 'id' ? id : part);
  });
}

function idText(id: number | undefined): string {
  if (id === undefined || !Number.isSafeInteger(id) || id <= 0) throw new TypeError('not an id of Pipedrive');
  return String(id);
}

/** Forty hex digits for a custom field, a plain word for a built-in one. */
function codeText(code: string | undefined): string {
  if (code === undefined || !/^\w{1,100}$/.test(code)) throw new TypeError('not a field code of Pipedrive');
  return code;
}

export function toRequest(
  operation: Operation,
  { query, body, ...path }: CallInput,
  grant: CrmGrant,
  signal: AbortSignal,
): OutgoingRequest {
  const url = new URL(pathOf(operation, path), grant.apiDomain);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return {
    method: operation.method,
    url: url.href,
    headers: {
      ...credentialHeader(grant.kind, grant.accessToken.reveal()),
      accept: 'application/json',
      'user-agent': USER_AGENT,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal,
  };
}

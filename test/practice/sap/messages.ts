import type { Company } from './company/model.ts';
import type { Dialect } from './dialects.ts';

/** One request to the service, after the session is known: alone or as a part of a batch. */
export interface SlRequest {
  readonly method: string;
  /** Below the service root, decoded, without query: `Orders(1)/Cancel`. */
  readonly path: string;
  /** As it was sent. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** One of several writes that succeed or fail together. */
  readonly inChangeSet?: boolean;
}

export interface SlResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where a request is carried out. */
export interface Scene {
  readonly company: Company;
  readonly dialect: Dialect;
  /** `https://host:port`, as the client named it. */
  readonly origin: string;
}

export const noContent = (headers: Record<string, string> = {}): SlResponse => ({ status: 204, headers, body: '' });

export function json(scene: Scene, status: number, body: unknown, headers: Record<string, string> = {}): SlResponse {
  const version = scene.dialect.version === 'v2' ? { 'OData-Version': '4.0' } : { DataServiceVersion: '3.0' };
  return {
    status,
    headers: { 'Content-Type': 'application/json;charset=utf-8', ...version, ...headers },
    body: JSON.stringify(body),
  };
}

/** Reads a preference such as `odata.maxpagesize=50` or `return-no-content`. */
export function preference(request: SlRequest, name: string): string | undefined {
  for (const part of (request.headers['prefer'] ?? '').split(/[,;]/)) {
    const [key = '', value = ''] = part.trim().split('=');
    if (key.toLowerCase() === name) return value;
  }
  return undefined;
}

/** A `B1S-…` switch set to true for this one request. */
export function switchedOn(request: SlRequest, name: string): boolean {
  return (request.headers[name] ?? '').toLowerCase() === 'true';
}

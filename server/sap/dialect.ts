/** Service Layer speaks OData v4 under /b1s/v2 and v3 under /b1s/v1; sessions, entities and rules are the same. */
export interface Dialect {
  readonly path: '/b1s/v2' | '/b1s/v1';
  /** Read-only operations such as `CompanyService_GetAdminInfo` are functions in v4, function imports by POST in v3. */
  readonly functionMethod: 'GET' | 'POST';
}

export const V2: Dialect = { path: '/b1s/v2', functionMethod: 'GET' };
export const V1: Dialect = { path: '/b1s/v1', functionMethod: 'POST' };

/** Which dialects to try at sign-in, best first: an address that names v1 means it. */
export function dialectsFor(path: Dialect['path']): readonly Dialect[] {
  return path === '/b1s/v1' ? [V1] : [V2, V1];
}

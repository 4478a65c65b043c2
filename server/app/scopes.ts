/**
 * What the app asks for, and what people cannot do without each; the names are Pipedrive's (reference pipedrive-api.md,
 * section 1.5). The manifest, the installation guide and this list are one: a test fails on anything extra or missing.
 */
const SCOPES = {
  base: 'recognise who uses the app',
  'deals:full': 'read won deals and write the SAP number back to them',
  'contacts:full': 'keep organizations and persons up to date',
  'products:full': 'keep products and prices up to date',
  'activities:full': 'add activities',
  'users:read': 'see which colleagues use the app',
  'deal-fields:full': 'create fields on deals',
  'contact-fields:full': 'create fields on organizations and persons',
  'product-fields:full': 'create fields on products',
  'webhooks:full': 'be told at once when a deal is won',
} as const satisfies Readonly<Record<string, string>>;

export const SCOPE_NAMES: readonly string[] = Object.keys(SCOPES);

/** In words that follow on "the app cannot"; nothing for a grant whose scopes were never told. */
export function wordsForMissing(granted: readonly string[]): readonly string[] {
  if (granted.length === 0) return [];
  return Object.entries(SCOPES).flatMap(([scope, words]) => (granted.includes(scope) ? [] : [words]));
}

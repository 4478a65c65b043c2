import type { FindingStore } from './ports/finding-store.ts';
import type { GrantStore } from './ports/installation-store.ts';
import type { Tx } from './ports/unit-of-work.ts';
import { wordsForMissing } from './scopes.ts';

export interface GrantedScopesDeps {
  readonly grants: Pick<GrantStore, 'list'>;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
}

/** More names than this are counted. */
const NAMED = 3;

/**
 * Compares what Pipedrive granted with what the app asks for, over all grants in use: what is missing is one finding, and
 * closes once it is granted. A user keeps the scopes of their install until they install again (reference
 * pipedrive-api.md, section 1.2).
 */
export async function settleGrantedScopes({ grants, findings }: GrantedScopesDeps, tx: Tx, now: Date): Promise<void> {
  const active = (await grants.list(tx)).filter(({ status }) => status === 'active');
  const lacking = active.filter(({ scopes }) => wordsForMissing(scopes).length > 0);
  if (lacking.length === 0) return findings.resolve(tx, 'scopes_missing', 'installation', now);
  const missing = [...new Set(lacking.flatMap(({ scopes }) => wordsForMissing(scopes)))];
  await findings.raise(
    tx,
    {
      kind: 'scopes_missing',
      subject: 'installation',
      message: `Pipedrive has not given this app every right that it asks for. For ${namesOf(lacking)} it cannot: ${missing.join('; ')}.`,
      action: 'Each of them installs the app again from the app settings and allows all that it asks for.',
      link: { resource: 'settings', id: null },
    },
    now,
  );
}

/** Whether the settings page should say so on top. */
export function lacksScopes(
  grants: readonly { readonly status: string; readonly scopes: readonly string[] }[],
): boolean {
  return grants.some(({ status, scopes }) => status === 'active' && wordsForMissing(scopes).length > 0);
}

function namesOf(grants: readonly { readonly userName: string }[]): string {
  const named = grants.slice(0, NAMED).map(({ userName }) => userName);
  const more = grants.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}

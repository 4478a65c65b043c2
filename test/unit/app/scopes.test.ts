import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../scripts/manifest.ts';
import { lacksScopes, settleGrantedScopes } from '../../../server/app/granted-scopes.ts';
import type { Finding } from '../../../server/app/ports/finding-store.ts';
import type { GrantFacts } from '../../../server/app/ports/installation-store.ts';
import type { Tx } from '../../../server/app/ports/unit-of-work.ts';
import { SCOPE_NAMES, wordsForMissing } from '../../../server/app/scopes.ts';
import { DEFAULT_SCOPES } from '../../practice/pipedrive/options.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const project = new URL('../../../', import.meta.url);

/** The first column of the table of scopes in the guide for admins. */
function scopesInGuide(): readonly string[] {
  const text = readFileSync(new URL('docs/installation.md', project), 'utf8');
  return [...text.matchAll(/^\| `([a-z-]+(?::[a-z]+)?)` \|/gm)].flatMap(([, scope]) => scope ?? []);
}

describe('the scopes that the app asks for', () => {
  it('SE-18 are the same in the code, the manifest, the guide and the practice app', () => {
    const here = [...SCOPE_NAMES].sort();
    expect(
      readManifest()
        .scopes.map(({ scope }) => scope)
        .sort(),
    ).toEqual(here);
    expect([...scopesInGuide()].sort()).toEqual(here);
    expect([...DEFAULT_SCOPES].sort()).toEqual(here);
  });

  it('SE-18 are said in words where one is missing, and more than asked for is no harm', () => {
    expect(wordsForMissing(SCOPE_NAMES)).toEqual([]);
    expect(wordsForMissing([...SCOPE_NAMES, 'leads:read'])).toEqual([]);
    for (const scope of SCOPE_NAMES)
      expect(wordsForMissing(SCOPE_NAMES.filter((name) => name !== scope))).toHaveLength(1);
    // Never told: an API token, or an answer that left them out.
    expect(wordsForMissing([])).toEqual([]);
  });

  it('SE-18 count for grants in use alone, and more than three people are counted', async () => {
    const few = (userId: number, status: GrantFacts['status'] = 'active'): GrantFacts => ({
      userId,
      userName: `User ${userId}`,
      isAdmin: false,
      status,
      kind: 'oauth',
      scopes: ['base'],
      grantedAt: NOW,
      refreshedAt: NOW,
      provenAt: NOW,
      doubts: 0,
    });
    expect(lacksScopes([few(1, 'refused')])).toBe(false);
    expect(lacksScopes([few(1)])).toBe(true);
    const raised: Pick<Finding, 'message'>[] = [];
    const resolved: string[] = [];
    const settle = (grants: readonly GrantFacts[]) =>
      settleGrantedScopes(
        {
          grants: { list: async () => grants },
          findings: {
            raise: async (_tx, finding) => void raised.push(finding),
            resolve: async (_tx, kind) => void resolved.push(kind),
          },
        },
        TX,
        NOW,
      );
    await settle([1, 2, 3, 4, 5].map((id) => few(id)));
    expect(raised[0]?.message).toContain('For User 1, User 2, User 3 and 2 more it cannot');
    await settle([few(1, 'refused')]);
    expect(resolved).toEqual(['scopes_missing']);
  });
});

/** Never looked into here. */
const TX = { installationId: 'none' } as unknown as Tx;

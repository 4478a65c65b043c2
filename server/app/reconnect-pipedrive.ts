import { day } from '../domain/wording.ts';
import { after } from '../kernel/clock.ts';
import { localDateIn } from '../kernel/local-date.ts';
import type { FindingStore } from './ports/finding-store.ts';
import type { GrantFacts, GrantStore, InstallationStore } from './ports/installation-store.ts';
import type { Tx } from './ports/unit-of-work.ts';

export interface ReconnectDeps {
  readonly installations: Pick<InstallationStore, 'waitForAccess'>;
  readonly grants: Pick<GrantStore, 'list'>;
  readonly findings: Pick<FindingStore, 'raise'>;
}

/** So many doubts in a row are taken for a refusal; reference pipedrive-api.md, section 1.6: "after a few tries". */
export const MOST_DOUBTS = 3;

/**
 * So long a company without access is kept. Pipedrive tells of an uninstall once: had nobody listened, a refused grant is
 * all that is ever heard of it (reference pipedrive-api.md, section 1.4).
 */
const KEPT_MS = 30 * 24 * 60 * 60_000;

/** Pipedrive said that this grant is over; one that was given up for its doubts may be good, and we mistaken. */
export function isClearlyRefused({ status, doubts }: Pick<GrantFacts, 'status' | 'doubts'>): boolean {
  return status === 'refused' && doubts < MOST_DOUBTS;
}

/**
 * When a company is erased if nobody installs again.
 * @param since when its last grant was refused; undefined: it was not
 * @returns undefined where it is not erased by itself: it has access, or none of which Pipedrive clearly said that it is over
 */
export function erasedAt(since: Date | undefined, grants: readonly GrantFacts[]): Date | undefined {
  return since && grants.every(isClearlyRefused) ? after(since, KEPT_MS) : undefined;
}

/** The sentence about that day, to be put behind another one; nothing where there is none. */
export function erasedAtWords(at: Date | undefined): string {
  if (!at) return '';
  return ` Everything this app keeps of the company is erased on ${day(localDateIn('UTC', at))} unless somebody installs it again.`;
}

/** With the last good grant gone, everything waits for somebody to reconnect: one message says so. */
export async function waitForReconnect(deps: ReconnectDeps, tx: Tx, now: Date): Promise<void> {
  await deps.installations.waitForAccess(tx, now);
  const end = erasedAt(now, await deps.grants.list(tx));
  await deps.findings.raise(
    tx,
    {
      kind: 'reconnect_pipedrive',
      subject: 'installation',
      message: `Pipedrive no longer accepts this app’s access. Nothing is lost; everything waits.${erasedAtWords(end)}`,
      action: 'An admin installs the app again from the app settings.',
      link: { resource: 'settings', id: null },
    },
    now,
  );
}

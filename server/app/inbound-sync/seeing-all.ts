import { after } from '../../kernel/clock.ts';
import { NotFoundError, RateLimitedError } from '../../kernel/errors.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

type Sight = Pick<SyncDeps, 'findServiceAdmin'>;
type At = Pick<SyncContext, 'crmCaller'>;

/** In the place of a content, for a record whose place in Pipedrive cannot be looked for; `isToMatch` takes it for news. */
const HELD = 'held';
const COME_BACK_MS = 15 * 60_000;

/**
 * A list by which it is decided what is made anew. Undefined where nobody who sees all serves the company, or another
 * took over meanwhile: what the list does not show may be hidden, and would be made twice.
 */
export async function listSeeingAll<T>(deps: Sight, { crmCaller }: At, list: () => Promise<T>): Promise<T | undefined> {
  const { installationId, signal } = crmCaller;
  const before = await deps.findServiceAdmin(installationId, signal);
  if (before === undefined) return undefined;
  const listed = await list();
  return (await deps.findServiceAdmin(installationId, signal)) === before ? listed : undefined;
}

/**
 * The same for a record that may have been made already, although no answer came.
 * @throws {RateLimitedError} nothing is known of it until an admin serves again
 */
export async function lookSeeingAll<T>(
  deps: Sight & Pick<SyncDeps, 'clock'>,
  context: At,
  look: () => Promise<T>,
): Promise<T> {
  const seen = await listSeeingAll(deps, context, async () => ({ found: await look() }));
  if (seen) return seen.found;
  throw new RateLimitedError(
    'Waits for an admin of Pipedrive: whoever is none may not see a record that is there.',
    after(deps.clock.now(), COME_BACK_MS),
  );
}

/** Whether Pipedrive may deny a record only because it is hidden (reference pipedrive-api.md, section 5.2). */
export async function mayBeHidden(deps: Sight, { crmCaller }: At, error: unknown): Promise<boolean> {
  if (!(error instanceof NotFoundError)) return false;
  return (await deps.findServiceAdmin(crmCaller.installationId, crmCaller.signal)) === undefined;
}

/** A new record waits, without a message of its own, until an admin serves again. */
export function heldLink(kind: EntityLink['kind'], sapKey: string): EntityLink {
  return { kind, sapKey, pipedriveId: null, state: 'ambiguous', creatingSince: null, contentHash: HELD };
}

export function isHeld({ state, contentHash }: EntityLink): boolean {
  return state === 'ambiguous' && contentHash === HELD;
}

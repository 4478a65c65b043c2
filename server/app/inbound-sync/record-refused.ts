import { type AppError, ForbiddenError, NotFoundError } from '../../kernel/errors.ts';
import type { EntityLink } from '../ports/link-store.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

/** Errors that pass by themselves, or concern more than one record: the whole job comes back to it later. */
export function isPassing(error: AppError): boolean {
  switch (error.kind) {
    case 'unavailable':
    case 'rate_limited':
    case 'reauth_required':
    case 'outcome_unknown':
      return true;
    case 'forbidden':
    case 'invalid_input':
    case 'not_found':
    case 'conflict':
    case 'rejected':
      return false;
    default:
      return error.kind satisfies never;
  }
}

/** Stands between what was refused and the marks of what was written before; LinkStore knows it too. */
const REFUSED = '.refused';
/** In the place of a content that has to be written once more; LinkStore knows it too. */
const AGAIN = 'again';

/**
 * What is remembered of a record that was refused: it is not tried again before it has changed in SAP. One that is gone
 * from Pipedrive is never made anew, but written again once somebody has restored it. A missing right or a full plan is
 * not the record's fault: it is tried again from time to time.
 */
export function afterRefusal(link: EntityLink, error: AppError, hash: string): EntityLink {
  const gone = error instanceof NotFoundError && link.pipedriveId !== null;
  const state = gone || link.state === 'gone' ? 'gone' : link.pipedriveId === null ? 'to_create' : 'linked';
  const refused = error instanceof ForbiddenError ? 'forbidden' : hash;
  return { ...link, state, creatingSince: null, contentHash: `${refused}${REFUSED}${marksIn(link.contentHash)}` };
}

/** What is remembered of a record that may be hidden from whoever's access is used: it is tried again from time to time. */
export function afterHidden(link: EntityLink): EntityLink {
  return { ...link, contentHash: forbiddenAfter(link.contentHash ?? '') };
}

/**
 * What is remembered of a record that a defect keeps from being written: it is tried again whenever it is read. Whether
 * it was made stays open.
 */
export function afterDefect(link: EntityLink): EntityLink {
  return { ...link, contentHash: `unknown${REFUSED}${marksIn(link.contentHash)}` };
}

/** What is remembered of a record that was written itself, but not all that belongs to it, for want of a right or room. */
export function forbiddenAfter(hash: string): string {
  return `forbidden${REFUSED}${marksIn(hash)}`;
}

/** What is remembered of a record that a person changed in Pipedrive: it is written once more as SAP has it. */
export function toWriteAgain(link: EntityLink): EntityLink {
  return { ...link, contentHash: `${AGAIN}${marksIn(link.contentHash)}` };
}

/** True while it is queued to be written though SAP did not change. */
export function isToWriteAgain({ contentHash }: EntityLink): boolean {
  return contentHash?.startsWith(AGAIN) === true;
}

/** What is remembered of a record that was deleted in Pipedrive: never made anew, tried when it changes in SAP. */
export function goneFrom(link: EntityLink): EntityLink {
  const [content = ''] = (link.contentHash ?? '').split(REFUSED);
  return {
    ...link,
    state: 'gone',
    creatingSince: null,
    contentHash: `${content}${REFUSED}${marksIn(link.contentHash)}`,
  };
}

/** True when exactly this was written, or refused, before. */
export function isSettled(link: EntityLink, hash: string): boolean {
  return link.contentHash === hash || link.contentHash?.startsWith(`${hash}${REFUSED}`) === true;
}

/** The marks behind the first dot of the hash that was last written, each with its dot; empty when there are none. */
export function marksIn(contentHash: string | null): string {
  const hash = contentHash ?? '';
  const at = hash.lastIndexOf(REFUSED);
  if (at >= 0) return hash.slice(at + REFUSED.length);
  const dot = hash.indexOf('.');
  return dot < 0 ? '' : hash.slice(dot);
}

/** True when the record itself was written as these marks say, and only what belongs to it is another. */
export function isWrittenItself({ state, contentHash }: EntityLink, hash: string): boolean {
  if (state !== 'linked' || contentHash === null) return false;
  if (contentHash.startsWith(AGAIN) || contentHash.includes(REFUSED)) return false;
  return marksIn(contentHash) !== '' && marksIn(contentHash) === marksIn(hash);
}

/** What to tell people to do about a record that was refused. */
export function remedyFor(error: AppError): string {
  return error instanceof ForbiddenError
    ? 'Let an admin of your Pipedrive company install the app too, or give the missing right. It is tried again by itself.'
    : 'Correct it in SAP; it is tried again when it changes.';
}

/** One record that could not be written: visible, and in nobody's way. */
export async function raiseRefused(
  deps: SyncDeps,
  context: SyncContext,
  subject: string,
  message: string,
  action: string,
): Promise<void> {
  await deps.unitOfWork.within(context.crmCaller.installationId, (tx) =>
    deps.findings.raise(tx, { kind: 'record_refused', subject, message, action, link: null }, deps.clock.now()),
  );
}

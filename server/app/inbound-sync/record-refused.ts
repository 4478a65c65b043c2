import { type AppError, NotFoundError } from '../../kernel/errors.ts';
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

/**
 * What is remembered of a record that was refused: it is not tried again before it has changed in SAP. One that is gone
 * from Pipedrive is never made anew, but written again once somebody has restored it.
 */
export function afterRefusal(link: EntityLink, error: AppError, hash: string): EntityLink {
  const gone = error instanceof NotFoundError && link.pipedriveId !== null;
  const state = gone || link.state === 'gone' ? 'gone' : link.pipedriveId === null ? 'to_create' : 'linked';
  return { ...link, state, creatingSince: null, contentHash: hash };
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

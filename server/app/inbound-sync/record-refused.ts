import type { AppError } from '../../kernel/errors.ts';
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

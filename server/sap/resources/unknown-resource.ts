import { RejectedError } from '../../kernel/errors.ts';

const NO_SUCH_RESOURCE = /unrecognized resource|resource not found|not found for the segment/i;

/**
 * A list or operation that this server does not have: an older one, or another localisation. Which code SAP gives for it
 * is settled in no public document: its text tells.
 */
export function isUnknownResource(error: unknown): boolean {
  return error instanceof RejectedError && NO_SUCH_RESOURCE.test(error.words);
}

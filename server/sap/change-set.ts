import { AppError, OutcomeUnknownError, UnavailableError } from '../kernel/errors.ts';
import { readBatch, type WritePart, writeChangeSet } from './batch.ts';
import type { SapCompany } from './company.ts';
import { failureOf, SessionLostError } from './errors.ts';
import type { HttpAnswer } from './exchange.ts';

/**
 * Several writes that SAP carries out all together or not at all (Service Layer's guide, "Batch Operations": a change set
 * is atomic, and one that fails is answered by exactly one response). Sent once, whatever happens.
 * @returns one answer a part, in their order, each a success
 * @throws {RejectedError} SAP refused one of them: none was carried out
 * @throws {OutcomeUnknownError} the answer proves neither; look before anything else
 * @throws {UnavailableError} proven not done
 */
export async function changeSet(company: SapCompany, parts: readonly WritePart[]): Promise<readonly HttpAnswer[]> {
  const answer = await company.write((dialect) => {
    const { contentType, body } = writeChangeSet(parts, dialect, company.world.random);
    return {
      method: 'POST',
      target: '$batch',
      headers: { 'content-type': contentType, accept: 'multipart/mixed' },
      body,
    };
  });
  const answers = readBatch(answer);
  if (!answers) throw unclear();
  const [first] = answers;
  if (first && answers.length === 1 && !isSuccess(first)) throw refusalOf(company, first);
  if (answers.length !== parts.length || !answers.every(isSuccess)) throw unclear();
  return answers;
}

function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299;
}

function refusalOf(company: SapCompany, answer: HttpAnswer): Error {
  const failure = failureOf(answer, 'write', company.world.clock.now());
  if (failure instanceof SessionLostError) {
    return new UnavailableError('The SAP session had ended. It will be tried again with a new one.', {
      cause: failure,
    });
  }
  return failure instanceof AppError ? failure : unclear();
}

/** Cut off, of another make, or with more or fewer answers than a change set gives. */
function unclear(): OutcomeUnknownError {
  return new OutcomeUnknownError(
    'SAP did not say clearly whether it was carried out. It is looked up before anything else.',
  );
}

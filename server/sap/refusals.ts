import { AppError, OutcomeUnknownError, ReauthRequiredError, UnavailableError } from '../kernel/errors.ts';
import { ForbiddenNetworkError } from './connector.ts';
import { rejected, SessionLostError, TemporaryError } from './errors.ts';
import { NoAnswerError } from './exchange.ts';
import { NoServiceLayerError, SignInRefusedError } from './sign-in.ts';
import { type CertificateFault, certificateFault, codeOf } from './trust.ts';

/**
 * What a failed sign-in means to the one who waits for it. `count` books a refusal and tells whether that was the last
 * one allowed. The request itself was not sent in any of these cases.
 */
export async function signInFailure(error: unknown, user: string, count: () => Promise<boolean>): Promise<unknown> {
  if (error instanceof NoAnswerError) return new NoAnswerError(false, error.cause);
  if (error instanceof NoServiceLayerError) {
    return new UnavailableError('No SAP Service Layer answers at this address any more.', { cause: error });
  }
  if (!(error instanceof SignInRefusedError)) return error;
  if (error.fault === 'licence') return rejected(error.refusal);
  if (await count()) {
    return new ReauthRequiredError(
      'sap',
      `SAP refuses the sign-in of user ${user}. Enter user and password anew in the settings.`,
      {
        cause: error,
      },
    );
  }
  return new UnavailableError(
    `SAP refused the sign-in of user ${user}. It is tried once more before a person has to act.`,
    {
      cause: error,
    },
  );
}

const CERTIFICATE: Record<CertificateFault, string> = {
  not_trusted:
    'The SAP server shows another certificate than the one that was confirmed. Nothing was sent. Ask whoever runs the server whether it was renewed, then confirm it in the settings.',
  wrong_name:
    'The certificate of the SAP server is made out to another name. Nothing was sent. Whoever runs the server can correct it, or confirm it in the settings.',
  expired:
    'The certificate of the SAP server is no longer valid. Nothing was sent. Whoever runs the server has to renew it.',
};

export type OnRefusedCertificate = (fault: CertificateFault) => Promise<void>;

/**
 * The foreseen error for whatever a request ended with. `refused` is called when the certificate cannot be accepted.
 * A write that left without a usable answer is never called "not done".
 */
export async function noAnswer(
  error: unknown,
  kind: 'read' | 'write',
  refused: OnRefusedCertificate,
): Promise<unknown> {
  if (error instanceof AppError) return error;
  if (error instanceof SessionLostError) {
    return new UnavailableError('SAP ended the session twice in a row.', { cause: error });
  }
  if (error instanceof NoAnswerError) return fromTransport(error, kind, refused);
  // Left the queue, or gave up waiting for a sign-in: nothing was sent.
  if (error instanceof DOMException || isAbort(error))
    return new UnavailableError('SAP did not answer in time.', { cause: error });
  return error;
}

async function fromTransport(
  error: NoAnswerError,
  kind: 'read' | 'write',
  refused: OnRefusedCertificate,
): Promise<AppError> {
  const { cause } = error;
  const fault = certificateFault(cause);
  if (fault) {
    await refused(fault);
    return new ReauthRequiredError('sap', CERTIFICATE[fault], { cause: error });
  }
  if (kind === 'write' && error.left) {
    return new OutcomeUnknownError(
      'SAP did not say whether it was carried out. It is looked up before anything else.',
      { cause: error },
    );
  }
  return new UnavailableError(sentenceFor(cause), { cause: error });
}

function sentenceFor(cause: unknown): string {
  if (cause instanceof ForbiddenNetworkError)
    return 'The name of the SAP server leads into a network that this app may not reach.';
  switch (codeOf(cause)) {
    case 'SAP_TOO_LATE':
      return 'Too much time had passed before the write to SAP could begin.';
    case 'ENOTFOUND':
      return 'The name of the SAP server is not known.';
    case 'ECONNREFUSED':
      return 'The SAP server does not accept connections.';
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return 'SAP answered with more than can be read at once.';
    default:
      return 'SAP did not answer in time.';
  }
}

function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || error.name === 'TimeoutError' || error.name === 'DeadlineError')
  );
}

/** A read whose answer cannot be used; it is asked for again. */
export function unreadable(cause?: unknown): TemporaryError {
  return new TemporaryError('SAP answered with something that cannot be read.', undefined, { cause });
}

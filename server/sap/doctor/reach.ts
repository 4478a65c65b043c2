import type { StoredErpAccess } from '../../app/ports/erp-access.ts';
import type { DoctorStep } from '../../app/ports/erp-doctor.ts';
import type { CertificateLook, ErpOnboarding } from '../../app/ports/erp-onboarding.ts';
import { AppError, InvalidInputError, ReauthRequiredError, RejectedError } from '../../kernel/errors.ts';
import { SignInRefusedError } from '../sign-in.ts';
import { fine, skipped, type Trouble, wrong } from './steps.ts';

export type Reach = Pick<ErpOnboarding, 'checkAddress' | 'lookAtCertificate'>;

/** Coarse until a trusted sign-in has worked: one sentence for each way in which it fails, nothing of what the other side says. */
const NAME: Trouble = {
  sentence: 'The server’s name leads nowhere that this app may go.',
  why: 'The name is not known on the internet, or its address lies in a network that is closed to this app.',
  who: 'network',
  action:
    'Check the name with your network administrator. It must be known, and lead to an address that this app may reach.',
};

const PORT: Trouble = {
  sentence: 'Nobody answers at this address.',
  why: 'The server is off, the port is closed, or a firewall keeps this app out.',
  who: 'network',
  action: 'Check that the Service Layer runs, and that the firewall lets our outgoing address in.',
};

const CERTIFICATE: Trouble = {
  sentence: 'The server shows a certificate that cannot be accepted. The password was not sent.',
  why: 'It was renewed or replaced, it is not valid today, or another machine answers.',
  who: 'sap_partner',
  action:
    'Ask your SAP partner whether the certificate was changed. If so, look at it and confirm it in these settings.',
};

const REFUSED: Trouble = {
  sentence: 'SAP does not let the user in.',
  why: 'User, password or company have changed, the user is locked, or it has no free licence.',
  who: 'sap_admin',
  action: 'Check the user with your SAP administrator, then enter user and password anew in these settings.',
};

const NO_SAP: Trouble = {
  sentence: 'The server answers, but the sign-in got no answer as SAP gives it.',
  why: 'The Service Layer is starting or overloaded, or something else answers in its place.',
  who: 'sap_admin',
  action: 'Ask your SAP administrator to look at the Service Layer, then run the check again.',
};

export interface Reached {
  readonly steps: readonly DoctorStep[];
  /** The certificate that was accepted; undefined: the server cannot be reached safely. */
  readonly certificate: CertificateLook['certificate'] | undefined;
}

/** Name, port and certificate of the server; nothing is sent. Stops at the first that fails. */
export async function reachServer(reach: Reach, access: StoredErpAccess, signal: AbortSignal): Promise<Reached> {
  const name = await nameStep(reach, access.address);
  if (name.verdict !== 'fine') return { steps: [name, ...NOT_REACHED], certificate: undefined };
  try {
    const { fault, certificate } = await reach.lookAtCertificate(access, signal);
    const port = fine('port', 'The server answers.');
    if (fault) return { steps: [name, port, wrong('certificate', CERTIFICATE)], certificate: undefined };
    return { steps: [name, port, fine('certificate', 'The certificate is accepted.')], certificate };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const unseen = skipped('certificate', 'Not looked at: nobody answers.');
    return { steps: [name, wrong('port', PORT), unseen], certificate: undefined };
  }
}

const NOT_REACHED = [
  skipped('port', 'Not looked at: the name leads nowhere.'),
  skipped('certificate', 'Not looked at: the name leads nowhere.'),
];

async function nameStep(reach: Reach, address: string): Promise<DoctorStep> {
  try {
    await reach.checkAddress(address);
    return fine('name', 'The server’s name is known.');
  } catch (error) {
    if (error instanceof InvalidInputError) return wrong('name', NAME);
    throw error;
  }
}

/** What a sign-in that failed means, in one of two sentences. */
export function signInStep(error: unknown): DoctorStep {
  if (error instanceof ReauthRequiredError || error instanceof RejectedError || isFirstRefusal(error)) {
    return wrong('sign_in', REFUSED);
  }
  if (error instanceof AppError) return wrong('sign_in', NO_SAP);
  throw error;
}

/** For whoever waits, the first refusal is a failure that may pass; here it is what was asked about. */
function isFirstRefusal(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof SignInRefusedError;
}

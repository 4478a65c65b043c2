import { z } from 'zod';
import type { ErpAccess, ErpOnboarding } from '../app/ports/erp-onboarding.ts';
import { AppError, InvalidInputError, UnavailableError } from '../kernel/errors.ts';
import { assertReachable, normalForm, parseAddress } from './address.ts';
import { lookAtCertificate, sentenceFor, UNREACHABLE_NAME } from './certificate-look.ts';
import { toHttp } from './company.ts';
import { dialectsFor } from './dialect.ts';
import { createTransport, type HttpAnswer, NoAnswerError, type Transport } from './exchange.ts';
import { readOne } from './lists.ts';
import type { SapWorld } from './live-connection.ts';
import { filled, OptionalText } from './mappers/values.ts';
import { readPastedPem } from './pasted-pem.ts';
import { checkProxy } from './proxy.ts';
import type { SapSession } from './session.ts';
import {
  NoServiceLayerError,
  NoSessionCookieError,
  type SignedIn,
  type SignInFault,
  SignInRefusedError,
  signIn,
} from './sign-in.ts';
import { timeZoneOf } from './time-zones.ts';
import { type CertificateFault, certificateFault } from './trust.ts';
import { wireOptions } from './wire-options.ts';

const FIRST_LOOK_LIMIT_MS = 30_000;
const FIRST_BYTE_MS = 20_000;
const LOGOUT_LIMIT_MS = 2_000;

/** Everything that happens before a connection is stored. Answers are coarse: the form is no port scanner. */
export function createOnboarding(
  world: Pick<SapWorld, 'clock' | 'network' | 'resolve' | 'authorities' | 'extraPorts'>,
): ErpOnboarding {
  return {
    async checkAddress(typed) {
      const address = parseAddress(typed, world);
      await assertKnown(address.host);
      return normalForm(address);
    },
    readTrust: readPastedPem,
    checkProxy,
    async lookAtCertificate(server, signal) {
      const { host, port } = parseAddress(server.address, world);
      return lookAtCertificate(host, port, wireOptions(world, server), signal);
    },
    async tryAccess(access, signal) {
      const address = parseAddress(access.address, world);
      // Nothing is kept of a trial: a slot that is filled in it counts for the trial.
      const onFilledSlot = async () => undefined;
      const transport = createTransport(address, { ...wireOptions(world, access), onFilledSlot });
      try {
        const signedIn = await signIn(
          (request) => transport.exchange(request),
          dialectsFor(address.path),
          credentialsOf(access),
          signal,
          world.clock.now(),
        );
        return { ...(await readCompany(transport, signedIn, signal)), version: signedIn.version };
      } catch (error) {
        throw asProblem(error);
      } finally {
        await transport.destroy();
      }
    },
  };

  async function assertKnown(host: string): Promise<void> {
    try {
      assertReachable(await world.resolve(host), world.network);
    } catch (cause) {
      throw problem('address_name', UNREACHABLE_NAME, 'address', cause);
    }
  }
}

function credentialsOf({ companyDb, userName, password }: ErpAccess) {
  return { companyDb, userName, password: { reveal: () => password } };
}

const AdminInfo = z.object({ CompanyName: OptionalText, Country: OptionalText, LocalCurrency: z.string().min(1) });

async function readCompany(
  transport: Transport,
  { dialect, cookies, timeoutMs }: SignedIn,
  signal: AbortSignal,
): Promise<{ companyName: string; localCurrency: string; timeZone: string }> {
  const session: SapSession = { dialect, cookies, timeoutMs, afterDoubt: false, proved: false, lastUsed: new Date(0) };
  const ask = (method: 'GET' | 'POST', target: string, within: AbortSignal): Promise<HttpAnswer> =>
    transport.exchange({
      ...toHttp(session, { method, target }),
      limitMs: FIRST_LOOK_LIMIT_MS,
      firstByteMs: FIRST_BYTE_MS,
      signal: within,
    });
  try {
    const answer = await ask(dialect.functionMethod, 'CompanyService_GetAdminInfo', signal);
    if (answer.status !== 200) {
      throw problem(
        'sap_rights',
        'SAP accepts the user, but does not let it read the company’s details. Your SAP administrator can give it that right.',
        'userName',
      );
    }
    const { CompanyName, Country, LocalCurrency } = readOne(answer, AdminInfo);
    return {
      companyName: filled(CompanyName) ?? 'SAP company',
      localCurrency: LocalCurrency,
      timeZone: timeZoneOf(filled(Country)),
    };
  } finally {
    // The trial leaves no session behind, also when its time is over; one that cannot be ended ends by itself.
    await ask('POST', 'Logout', AbortSignal.timeout(LOGOUT_LIMIT_MS)).catch(() => undefined);
  }
}

/** One sentence for each way in which access fails, with who can put it right. */
function asProblem(error: unknown): unknown {
  // Whatever else stands at this address is not told: SAP has not answered yet.
  if (error instanceof UnavailableError && !(error instanceof NoSessionCookieError)) {
    return new UnavailableError(sentenceFor(error), { cause: error });
  }
  if (error instanceof AppError) return error;
  if (error instanceof SignInRefusedError) return refusal(error);
  if (error instanceof NoServiceLayerError) {
    return problem(
      'not_sap',
      'The server answers, but not as an SAP Service Layer. Check address and path with your SAP administrator.',
      'address',
      error,
    );
  }
  if (error instanceof NoAnswerError) {
    const fault = certificateFault(error.cause);
    if (fault) return problem(`certificate_${fault}`, CERTIFICATE[fault], 'address', error);
    return new UnavailableError(sentenceFor(error.cause), { cause: error });
  }
  return error;
}

const REFUSALS: Record<SignInFault, { readonly message: string; readonly at?: string }> = {
  company: {
    message:
      'SAP has no company database by this name, or this user may not use it. Your SAP administrator knows its exact name.',
    at: 'companyDb',
  },
  password: {
    message:
      'SAP refuses user or password. Check both with your SAP administrator before trying again: SAP locks a user after a few attempts.',
    at: 'password',
  },
  licence: {
    message: 'SAP has no free licence for this user. Your SAP partner or administrator can assign one.',
    at: 'userName',
  },
  unclear: {
    message:
      'SAP refuses the sign-in and does not say why: it may be the company database, the user or the password. Check all three with your SAP administrator.',
  },
};

const CERTIFICATE: Record<CertificateFault, string> = {
  not_trusted:
    'The server shows another certificate than the one you confirmed. No password was sent. Look at the certificate again.',
  expired:
    'The server’s certificate is no longer valid. No password was sent. Whoever runs the server has to renew it.',
  wrong_name:
    'The server’s certificate is made out to another name. No password was sent. Use the name it was made for, or ask whoever runs the server.',
};

function refusal(error: SignInRefusedError): InvalidInputError {
  const { message, at } = REFUSALS[error.fault];
  return problem(`sign_in_${error.fault}`, message, at, error);
}

function problem(code: string, message: string, at?: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError([{ code, message, ...(at === undefined ? {} : { at }) }], { cause });
}

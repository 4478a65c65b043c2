import type { ErpCaller } from '../../app/ports/erp.ts';
import type { ErpAccessStore } from '../../app/ports/erp-access.ts';
import {
  DOCTOR_STEPS,
  type DoctorStep,
  type DoctorStepName,
  type ErpDiagnosis,
  type ErpDoctor,
} from '../../app/ports/erp-doctor.ts';
import { AppError, RejectedError } from '../../kernel/errors.ts';
import { startDeadline } from '../../net/deadline.ts';
import type { SapCompany } from '../company.ts';
import { list } from '../odata.ts';
import { pingServer } from '../ping.ts';
import { answerOf } from '../probe/ask.ts';
import { adminInfo, keyField } from '../probe/questions.ts';
import * as checks from './checks.ts';
import { type Reach, type Reached, reachServer, signInStep } from './reach.ts';
import { readRightsStep } from './read-rights.ts';
import { fine, guarded, skipped, wrong } from './steps.ts';
import { type Tidy, type Trial, tryDraft } from './trial-draft.ts';

export interface DoctorDeps {
  readonly access: ErpAccessStore;
  readonly open: (caller: ErpCaller) => Promise<SapCompany>;
  readonly reach: Reach;
}

export function createDoctor({ access, open, reach }: DoctorDeps): ErpDoctor {
  return {
    async diagnose(caller, { draft }) {
      const stored = await access.load(caller.installationId, caller.connectionId);
      const reached = await reachServer(reach, stored, caller.signal);
      if (!reached.certificate) return stopped(reached.steps);
      const entered = await signIn(open, caller);
      if ('failed' in entered) return stopped([...reached.steps, entered.failed]);
      return examine(entered.company, withFigures(reached, stored.address), draft ? tidyWith(open, caller) : undefined);
    },
  };
}

/**
 * By the session that the connection lives on: a second sign-in would only cost SAP a second. Inside is only who got an
 * answer from SAP itself in that session, be it a refusal; what a proxy says in its place proves nothing.
 */
async function signIn(
  open: DoctorDeps['open'],
  caller: ErpCaller,
): Promise<{ readonly company: SapCompany } | { readonly failed: DoctorStep }> {
  let hasSession = false;
  let company: SapCompany | undefined;
  try {
    company = await open(caller);
    await company.read(
      () => {
        // A request is built only once there is a session.
        hasSession = true;
        return { method: 'GET', target: SMALLEST };
      },
      () => undefined,
    );
    return { company };
  } catch (error) {
    if (company && hasSession && error instanceof RejectedError) return { company };
    return { failed: signInStep(error) };
  }
}

const SMALLEST = list('PriceLists', { select: ['PriceListNo'], orderBy: ['PriceListNo'], top: 1 });

/** Long enough to look four times for what a slow server makes late. */
const TIDY_MS = 30_000;

/** In a call of its own: what was begun in SAP is put away whoever has left meanwhile. */
function tidyWith(open: DoctorDeps['open'], caller: ErpCaller): Tidy {
  return async (work) => {
    const deadline = startDeadline(TIDY_MS);
    try {
      return await work(await open({ ...caller, signal: deadline.signal }), deadline.signal);
    } finally {
      deadline.clear();
    }
  };
}

/** @param tidy undefined: no draft is tried */
async function examine(
  company: SapCompany,
  reached: readonly DoctorStep[],
  tidy: Tidy | undefined,
): Promise<ErpDiagnosis> {
  const roundTrip = await guarded('round_trip', () => checks.roundTripStep(company));
  const [ping, switches, hasKeyField] = [
    await pingServer(company),
    await guardedValue(() => adminInfo(company)),
    await guardedValue(() => keyField(company)),
  ];
  const info = switches && answerOf(switches);
  const steps = [
    await guarded('company', async () => (info ? checks.companyStep(company, info) : NO_COMPANY)),
    await guarded('read_rights', () => readRightsStep(company)),
    await guarded('branch', async () => (info ? checks.branchStep(company, info) : NO_BRANCHES)),
    await guarded('series', () => checks.seriesStep(company)),
    await guarded('clock', () => checks.clockStep(company, ping)),
  ];
  const fields = await userFields(company);
  const pageSpeed = await guarded('page_speed', () => checks.pageSpeedStep(company));
  const trial = tidy ? await tried(company, hasKeyField === 'yes', tidy) : NOT_ASKED;
  return {
    signedIn: true,
    steps: inOrder([
      ...reached,
      checks.pingStep(ping),
      fine('sign_in', `SAP lets user ${company.access.userName} in.`),
      checks.licenceStep(),
      roundTrip,
      pageSpeed,
      trial.step,
      ...fields,
      ...steps,
    ]),
    leftDraft: trial.left,
    offsetMinutes: trial.offsetMinutes,
  };
}

const NO_COMPANY = wrong('company', {
  sentence: 'The user may not read the company’s details.',
  why: 'Its authorizations in SAP do not include them.',
  who: 'sap_admin',
  action: 'Give the user the right to read the company’s details (Administration, System Initialization).',
});

const NO_BRANCHES = skipped('branch', 'Not looked at: the company’s details cannot be read.');

const NOT_ASKED: Trial = {
  step: skipped('create_rights', 'Not tried. Tick the box to try it with one order draft.'),
  left: null,
  offsetMinutes: null,
};

/** Two steps come from the same questions: where those fail, both say so. */
async function userFields(company: SapCompany): Promise<readonly DoctorStep[]> {
  try {
    return await checks.userFieldsSteps(company);
  } catch (error) {
    const failed = (step: DoctorStepName) => guarded(step, () => Promise.reject(error));
    return [await failed('user_fields'), await failed('key_field')];
  }
}

async function tried(company: SapCompany, hasKeyField: boolean, tidy: Tidy): Promise<Trial> {
  try {
    return await tryDraft(company, hasKeyField, tidy);
  } catch (error) {
    return { ...NOT_ASKED, step: await guarded('create_rights', () => Promise.reject(error)) };
  }
}

async function guardedValue<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Only now may more be said than that it went well. */
function withFigures({ steps, certificate }: Reached, address: string): readonly DoctorStep[] {
  const details: Partial<Record<DoctorStepName, readonly string[]>> = {
    name: [`Address: ${address}`],
    ...(certificate
      ? {
          certificate: [
            `Issued to: ${certificate.subject}`,
            `Fingerprint: ${certificate.fingerprint}`,
            `Valid until: ${certificate.validTo.toISOString().slice(0, 10)}`,
          ],
        }
      : {}),
  };
  return steps.map((step) => ({ ...step, details: details[step.step] ?? [] }));
}

const BEHIND = 'Not looked at: the connection does not get this far.';

function stopped(done: readonly DoctorStep[]): ErpDiagnosis {
  return { signedIn: false, steps: inOrder(done), leftDraft: null, offsetMinutes: null };
}

/** All steps, in the order of the list; what is missing was not reached. */
function inOrder(done: readonly DoctorStep[]): readonly DoctorStep[] {
  return DOCTOR_STEPS.map((name) => done.find(({ step }) => step === name) ?? skipped(name, BEHIND));
}

import type { DiagnoseBody, DiagnosisStepView, DiagnosisView } from '../../contract/sap-checks.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError, UnavailableError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { ConnectionTrials } from '../ports/connection-trials.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { ErpCaller } from '../ports/erp.ts';
import type { DoctorStep, DoctorStepName, ErpDiagnosis, ErpDoctor, Fixer } from '../ports/erp-doctor.ts';
import type { Connection } from '../ports/installation-store.ts';
import type { Principal } from '../principal.ts';
import { getWorkplace } from '../tenant.ts';
import { makeProbeCapabilities, type ProbeCapabilitiesDeps } from './probe-capabilities.ts';
import { makeTrial, type TrialDeps } from './trial.ts';

export interface DiagnoseDeps extends ProbeCapabilitiesDeps, TrialDeps {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly audit: AuditLog;
  readonly trials: ConnectionTrials;
  readonly doctor: ErpDoctor;
}

const DIAGNOSIS_MS = 30_000;
const PROBE_MS = 10_000;

/** Looks through the connection from name to page speed, for an admin who waits. */
export function makeDiagnose(deps: DiagnoseDeps) {
  const probeCapabilities = makeProbeCapabilities(deps);
  const trial = makeTrial(deps);

  /** @throws {NotFoundError} when SAP is not connected @throws {RateLimitedError} after too many looks in an hour */
  return async function diagnose(
    principal: Principal,
    { draft }: DiagnoseBody,
    requestId: string,
    signal: AbortSignal,
  ): Promise<DiagnosisView> {
    const { connection } = await getWorkplace(deps, principal.installationId);
    const at = deps.clock.now();
    const diagnosis = await tried(principal, connection.id, draft, signal);
    if (draft) await append(principal, connection, diagnosis, requestId);
    if (diagnosis.signedIn) await refresh(connection, principal, diagnosis, signal);
    return viewOf(diagnosis, at);
  };

  /** A server that does not let us in counts, and takes its time, as any other that is tried out. */
  async function tried(
    principal: Principal,
    connectionId: ConnectionId,
    draft: boolean,
    signal: AbortSignal,
  ): Promise<ErpDiagnosis> {
    const { installationId } = principal;
    try {
      return await trial(principal, signal, async () => {
        const limited = deps.deadline(DIAGNOSIS_MS, signal);
        const caller: ErpCaller = { installationId, connectionId, priority: 'person', signal: limited };
        const diagnosis = await deps.doctor.diagnose(caller, { draft });
        if (diagnosis.signedIn) return diagnosis;
        throw new NotInsideError(diagnosis);
      });
    } catch (error) {
      if (error instanceof NotInsideError) return error.diagnosis;
      throw error;
    }
  }

  /** What was found is kept for the code, too; the person's answer does not depend on it. */
  async function refresh(
    { id }: Connection,
    { installationId }: Principal,
    { offsetMinutes }: ErpDiagnosis,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await probeCapabilities(installationId, id, deps.deadline(PROBE_MS, signal), offsetMinutes);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }

  /** A trial draft is a write to the customer's books: it stands on record, whatever became of it. */
  async function append(
    { installationId, userId }: Principal,
    { id }: Connection,
    { steps, leftDraft }: ErpDiagnosis,
    requestId: string,
  ): Promise<void> {
    const verdict = steps.find(({ step }) => step === 'create_rights')?.verdict ?? 'skipped';
    await deps.unitOfWork.within(installationId, (tx) =>
      deps.audit.append(tx, {
        verb: 'connection_tried',
        source: { system: 'orderline', key: `connection:${id}`, version: null },
        target: 'sap:Drafts',
        before: null,
        after: { verdict, left: leftDraft },
        runId: null,
        requestId,
        userId,
        at: deps.clock.now(),
      }),
    );
  }
}

/** The diagnosis of a server that did not let us in. */
class NotInsideError extends UnavailableError {
  readonly diagnosis: ErpDiagnosis;
  constructor(diagnosis: ErpDiagnosis) {
    super('The connection does not get inside SAP.');
    this.diagnosis = diagnosis;
  }
}

const TITLES: Record<DoctorStepName, string> = {
  name: 'Name of the server',
  port: 'Way to the server',
  certificate: 'Certificate',
  ping: 'Ping',
  sign_in: 'Sign-in',
  company: 'Company',
  read_rights: 'Rights to read',
  create_rights: 'Rights to create',
  licence: 'Licence',
  branch: 'Branch',
  series: 'Number series',
  user_fields: 'User fields',
  key_field: 'Key field',
  clock: 'Clock',
  round_trip: 'Answering time',
  page_speed: 'Reading speed',
};

const WHO: Record<Fixer, string | null> = {
  you: 'You',
  sap_admin: 'Your SAP administrator',
  sap_partner: 'Your SAP partner',
  network: 'Your network administrator',
  nobody: null,
};

function viewOf({ signedIn, steps }: ErpDiagnosis, at: Date): DiagnosisView {
  return { at: at.toISOString(), signedIn, summary: summaryOf(steps), steps: steps.map(stepView) };
}

function stepView({ step, verdict, sentence, why, who, action, details }: DoctorStep): DiagnosisStepView {
  const shown = { step, title: TITLES[step], verdict, sentence, why, action };
  return { ...shown, who: who && WHO[who], details: [...details] };
}

function summaryOf(steps: readonly DoctorStep[]): string {
  const wrong = steps.filter(({ verdict }) => verdict === 'wrong').length;
  const notes = steps.filter(({ verdict }) => verdict === 'note').length;
  if (wrong === 1) return 'One thing is wrong.';
  if (wrong > 1) return `${wrong} things are wrong.`;
  if (notes === 1) return 'Everything works. One thing is worth knowing.';
  return notes > 1 ? `Everything works. ${notes} things are worth knowing.` : 'Everything is fine.';
}

import { KEY_FIELD, LEDGER_TABLE } from '../../domain/key-sheet.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ForbiddenError, RejectedError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import { probeCapabilitiesJob } from '../capability-jobs.ts';
import { type EnsureCrmFieldsDeps, makeEnsureCrmFields } from '../ensure-crm-fields.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { CrmCaller } from '../ports/crm.ts';
import type { Erp, ErpCaller } from '../ports/erp.ts';
import type { ErpDocuments } from '../ports/erp-documents.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { JobPayloads, JobQueue } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { STREAMS, syncJob } from '../sync-jobs.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';

export interface EnsureFieldsDeps extends TenantDeps, Omit<EnsureCrmFieldsDeps, 'erp'> {
  readonly clock: Clock;
  readonly erpFields: ErpFieldStore;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly erp: Erp & Pick<ErpDocuments, 'createLedger' | 'handoffGuard'>;
}

/**
 * Makes the agreed fields exist on both sides; neither side waits for the other. The first load starts as soon as those in
 * Pipedrive are there. What cannot be made is reported once. With `again` only Pipedrive is asked, also for known fields.
 */
export function makeEnsureFields(deps: EnsureFieldsDeps) {
  const ensureCrmFields = makeEnsureCrmFields(deps);

  return async function ensureFields(
    id: InstallationId,
    { connectionId, again = false }: JobPayloads['fields.ensure'],
    signal: AbortSignal,
  ): Promise<void> {
    const workplace = await findWorkplace(deps, id, connectionId);
    if (!workplace) return;
    const { crmFieldsAgreed, erpFieldAgreed, erpLedgerAgreed, erpChangesAt } = workplace.settings;
    const mayChange = erpChangesAt === null || deps.clock.now() >= new Date(erpChangesAt);
    const sides = await Promise.allSettled([
      crmFieldsAgreed ? startSync(id, connectionId, again, signal) : undefined,
      erpFieldAgreed && !again
        ? ensureErpSide(id, workplace, { mayChange, withLedger: erpLedgerAgreed }, signal)
        : undefined,
    ]);
    for (const side of sides) if (side.status === 'rejected') throw side.reason;
  };

  async function startSync(
    id: InstallationId,
    connectionId: ConnectionId,
    again: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const erpCaller: ErpCaller = { installationId: id, connectionId, priority: 'background', signal };
    const crmCaller: CrmCaller = { installationId: id, as: 'service', purpose: 'delta', signal };
    await ensureCrmFields(crmCaller, erpCaller, again ? 'all' : 'if_missing');
    await deps.unitOfWork.within(id, async (tx) => {
      for (const stream of STREAMS) await deps.jobs.enqueueWithin(tx, syncJob(connectionId, stream));
    });
  }

  /** One after the other: SAP changes its tables for either. */
  async function ensureErpSide(
    id: InstallationId,
    workplace: Workplace,
    { mayChange, withLedger }: { readonly mayChange: boolean; readonly withLedger: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { connection } = workplace;
    const caller: ErpCaller = { installationId: id, connectionId: connection.id, priority: 'background', signal };
    await ensureErpField(id, workplace, caller, mayChange);
    if (withLedger && mayChange) await ensureErpLedger(id, workplace, caller);
  }

  async function ensureErpLedger(id: InstallationId, { connection }: Workplace, caller: ErpCaller): Promise<void> {
    try {
      if ((await deps.erp.handoffGuard(caller)) === 'settle') {
        await deps.erp.createLedger(caller);
        await append(id, connection.companyDb, `U_${LEDGER_TABLE.name}`);
        await deps.unitOfWork.within(id, (tx) => lookAnew(tx, connection.id));
      }
      await resolve(id, 'erp-ledger');
    } catch (error) {
      if (!(error instanceof RejectedError || error instanceof ForbiddenError)) throw error;
      await raise(
        id,
        'erp-ledger',
        `The table ${LEDGER_TABLE.name} could not be made in SAP: ${error.message}`,
        `Ask your SAP partner to add the user table ${LEDGER_TABLE.name} (no object). Until then deals are sent as before, and looked up before anything is sent again.`,
      );
    }
  }

  /** @param mayChange false before the hour that the admin chose: what the SAP partner has made by then counts */
  async function ensureErpField(
    id: InstallationId,
    workplace: Workplace,
    caller: ErpCaller,
    mayChange: boolean,
  ): Promise<void> {
    try {
      if (!(await deps.erp.hasKeyField(caller))) {
        if (!mayChange) return;
        await deps.erp.createKeyField(caller);
        await append(id, workplace.connection.companyDb, 'U_PD_Key');
      }
      await deps.unitOfWork.within(id, async (tx) => {
        const { id: connectionId } = workplace.connection;
        if (!(await deps.erpFields.hasKeyField(tx, connectionId))) await lookAnew(tx, connectionId);
        await deps.erpFields.setKeyField(tx, connectionId, true);
        await deps.findings.resolve(tx, 'field_missing', 'erp-key', deps.clock.now());
      });
    } catch (error) {
      if (!(error instanceof RejectedError || error instanceof ForbiddenError)) throw error;
      await raise(
        id,
        'erp-key',
        `The key field could not be made in SAP: ${error.message}`,
        `Ask your SAP partner to add the user field ${KEY_FIELD.name} (text, ${KEY_FIELD.size} characters) to sales documents. Until then nothing is sent.`,
      );
    }
  }

  /** What was found about SAP before the change is no longer so. */
  function lookAnew(tx: Tx, connectionId: ConnectionId): Promise<void> {
    return deps.jobs.enqueueWithin(tx, probeCapabilitiesJob(connectionId, 'background'));
  }

  function raise(id: InstallationId, subject: string, message: string, action: string): Promise<void> {
    const link = { resource: 'settings', id: null } as const;
    return deps.unitOfWork.within(id, (tx) =>
      deps.findings.raise(tx, { kind: 'field_missing', subject, message, action, link }, deps.clock.now()),
    );
  }

  function resolve(id: InstallationId, subject: string): Promise<void> {
    return deps.unitOfWork.within(id, (tx) => deps.findings.resolve(tx, 'field_missing', subject, deps.clock.now()));
  }

  function append(id: InstallationId, system: string, target: string): Promise<void> {
    return deps.unitOfWork.within(id, (tx) =>
      deps.audit.append(tx, {
        verb: 'fields_created',
        source: { system: 'orderline', key: system, version: null },
        target,
        before: null,
        after: null,
        runId: null,
        requestId: null,
        userId: null,
        at: deps.clock.now(),
      }),
    );
  }
}

import { KEY_FIELD, LEDGER_TABLE } from '../../domain/key-sheet.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError, ForbiddenError, RejectedError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import { probeCapabilitiesJob } from '../capability-jobs.ts';
import { MATCHING_FIELDS } from '../matching-fields.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller, CrmField } from '../ports/crm.ts';
import type { CrmFieldStore } from '../ports/crm-field-store.ts';
import type { Erp, ErpCaller } from '../ports/erp.ts';
import type { ErpDocuments } from '../ports/erp-documents.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { JobPayloads, JobQueue } from '../ports/job-queue.ts';
import type { CursorStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { STREAMS, syncJob } from '../sync-jobs.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';
import { CRM_FIELDS, type WantedField } from './field-list.ts';

const REMEDY =
  'Free a custom field or let an admin install the app; then agree again in the app settings, or wait for the next hour.';

export interface EnsureFieldsDeps extends TenantDeps {
  readonly clock: Clock;
  readonly crmFields: CrmFieldStore;
  readonly erpFields: ErpFieldStore;
  readonly cursors: CursorStore;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly crm: Crm;
  readonly erp: Erp & Pick<ErpDocuments, 'createLedger' | 'handoffGuard'>;
}

/**
 * Makes the agreed fields exist on both sides; neither side waits for the other. The first load starts as soon as those in
 * Pipedrive are there. What cannot be made is reported once. With `again` only Pipedrive is asked, also for known fields.
 */
export function makeEnsureFields(deps: EnsureFieldsDeps) {
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
    await ensureCrmFields({ installationId: id, as: 'service', purpose: 'background', signal }, connectionId, again);
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

  /** @param again ask also when all are known: SAP's side may be tried very often, and Pipedrive's lists cost tokens */
  async function ensureCrmFields(caller: CrmCaller, connectionId: ConnectionId, again: boolean): Promise<void> {
    const { installationId } = caller;
    const known = await deps.unitOfWork.within(installationId, (tx) => deps.crmFields.get(tx));
    if (!again && CRM_FIELDS.every(({ purpose }) => known[purpose] !== undefined)) return;
    for (const entity of ['organization', 'deal'] as const) {
      const present = await deps.crm.listFields(caller, entity);
      for (const wanted of CRM_FIELDS.filter((field) => field.entity === entity)) {
        const code = known[wanted.purpose];
        if (code && present.some((field) => field.code === code)) continue;
        await ensureCrmField(caller, connectionId, wanted, present);
      }
    }
  }

  async function ensureCrmField(
    caller: CrmCaller,
    connectionId: ConnectionId,
    wanted: WantedField,
    present: readonly CrmField[],
  ): Promise<void> {
    const { installationId } = caller;
    const existing = findField(wanted, present);
    try {
      const code =
        existing?.code ?? (await deps.crm.createField(caller, wanted.entity, { name: wanted.name, type: wanted.type }));
      await deps.unitOfWork.within(installationId, async (tx) => {
        await deps.crmFields.save(tx, wanted.purpose, code, existing === undefined || isOwn(wanted, existing));
        // A new field may tell who is who, and is empty for all that were written before.
        if (wanted.entity === 'organization') await deps.cursors.restart(tx, connectionId, 'partners');
      });
      if (!existing) await append(installationId, 'pipedrive', `${wanted.entity}:${wanted.name}`);
      await resolve(installationId, wanted.purpose);
    } catch (error) {
      if (!(error instanceof AppError) || (error.kind !== 'rejected' && error.kind !== 'forbidden')) throw error;
      await raise(
        installationId,
        wanted.purpose,
        `The field “${wanted.name}” could not be made in Pipedrive: ${error.message}`,
        MATCHING_FIELDS.includes(wanted.purpose)
          ? `${REMEDY} Until then no customers and items are brought to Pipedrive.`
          : REMEDY,
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

/** By name and type: after a re-install the fields are still there, and names are not unique in Pipedrive. */
function findField(wanted: WantedField, present: readonly CrmField[]): CrmField | undefined {
  const usable = present.filter((field) => field.custom && field.type === wanted.type);
  return (
    usable.find((field) => field.name === wanted.name) ??
    usable.find((field) => wanted.alsoKnownAs.some((name) => name.test(field.name.trim())))
  );
}

/** A field of a name that only this app gives was made by it, before it was installed anew. */
function isOwn(wanted: WantedField, existing: CrmField): boolean {
  return existing.name === wanted.name && !wanted.commonName;
}

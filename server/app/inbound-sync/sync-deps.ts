import { after, type Clock } from '../../kernel/clock.ts';
import { RateLimitedError, ReauthRequiredError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import { canMatch } from '../matching-fields.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { CrmViewStore } from '../ports/crm-changes.ts';
import {
  type CrmFieldCodes,
  type CrmFieldPurpose,
  type CrmFieldStore,
  type KnownCrmField,
  type KnownOption,
  optionsFor,
} from '../ports/crm-field-store.ts';
import type { CrmReadingStore } from '../ports/crm-readings.ts';
import type { Erp, ErpCaller } from '../ports/erp.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { HandoffStore } from '../ports/handoff-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { CursorStore, SyncRunStore } from '../ports/sync-store.ts';
import type { FindServiceAdmin } from '../service-admin.ts';
import { recheckFieldsJob } from '../sync-jobs.ts';
import { findWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';

export interface SyncDeps extends TenantDeps {
  readonly clock: Clock;
  readonly links: LinkStore;
  readonly views: CrmViewStore;
  readonly cursors: CursorStore;
  readonly runs: SyncRunStore;
  readonly crmFields: CrmFieldStore;
  readonly handoffs: Pick<HandoffStore, 'countDealsInSap' | 'writeBackAnew'>;
  readonly readings: Pick<CrmReadingStore, 'heardSince'>;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly crm: Crm;
  readonly erp: Erp;
  readonly findServiceAdmin: FindServiceAdmin;
}

/** What one run of a sync job works with. */
export interface SyncContext {
  readonly workplace: Workplace;
  readonly fields: CrmFieldCodes;
  /** Fields that nobody but the app fills: only these are emptied where SAP has nothing. */
  readonly ownFields: ReadonlySet<CrmFieldPurpose>;
  /** For the fields that are lists; the others take text. */
  readonly options: ReadonlyMap<CrmFieldPurpose, readonly KnownOption[]>;
  readonly erpCaller: ErpCaller;
  readonly crmCaller: CrmCaller;
}

/** Undefined when there is nothing to sync now: not connected, parked, not agreed to, or its fields do not exist yet. */
export async function findSyncContext(
  deps: SyncDeps,
  id: InstallationId,
  connectionId: ConnectionId,
  signal: AbortSignal,
): Promise<SyncContext | undefined> {
  const workplace = await findWorkplace(deps, id, connectionId);
  if (workplace?.connection.status !== 'active' || workplace.installation.status !== 'active') return undefined;
  if (!workplace.settings.crmFieldsAgreed) return undefined;
  const fields = await deps.unitOfWork.within(id, (tx) => deps.crmFields.list(tx));
  const known = factsOf(fields, connectionId);
  if (!canMatch(known.fields)) return undefined;
  return {
    workplace,
    ...known,
    erpCaller: { installationId: id, connectionId, priority: 'background', signal },
    crmCaller: { installationId: id, as: 'service', purpose: 'delta', signal },
  };
}

/** What a run goes by, of the app's fields in Pipedrive. */
export function factsOf(
  known: readonly KnownCrmField[],
  connectionId: ConnectionId,
): Pick<SyncContext, 'fields' | 'ownFields' | 'options'> {
  return {
    fields: Object.fromEntries(known.map(({ purpose, code }) => [purpose, code])),
    ownFields: new Set(known.filter(({ own }) => own).map(({ purpose }) => purpose)),
    options: new Map(
      known.filter(({ type }) => type === 'enum').map((field) => [field.purpose, optionsFor(field, connectionId)]),
    ),
  };
}

/** Pipedrive refused what was sent or asked: a field of the app may have been deleted there, and is made anew then. */
export async function recheckFields(deps: SyncDeps, { crmCaller, workplace }: SyncContext): Promise<void> {
  await deps.unitOfWork.within(crmCaller.installationId, (tx) =>
    deps.jobs.enqueueWithin(tx, recheckFieldsJob(workplace.connection.id, 'background')),
  );
}

const PARKED_MS = 15 * 60_000;

/**
 * Runs a job that carries records to write. Nobody else knows of them, so while its connection is parked the job waits
 * rather than ends; it ends where there is no connection any more.
 * @throws {RateLimitedError} until somebody has reconnected
 */
export async function whileConnected(
  deps: SyncDeps,
  id: InstallationId,
  connectionId: ConnectionId,
  signal: AbortSignal,
  work: (context: SyncContext) => Promise<void>,
): Promise<void> {
  const context = await findSyncContext(deps, id, connectionId, signal);
  if (!context) {
    if (await findWorkplace(deps, id, connectionId)) throw parked(deps);
    return;
  }
  try {
    await work(context);
  } catch (error) {
    throw error instanceof ReauthRequiredError ? parked(deps, error) : error;
  }
}

function parked({ clock }: SyncDeps, cause?: unknown): RateLimitedError {
  return new RateLimitedError('Waits until the connection is renewed.', after(clock.now(), PARKED_MS), { cause });
}

/** Records per writing job: few enough that a stop loses little, many enough that SAP is asked once for all. */
export const WRITE_BATCH = 20;

export function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}

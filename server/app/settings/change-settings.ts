import type { ConsentBody, HandoffSwitchBody, PreferencesBody } from '../../contract/settings.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import { ConflictError, InvalidInputError } from '../../kernel/errors.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { Settings } from '../ports/settings-store.ts';
import type { CursorStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { changeErpJob, ensureFieldsJob, recheckFieldsJob } from '../sync-jobs.ts';
import { getWorkplace, type TenantDeps, type Workplace } from '../tenant.ts';
import { readAnew } from './read-anew.ts';

export interface ChangeSettingsDeps extends TenantDeps {
  readonly clock: Clock;
  readonly links: LinkStore;
  readonly cursors: CursorStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
}

/** An admin's decisions. Each makes a new version of the settings and an audit entry. */
export function makeChangeSettings(deps: ChangeSettingsDeps) {
  async function change(
    principal: Principal,
    requestId: string,
    edit: (settings: Settings) => Settings,
    then?: (tx: Tx, workplace: Workplace, before: Settings) => Promise<void>,
  ) {
    const workplace = await getWorkplace(deps, principal.installationId);
    const { id: connectionId } = workplace.connection;
    await deps.unitOfWork.within(principal.installationId, async (tx) => {
      const { version, settings } = await deps.settings.get(tx, connectionId);
      const edited = edit(settings);
      await deps.settings.save(tx, connectionId, version, edited, principal.userId);
      await deps.audit.append(tx, {
        verb: 'settings_changed',
        source: { system: 'orderline', key: `settings:${connectionId}`, version: String(version + 1) },
        target: `connection:${connectionId}`,
        before: jsonOf(settings),
        after: jsonOf(edited),
        runId: null,
        requestId,
        userId: principal.userId,
        at: deps.clock.now(),
      });
      await then?.(tx, workplace, settings);
    });
  }

  return {
    /**
     * Consent is given, or taken back for the future; what exists stays. Starts making fields, and then the first load.
     * @throws {InvalidInputError} for an hour that is over: whoever meant the coming night gets nothing changed at noon
     */
    agree: (principal: Principal, body: ConsentBody, requestId: string) =>
      change(
        principal,
        requestId,
        (settings) => {
          if (typeof body.erpChangesAt === 'string' && isOver(body.erpChangesAt, deps.clock.now())) throw hourOver();
          return {
            ...settings,
            crmFieldsAgreed: body.crmFields,
            erpFieldAgreed: body.erpField,
            erpLedgerAgreed: body.erpLedger ?? settings.erpLedgerAgreed,
            erpChangesAt: chosenTime(body, settings),
          };
        },
        async (tx, { connection }, before) => {
          const at = chosenTime(body, before);
          if (at !== null) await deps.jobs.enqueueWithin(tx, changeErpJob(connection.id, new Date(at)));
          await deps.jobs.enqueueWithin(tx, ensureFieldsJob(connection.id, 'person'));
          await deps.jobs.enqueueWithin(tx, recheckFieldsJob(connection.id, 'person'));
        },
      ),

    /** @throws {ConflictError} when the key field in SAP was not agreed to */
    switchHandoff: (principal: Principal, body: HandoffSwitchBody, requestId: string) =>
      change(principal, requestId, (settings) => {
        if (body.enabled && !settings.erpFieldAgreed) {
          throw new ConflictError(
            'Agree to the key field in SAP first. Without it an order could be made twice, so nothing is sent.',
          );
        }
        if (body.enabled === settings.handoff.enabled) return settings;
        // Deals won before this moment are history: a person sends them, if anybody does.
        return {
          ...settings,
          handoff: { enabled: body.enabled, startsAt: body.enabled ? deps.clock.now().toISOString() : null },
        };
      }),

    savePreferences: (principal: Principal, body: PreferencesBody, requestId: string) =>
      change(
        principal,
        requestId,
        (settings) => ({ ...settings, ...body }),
        async (tx, { connection }, before) => {
          // No item is stamped by this, and all of them have another price now.
          if (body.priceList !== before.priceList) await readAnew(deps, tx, connection.id, ['items']);
        },
      ),
  };
}

/** Left out: as it was chosen before. */
function chosenTime({ erpChangesAt }: ConsentBody, settings: Settings): string | null {
  return erpChangesAt === undefined ? settings.erpChangesAt : erpChangesAt;
}

/** The reader's clock may be a little behind ours. */
const GRACE_MS = 5 * 60_000;

function isOver(instant: string, now: Date): boolean {
  return new Date(instant) < after(now, -GRACE_MS);
}

function hourOver(): InvalidInputError {
  const message = 'The time you chose is over. Choose one that is to come, or leave it empty for now.';
  return new InvalidInputError([{ code: 'time_over', message, at: 'erpChangesAt' }]);
}

function jsonOf({ handoff, credit, ...rest }: Settings) {
  return { ...rest, handoff: { ...handoff }, credit: { ...credit } };
}

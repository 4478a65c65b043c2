import type { ConsentBody, HandoffSwitchBody, PreferencesBody } from '../../contract/settings.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ConflictError } from '../../kernel/errors.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { Settings } from '../ports/settings-store.ts';
import type { CursorStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { ensureFieldsJob, recheckFieldsJob } from '../sync-jobs.ts';
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
    /** Consent is given, or taken back for the future; what exists stays. Starts making fields, and then the first load. */
    agree: (principal: Principal, body: ConsentBody, requestId: string) =>
      change(
        principal,
        requestId,
        (settings) => ({ ...settings, crmFieldsAgreed: body.crmFields, erpFieldAgreed: body.erpField }),
        async (tx, { connection }) => {
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

function jsonOf({ handoff, credit, ...rest }: Settings) {
  return { ...rest, handoff: { ...handoff }, credit: { ...credit } };
}

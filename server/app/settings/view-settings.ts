import type { LoadProgressView, SettingsAnswer, SettingsView } from '../../contract/settings.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { CRM_FIELDS } from '../crm-field-list.ts';
import { lacksScopes } from '../granted-scopes.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { CrmFieldStore, KnownCrmField } from '../ports/crm-field-store.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { DeliveryStore } from '../ports/delivery-store.ts';
import type { Erp, ErpCaller } from '../ports/erp.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Connection, GrantFacts, GrantStore, Installation } from '../ports/installation-store.ts';
import type { RemovalStore } from '../ports/removal-store.ts';
import { DEFAULT_SETTINGS, type Settings } from '../ports/settings-store.ts';
import type { CursorStore, SyncRun, SyncRunStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { erasedAt } from '../reconnect-pipedrive.ts';
import { notAnAdmin } from '../service-admin.ts';
import type { TenantDeps } from '../tenant.ts';
import { noteSeats } from '../token-budget.ts';
import { recentSignatures } from './change-signature.ts';
import { healthForVisitors, healthOf } from './health.ts';
import { askFieldPlan, viewFieldPlan } from './plan-fields.ts';
import { askFirstLoadQuote } from './quote-first-load.ts';
import type { Remembered } from './remembered.ts';
import { viewConnection } from './view-connection.ts';
import { makeViewTokens, type ViewTokensDeps } from './view-tokens.ts';

export interface ViewSettingsDeps extends TenantDeps, ViewTokensDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadline: Deadline;
  readonly publicUrl: string;
  readonly grants: GrantStore;
  readonly removals: Pick<RemovalStore, 'findWaitingSince'>;
  readonly crmFields: CrmFieldStore;
  readonly erpFields: ErpFieldStore;
  readonly cursors: CursorStore;
  readonly runs: SyncRunStore;
  readonly findings: FindingStore;
  readonly deliveries: Pick<DeliveryStore, 'listSigned'>;
  readonly crm: Crm;
  readonly erp: Erp;
  readonly isAdminNow: (principal: Principal, signal: AbortSignal) => Promise<boolean>;
  /** Answers of both systems that may be some minutes old on this page. */
  readonly remembered: Remembered;
}

const SHOWN_FINDINGS = 50;
const ASK_MS = 4_000;

/**
 * Everything the settings page shows, from our own rows; what must be asked elsewhere may be missing and breaks nothing.
 * Who is no admin gets what concerns them alone.
 */
export function makeViewSettings(deps: ViewSettingsDeps) {
  const viewTokens = makeViewTokens(deps);
  return async function viewSettings(principal: Principal, signal: AbortSignal): Promise<SettingsAnswer> {
    const rows = await deps.unitOfWork.within(principal.installationId, (tx) => readRows(tx));
    const { connection, settings } = rows;
    const limited = deps.deadline(ASK_MS, signal);
    const [asked, mayChange] = await Promise.all([
      askOutside(principal, rows, limited),
      deps.isAdminNow(principal, limited),
    ]);
    const fieldsReady = rows.fields.some(({ purpose }) => purpose === 'deal.sap_status');
    const ready = connection?.status === 'active' && settings.erpFieldAgreed;
    const view: Omit<SettingsView, 'health'> = {
      companyName: rows.installation.companyName,
      mayChange: true,
      pipedrive: {
        // Who reconnects while everything is being removed stops the removal: that is not asked for.
        state: rows.installation.status === 'reauth_required' ? 'reconnect' : 'connected',
        reconnectUrl: `${deps.publicUrl}/oauth/install`,
      },
      myAccess: rows.grants.some(({ userId, status }) => userId === principal.userId && status === 'active')
        ? 'ok'
        : 'refused',
      connection: connection ? viewConnection(connection) : null,
      consent: {
        crmFields: settings.crmFieldsAgreed,
        erpField: settings.erpFieldAgreed,
        erpLedger: settings.erpLedgerAgreed,
        erpChangesAt: settings.erpChangesAt,
        keyField: rows.keyField,
        crmFieldPlan: viewFieldPlan(asked.fieldPlan, rows.tokens.stated?.plan ?? rows.tokens.learnt.plan),
      },
      handoff: {
        enabled: settings.handoff.enabled,
        startsAt: settings.handoff.startsAt,
        ready,
        notReadyReason: ready ? null : connection ? 'Agree to the key field in SAP first.' : 'Connect SAP first.',
      },
      preferences: { webClientUrl: settings.webClientUrl, priceList: settings.priceList, priceLists: asked.priceLists },
      firstLoad: { quote: fieldsReady ? null : asked.quote, streams: rows.streams },
      tokens: rows.tokens,
      notifications: rows.notifications,
      findings: { open: rows.findingCount, list: rows.findings },
      people: { ...asked.people, installUrl: `${deps.publicUrl}/oauth/install` },
    };
    const health = healthOf(view, {
      lacksRights: lacksScopes(rows.grants),
      isRemoving: rows.installation.status === 'removing',
      erasedAt: rows.erasedAt,
      onlySees: notAnAdmin(rows.grants)?.userName,
    });
    return mayChange ? { ...view, health } : forVisitors(view, health, rows.grants);
  };

  async function readRows(tx: Tx) {
    const installation: Installation = await deps.installations.get(tx);
    const [connection] = await deps.connections.list(tx);
    const findings = await deps.findings.listOpen(tx, SHOWN_FINDINGS);
    const grants = await deps.grants.list(tx);
    return {
      installation,
      connection,
      settings: connection ? (await deps.settings.get(tx, connection.id)).settings : DEFAULT_SETTINGS,
      fields: await deps.crmFields.list(tx),
      keyField: connection ? await deps.erpFields.hasKeyField(tx, connection.id) : false,
      grants,
      erasedAt: erasedAt(await deps.removals.findWaitingSince(tx), grants),
      streams: connection
        ? [await readProgress(tx, connection, 'partners'), await readProgress(tx, connection, 'items')]
        : [],
      tokens: await viewTokens(tx, connection?.id),
      notifications: {
        signature: installation.signature,
        recent: await recentSignatures(deps.deliveries, tx),
        renewing: await deps.installations.hasOldWebhookSecret(tx),
      },
      findingCount: await deps.findings.countOpen(tx),
      findings: findings.map(({ id, kind, message, action, link, lastSeenAt, count }) => ({
        id,
        message,
        action,
        link,
        lastSeenAt: lastSeenAt.toISOString(),
        count,
        mayGoOn: kind === 'comparison_stopped',
      })),
    };
  }

  async function readProgress(tx: Tx, connection: Connection, stream: 'partners' | 'items'): Promise<LoadProgressView> {
    const run = await deps.runs.findLast(tx, connection.id, stream, 'first_load');
    return run
      ? viewRun(stream, run)
      : {
          stream,
          state: 'not_started',
          expected: null,
          read: 0,
          written: 0,
          unchanged: 0,
          waiting: 0,
          finishedAt: null,
        };
  }

  async function askOutside(
    principal: Principal,
    rows: {
      connection: Connection | undefined;
      settings: Settings;
      fields: readonly KnownCrmField[];
      grants: readonly GrantFacts[];
    },
    signal: AbortSignal,
  ) {
    const { installationId } = principal;
    const { connection } = rows;
    const caller: ErpCaller | undefined =
      connection?.status === 'active'
        ? { installationId, connectionId: connection.id, priority: 'person', signal }
        : undefined;
    const at = `${installationId}:${connection?.id}`;
    const crmCaller: CrmCaller = { installationId, as: 'service', purpose: 'person', signal };
    const toAgree = rows.settings.crmFieldsAgreed ? undefined : caller;
    const planned = toAgree && optional(`fields:${at}`, () => askFieldPlan(deps.crm, crmCaller, rows.fields));
    const [priceLists, quote, users, fieldPlan] = await Promise.all([
      caller ? optional(`price-lists:${at}`, () => deps.erp.listPriceLists(caller)) : undefined,
      toAgree
        ? optional(`quote:${at}`, async () =>
            askFirstLoadQuote(deps, toAgree, crmCaller, (await planned)?.toMake ?? CRM_FIELDS.length),
          )
        : undefined,
      optional(`users:${installationId}`, async () => {
        const found = await deps.crm.listUsers(crmCaller);
        await noteSeats(deps, installationId, found);
        return found;
      }),
      planned,
    ]);
    const known = new Set(rows.grants.map((grant) => grant.userId));
    const namesOf = (status: GrantFacts['status']) =>
      rows.grants.filter((grant) => grant.status === status).map((grant) => grant.userName);
    return {
      priceLists: (priceLists ?? []).filter((list) => list.active).map(({ number, name }) => ({ number, name })),
      quote: quote ?? null,
      fieldPlan,
      people: {
        installed: namesOf('active'),
        refused: namesOf('refused'),
        notInstalled: users?.filter((user) => user.active && !known.has(user.id)).map((user) => user.name) ?? null,
      },
    };
  }

  /** The page works without it: what cannot be asked is left out, and noted in the log. */
  async function optional<T>(key: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await deps.remembered.ask(key, ask);
    } catch (error) {
      if (!(error instanceof AppError) && !(error instanceof DOMException)) throw error;
      deps.logger.warn('Something for the settings page could not be asked', { question: key.split(':')[0] });
      return undefined;
    }
  }
}

function viewRun(stream: 'partners' | 'items', run: SyncRun): LoadProgressView {
  const state = run.state === 'running' ? 'reading' : run.state;
  const { expected, read, written, unchanged, waiting, endedAt } = run;
  return { stream, state, expected, read, written, unchanged, waiting, finishedAt: endedAt?.toISOString() ?? null };
}

function forVisitors(
  view: Omit<SettingsView, 'health'>,
  health: SettingsView['health'],
  grants: readonly GrantFacts[],
): SettingsAnswer {
  const { companyName, pipedrive, myAccess, people } = view;
  const admins = grants.filter(({ isAdmin, status }) => isAdmin && status === 'active').map(({ userName }) => userName);
  const shown = healthForVisitors(health, view);
  return { mayChange: false, companyName, health: shown, pipedrive, myAccess, people, admins };
}

import type { LoadProgressView, SettingsView } from '../../contract/settings.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Crm } from '../ports/crm.ts';
import type { CrmFieldStore } from '../ports/crm-field-store.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { Erp, ErpCaller } from '../ports/erp.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Connection, GrantStore, Installation } from '../ports/installation-store.ts';
import { DEFAULT_SETTINGS, type Settings } from '../ports/settings-store.ts';
import type { CursorStore, SyncRun, SyncRunStore } from '../ports/sync-store.ts';
import type { TokenLedger } from '../ports/token-ledger.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import type { TenantDeps } from '../tenant.ts';
import { CRM_FIELDS } from './field-list.ts';
import { healthOf } from './health.ts';
import type { Remembered } from './remembered.ts';
import { viewConnection } from './view-connection.ts';

export interface ViewSettingsDeps extends TenantDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadline: Deadline;
  readonly publicUrl: string;
  readonly grants: GrantStore;
  readonly crmFields: CrmFieldStore;
  readonly erpFields: ErpFieldStore;
  readonly cursors: CursorStore;
  readonly runs: SyncRunStore;
  readonly findings: FindingStore;
  readonly ledger: TokenLedger;
  readonly crm: Crm;
  readonly erp: Erp;
  readonly isAdminNow: (principal: Principal, signal: AbortSignal) => Promise<boolean>;
  /** Answers of both systems that may be some minutes old on this page. */
  readonly remembered: Remembered;
}

const SHOWN_FINDINGS = 50;
const ASK_MS = 4_000;
/**
 * Writing a record costs 5 tokens, looking through an organization's people 10 (official description, `x-token-cost`);
 * a customer brings about one person.
 */
const TOKENS_PER_PARTNER = 20;
const TOKENS_PER_ITEM = 5;

/** Everything the settings page shows, from our own rows; what must be asked elsewhere may be missing and breaks nothing. */
export function makeViewSettings(deps: ViewSettingsDeps) {
  return async function viewSettings(principal: Principal, signal: AbortSignal): Promise<SettingsView> {
    const rows = await deps.unitOfWork.within(principal.installationId, (tx) => readRows(tx));
    const { connection, settings } = rows;
    const limited = deps.deadline(ASK_MS, signal);
    const [asked, mayChange] = await Promise.all([
      askOutside(principal, rows, limited),
      deps.isAdminNow(principal, limited),
    ]);
    const fieldsReady = rows.fields['deal.sap_status'] !== undefined;
    const ready = connection?.status === 'active' && settings.erpFieldAgreed;
    const view: Omit<SettingsView, 'health'> = {
      companyName: rows.installation.companyName,
      mayChange,
      pipedrive: {
        state: rows.installation.status === 'active' ? 'connected' : 'reconnect',
        reconnectUrl: `${deps.publicUrl}/oauth/install`,
      },
      connection: connection ? viewConnection(connection) : null,
      consent: {
        crmFields: settings.crmFieldsAgreed,
        erpField: settings.erpFieldAgreed,
        erpLedger: settings.erpLedgerAgreed,
        erpChangesAt: settings.erpChangesAt,
        keyField: rows.keyField,
        crmFieldNames: CRM_FIELDS.map((field) => `${field.name} (${field.entity})`),
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
      findings: { open: rows.findingCount, list: rows.findings },
      people: { ...asked.people, installUrl: `${deps.publicUrl}/oauth/install` },
    };
    return { ...view, health: healthOf(view) };
  };

  async function readRows(tx: Tx) {
    const [connection] = await deps.connections.list(tx);
    const now = deps.clock.now();
    const spent = await deps.ledger.spentSince(tx, startOfDay(now));
    const daily = await deps.ledger.findDaily(tx);
    const findings = await deps.findings.listOpen(tx, SHOWN_FINDINGS);
    return {
      installation: (await deps.installations.get(tx)) satisfies Installation,
      connection,
      settings: connection ? (await deps.settings.get(tx, connection.id)).settings : DEFAULT_SETTINGS,
      fields: await deps.crmFields.get(tx),
      keyField: connection ? await deps.erpFields.hasKeyField(tx, connection.id) : false,
      grants: await deps.grants.list(tx),
      streams: connection
        ? [await readProgress(tx, connection, 'partners'), await readProgress(tx, connection, 'items')]
        : [],
      tokens: {
        spentToday: spent.reduce((sum, use) => sum + use.tokens, 0),
        dailyLimit: daily?.limit ?? null,
        remaining: daily?.remaining ?? null,
      },
      findingCount: await deps.findings.countOpen(tx),
      findings: findings.map(({ id, message, action, link, lastSeenAt, count }) => ({
        id,
        message,
        action,
        link,
        lastSeenAt: lastSeenAt.toISOString(),
        count,
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
      grants: readonly { userId: number; userName: string }[];
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
    const [priceLists, counts, users] = await Promise.all([
      caller ? optional(`price-lists:${at}`, () => deps.erp.listPriceLists(caller)) : undefined,
      caller && !rows.settings.crmFieldsAgreed
        ? optional(`counts:${at}`, async () => ({
            partners: await deps.erp.countPartners(caller),
            items: await deps.erp.countItems(caller),
          }))
        : undefined,
      optional(`users:${installationId}`, () =>
        deps.crm.listUsers({ installationId, as: 'service', purpose: 'person', signal }),
      ),
    ]);
    const installed = new Set(rows.grants.map((grant) => grant.userId));
    return {
      priceLists: (priceLists ?? []).filter((list) => list.active).map(({ number, name }) => ({ number, name })),
      quote: counts
        ? { ...counts, tokens: counts.partners * TOKENS_PER_PARTNER + counts.items * TOKENS_PER_ITEM }
        : null,
      people: {
        installed: rows.grants.map((grant) => grant.userName),
        notInstalled: (users ?? []).filter((user) => user.active && !installed.has(user.id)).map((user) => user.name),
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

function startOfDay(now: Date): Date {
  return after(now, -(now.getTime() % 86_400_000));
}

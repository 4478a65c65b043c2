import { z } from 'zod';
import { DEFAULT_SETTINGS, type Settings, type SettingsStore } from '../app/ports/settings-store.ts';
import { ConflictError } from '../kernel/errors.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredSettings: z.ZodType<Settings> = z.object({
  crmFieldsAgreed: z.boolean(),
  erpFieldAgreed: z.boolean(),
  erpLedgerAgreed: z.boolean(),
  erpChangesAt: z.string().nullable(),
  approvedDrafts: z.enum(['turned_by_us', 'left_to_the_approver']),
  handoff: z.object({ enabled: z.boolean(), startsAt: z.string().nullable() }),
  whoMaySend: z.enum(['everyone_who_sees_the_deal', 'admins']),
  priceList: z.number().nullable(),
  credit: z.object({ countOpenOrders: z.boolean(), holdAfterDaysOverdue: z.number() }),
  webClientUrl: z.string().nullable(),
});

interface SettingsRow {
  installation_id: string;
  connection_id: string;
  version: number;
  values: Record<string, unknown>;
}

export const settingsStore: SettingsStore = {
  async get(tx, connectionId) {
    const row = await queriesOf(tx)<SettingsRow>('settings')
      .where({ installation_id: tx.installationId, connection_id: connectionId })
      .orderBy('version', 'desc')
      .first();
    if (!row) return { version: 0, settings: DEFAULT_SETTINGS };
    // Versions from before a setting existed have its default.
    return { version: row.version, settings: StoredSettings.parse({ ...DEFAULT_SETTINGS, ...row.values }) };
  },

  async save(tx, connectionId, expectedVersion, settings, byUserId) {
    const { rowCount } = await queriesOf(tx).raw<{ rowCount: number }>(
      `insert into settings (installation_id, connection_id, version, values, by_user_id)
       select :installation, :connection, :expected::integer + 1, :values::jsonb, :user
       where :expected::integer = (select coalesce(max(version), 0) from settings
         where installation_id = :installation and connection_id = :connection)
       on conflict do nothing`,
      {
        installation: tx.installationId,
        connection: connectionId,
        expected: expectedVersion,
        values: JSON.stringify(settings),
        user: byUserId,
      },
    );
    if (rowCount === 0) throw new ConflictError('Somebody else has saved the settings meanwhile. Look at them again.');
  },
};

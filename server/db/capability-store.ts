import { z } from 'zod';
import type { CapabilityStore, ErpCapabilities, KnownCapabilities } from '../app/ports/erp-capabilities.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import type { ConnectionRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const Feature = z.enum(['yes', 'no', 'forbidden', 'unknown']);

const StoredCapabilities: z.ZodType<ErpCapabilities> = z.object({
  dialect: z.enum(['v1', 'v2']),
  version: z.string().nullable(),
  companyName: z.string().nullable(),
  localCurrency: z.string().nullable(),
  batch: Feature,
  userTables: Feature,
  keyField: Feature,
  ledger: Feature,
  sqlQueries: Feature,
  webhooks: Feature,
  etag: Feature,
  approvals: Feature,
  branches: Feature,
  decimals: z
    .object({
      totals: z.number(),
      prices: z.number(),
      quantities: z.number(),
      rates: z.number(),
      percentages: z.number(),
    })
    .nullable(),
  collectionSelect: Feature,
  preview: Feature,
  itemPrice: Feature,
  pageSize: z.number().nullable(),
  clock: z.object({
    skewMs: z.number().nullable(),
    offsetMinutes: z.number().nullable(),
    stamps: z.enum(['second', 'minute', 'unknown']),
    newest: z.object({ date: z.string(), time: z.string() }).nullable(),
    lookedAt: z.string(),
  }),
});

const row = (tx: Tx, id: string) =>
  queriesOf(tx)<ConnectionRow>('connections').where({ installation_id: tx.installationId, id });

export const capabilityStore: CapabilityStore = {
  async find(tx, id) {
    const found = await row(tx, id).first('capabilities', 'capabilities_at');
    return found && knownCapabilities(found);
  },

  async save(tx, id, record, at) {
    await row(tx, id)
      .whereNot({ status: 'disconnected' })
      .update({ capabilities: JSON.stringify(record), capabilities_at: at });
  },
};

/** Undefined too for a record of an earlier version of this app: the next look makes a new one. */
export function knownCapabilities({
  capabilities,
  capabilities_at: at,
}: Pick<ConnectionRow, 'capabilities' | 'capabilities_at'>): KnownCapabilities | undefined {
  const parsed = StoredCapabilities.safeParse(capabilities);
  return parsed.success && at ? { record: parsed.data, at } : undefined;
}

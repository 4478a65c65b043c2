import type { Knex } from 'knex';
import * as installations from '../../migrations/20261124000100_installations.ts';
import * as tenantDirectory from '../../migrations/20261124000200_tenant_directory.ts';
import * as sync from '../../migrations/20261124000300_sync.ts';
import * as handoffs from '../../migrations/20261124000400_handoffs.ts';
import * as audit from '../../migrations/20261124000500_audit.ts';
import * as processes from '../../migrations/20261124000600_processes.ts';
import * as queue from '../../migrations/20261124000700_queue.ts';
import * as erpWire from '../../migrations/20261124000800_erp_wire.ts';
import * as erpSlots from '../../migrations/20261124000900_erp_slots.ts';
import * as erpCapabilities from '../../migrations/20261124001000_erp_capabilities.ts';
import * as erpWebhooks from '../../migrations/20261124001100_erp_webhooks.ts';
import * as grants from '../../migrations/20261124001200_grants.ts';
import * as removal from '../../migrations/20261124001300_removal.ts';
import * as crmTokens from '../../migrations/20261124001400_crm_tokens.ts';
import * as deliveryInbox from '../../migrations/20261124001500_delivery_inbox.ts';
import * as crmChanges from '../../migrations/20261124001600_crm_changes.ts';
import * as crmReadings from '../../migrations/20261124001700_crm_readings.ts';
import * as crmFieldFacts from '../../migrations/20261124001800_crm_field_facts.ts';
import * as tokenAlerts from '../../migrations/20261124001900_token_alerts.ts';
import * as signedDeliveries from '../../migrations/20261124002000_signed_deliveries.ts';
import * as endedAccess from '../../migrations/20261124002100_ended_access.ts';
import * as heardOf from '../../migrations/20261124002600_heard_of.ts';
import * as webhookPasswordHashes from '../../migrations/20261124002700_webhook_password_hashes.ts';

const MIGRATIONS: Readonly<Record<string, Knex.Migration>> = {
  '20261124000100_installations': installations,
  '20261124000200_tenant_directory': tenantDirectory,
  '20261124000300_sync': sync,
  '20261124000400_handoffs': handoffs,
  '20261124000500_audit': audit,
  '20261124000600_processes': processes,
  '20261124000700_queue': queue,
  '20261124000800_erp_wire': erpWire,
  '20261124000900_erp_slots': erpSlots,
  '20261124001000_erp_capabilities': erpCapabilities,
  '20261124001100_erp_webhooks': erpWebhooks,
  '20261124001200_grants': grants,
  '20261124001300_removal': removal,
  '20261124001400_crm_tokens': crmTokens,
  '20261124001500_delivery_inbox': deliveryInbox,
  '20261124001600_crm_changes': crmChanges,
  '20261124001700_crm_readings': crmReadings,
  '20261124001800_crm_field_facts': crmFieldFacts,
  '20261124001900_token_alerts': tokenAlerts,
  '20261124002000_signed_deliveries': signedDeliveries,
  '20261124002100_ended_access': endedAccess,
  '20261124002600_heard_of': heardOf,
  '20261124002700_webhook_password_hashes': webhookPasswordHashes,
};

/**
 * Names carry no file extension, so that rows written by tsx, by vitest and by the compiled build agree; knex's own
 * folder loader records the extension and then calls the folder corrupt.
 */
export const listedMigrations: Knex.MigrationSource<string> = {
  getMigrations: async () => Object.keys(MIGRATIONS).sort(),
  getMigrationName: (name) => name,
  async getMigration(name) {
    const migration = MIGRATIONS[name];
    if (!migration) throw new Error(`There is no migration ${name}.`);
    return migration;
  },
};

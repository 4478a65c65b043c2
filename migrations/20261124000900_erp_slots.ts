import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

const OF_CONNECTION = 'foreign key (installation_id, connection_id) references connections on delete cascade';

/** What all processes together may do to one SAP server at once: at most four requests, one sign-in. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table erp_slots (
      installation_id uuid not null,
      connection_id uuid not null,
      slot smallint not null check (slot between 1 and 4),
      holder uuid not null,
      lease_until timestamptz not null,
      constraint erp_slots_once primary key (installation_id, connection_id, slot),
      ${OF_CONNECTION}
    )`);
  await knex.raw(`
    create table erp_slot_waits (
      installation_id uuid not null,
      connection_id uuid not null,
      holder uuid not null,
      lane text not null check (lane in ('lookup', 'person', 'background')),
      wanted smallint not null,
      since timestamptz not null,
      seen_until timestamptz not null,
      constraint erp_slot_waits_once primary key (installation_id, connection_id, holder),
      ${OF_CONNECTION}
    )`);
  await knex.raw(`
    create table erp_sign_ins (
      installation_id uuid not null,
      connection_id uuid not null,
      holder uuid not null,
      lease_until timestamptz not null,
      constraint erp_sign_ins_once primary key (installation_id, connection_id),
      ${OF_CONNECTION}
    )`);
  for (const table of ['erp_slots', 'erp_slot_waits', 'erp_sign_ins']) await protectTenantTable(knex, table);
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'erp_sign_ins', 'erp_slot_waits', 'erp_slots');
}

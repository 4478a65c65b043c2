import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

/** SHA-256 of a PEM text's certificate, as upper-case hex pairs with colons. */
const FINGERPRINT = `trim(trailing ':' from regexp_replace(upper(encode(sha256(decode(
  regexp_replace(pem, '-----[A-Z ]+-----|\\s', '', 'g'), 'base64')), 'hex')), '(..)', '\\1:', 'g'))`;

/** Row-level security is forced on the owner as well, who has no policy: lifted for one statement, inside the transaction. */
async function changeAll(knex: Knex, statement: string): Promise<void> {
  await knex.raw('alter table connections no force row level security');
  await knex.raw(statement);
  await knex.raw('alter table connections force row level security');
}

/**
 * Trust in slots of fingerprint and certificate, what a proxy before SAP asks for, when a certificate was last looked at, and
 * how often connections were tried out.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table connections
      add column proxy_header_name text,
      add column proxy_header_value bytea,
      add column client_certificate text,
      add column client_key bytea,
      add column looked_at timestamptz,
      add column served_valid_to timestamptz,
      add constraint connections_proxy_header_whole check ((proxy_header_name is null) = (proxy_header_value is null)),
      add constraint connections_client_key_whole check ((client_certificate is null) = (client_key is null)),
      add constraint connections_look_whole check ((looked_at is null) = (served_valid_to is null))`);
  // The certificates stay beside the slots, for processes of the version before.
  await changeAll(
    knex,
    `update connections set trust = trust || jsonb_build_object('slots', (
       select coalesce(jsonb_agg(jsonb_build_object('fingerprint', ${FINGERPRINT}, 'pem', pem) order by at), '[]')
       from jsonb_array_elements_text(trust -> 'certificates') with ordinality as given(pem, at)))
     where trust ->> 'kind' = 'pinned'`,
  );
  await knex.raw(`
    create table connection_trials (
      installation_id uuid not null references installations,
      id bigint generated always as identity,
      at timestamptz not null,
      primary key (installation_id, id)
    )`);
  await protectTenantTable(knex, 'connection_trials', 'select, insert, delete');
}

/** An authority of the customer's own becomes a pin that no server can meet: the connection then waits for a person. */
export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'connection_trials');
  await changeAll(
    knex,
    `update connections set trust = jsonb_build_object('kind', 'pinned', 'certificates', case
       when trust ->> 'kind' = 'authority' then jsonb_build_array(trust -> 'pem')
       else (select coalesce(jsonb_agg(slot -> 'pem'), '[]') from jsonb_array_elements(trust -> 'slots') as slot
             where slot ->> 'pem' is not null) end)
     where trust ->> 'kind' in ('pinned', 'authority')`,
  );
  await knex.raw(`
    alter table connections
      drop column proxy_header_name,
      drop column proxy_header_value,
      drop column client_certificate,
      drop column client_key,
      drop column looked_at,
      drop column served_valid_to`);
}

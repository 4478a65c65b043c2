import { createHash } from 'node:crypto';
import type { CrmWebhookStore } from '../app/ports/delivery-store.ts';
import type { SecretPlace, Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { after } from '../kernel/clock.ts';
import { type CrmWebhookRefusalRow, type CrmWebhookRow, safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const webhooks = (tx: Tx) => queriesOf(tx)<CrmWebhookRow>('crm_webhooks').where({ installation_id: tx.installationId });

const refusals = (tx: Tx) =>
  queriesOf(tx)<CrmWebhookRefusalRow>('crm_webhook_refusals').where({ installation_id: tx.installationId });

const passwordPlace = (user: string): SecretPlace => ({ table: 'crm_webhooks', column: 'password', row: user });

const KEPT_MS = 14 * 86_400_000;

/** Of the last 14 days, after which deliveries are purged. */
const RHYTHM = `
  with heard as (
    select received_at, received_at - lag(received_at) over (order by received_at) as gap from deliveries
    where installation_id = :installation and source = 'pipedrive' and received_at > :since::timestamptz),
  ends as (select max(received_at) as last_at, min(received_at) as first_at from heard)
  select last_at, first_at, count(distinct date_trunc('hour', received_at)) as hours,
    coalesce(extract(epoch from max(gap)) * 1000, 0)::double precision as longest_gap_ms,
    count(distinct date_trunc('hour', received_at)) filter
      (where received_at > last_at - interval '168 hours' and received_at <= :now::timestamptz - interval '168 hours')
      as hours_week_before
  from heard cross join ends group by last_at, first_at`;

const HEARD = `
  select entity, max(received_at) as last_at,
    max(received_at) filter (where state in ('unreadable', 'too_large')) as quarantined_at
  from deliveries
  where installation_id = :installation and source = 'pipedrive' and received_at > :since::timestamptz
  group by entity`;

interface HeardRow {
  readonly entity: string | null;
  readonly last_at: Date;
  readonly quarantined_at: Date | null;
}

interface RhythmRow {
  readonly last_at: Date;
  readonly first_at: Date;
  readonly hours: string;
  readonly longest_gap_ms: number;
  readonly hours_week_before: string;
}

/** Of its 256 random bits: there is nothing to guess, so one round will do. */
const sha256 = (password: string): Buffer => createHash('sha256').update(password).digest();

/** @param vault opens the passwords of webhooks that were made before their hash was kept, and nothing else */
export function createCrmWebhookStore(vault: Pick<Vault, 'open'>): CrmWebhookStore {
  async function hashOfSealed(tx: Tx, { user_name, password }: CrmWebhookRow): Promise<Buffer> {
    if (!password) throw new Error('A webhook has neither a password nor its hash.');
    return sha256((await vault.open(tx, passwordPlace(user_name), password)).reveal());
  }

  return {
    async list(tx) {
      const rows = await webhooks(tx).orderBy('position');
      return rows.map((row) => ({
        webhookId: safeInteger(row.webhook_id),
        object: row.object,
        action: row.action,
        user: row.user_name,
        madeAt: row.made_at,
        retiredAt: row.retired_at,
      }));
    },

    async listCredentials(tx) {
      const credentials = [];
      for (const row of await webhooks(tx).orderBy('position')) {
        const passwordHash = row.password_hash ?? (await hashOfSealed(tx, row));
        credentials.push({ user: row.user_name, passwordHash });
      }
      return credentials;
    },

    async add(tx, { object, action, user, password, webhookId, madeAt }) {
      await queriesOf(tx)('crm_webhooks').insert({
        installation_id: tx.installationId,
        user_name: user,
        webhook_id: webhookId,
        object,
        action,
        password_hash: sha256(password),
        made_at: madeAt,
      });
    },

    async remove(tx, user) {
      await webhooks(tx).where({ user_name: user }).delete();
    },

    async setId(tx, user, webhookId) {
      await webhooks(tx)
        .where({ user_name: user })
        .update({ webhook_id: String(webhookId) });
    },

    async retire(tx, user, at) {
      await webhooks(tx).where({ user_name: user }).whereNull('retired_at').update({ retired_at: at });
    },

    async listRefusals(tx) {
      const rows = await refusals(tx).orderBy(['object', 'action']);
      return rows.map(({ object, action, refused_at }) => ({ object, action, at: refused_at }));
    },

    async noteRefusal(tx, { object, action }, at) {
      await queriesOf(tx)('crm_webhook_refusals')
        .insert({ installation_id: tx.installationId, object, action, refused_at: at })
        .onConflict(['installation_id', 'object', 'action'])
        .merge();
    },

    async clearRefusal(tx, { object, action }) {
      await refusals(tx).where({ object, action }).delete();
    },

    async rhythm(tx, now) {
      const { rows } = await queriesOf(tx).raw<{ rows: RhythmRow[] }>(RHYTHM, {
        installation: tx.installationId,
        since: after(now, -KEPT_MS),
        now,
      });
      const [row] = rows;
      return {
        lastAt: row?.last_at ?? null,
        firstAt: row?.first_at ?? null,
        hours: safeInteger(row?.hours ?? '0'),
        longestGapMs: row?.longest_gap_ms ?? 0,
        hoursWeekBefore: safeInteger(row?.hours_week_before ?? '0'),
      };
    },

    async heard(tx, now) {
      const { rows } = await queriesOf(tx).raw<{ rows: HeardRow[] }>(HEARD, {
        installation: tx.installationId,
        since: after(now, -KEPT_MS),
      });
      const of = new Map(rows.flatMap(({ entity, last_at }) => (entity === null ? [] : [[entity, last_at] as const])));
      const unread = rows.find(({ entity }) => entity === null);
      return { of, unknown: unread?.last_at ?? null, quarantinedAt: unread?.quarantined_at ?? null };
    },
  };
}

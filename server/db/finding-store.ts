import { z } from 'zod';
import type { Finding, FindingStore } from '../app/ports/finding-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { type FindingRow, safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredLink: z.ZodType<Finding['link']> = z
  .object({ resource: z.enum(['deal', 'organization', 'person', 'settings']), id: z.number().nullable() })
  .nullable();

const openFindings = (tx: Tx) =>
  queriesOf(tx)<FindingRow>('findings').where({ installation_id: tx.installationId }).whereNull('resolved_at');

export const findingStore: FindingStore = {
  async raise(tx, { kind, subject, message, action, link }, now) {
    await queriesOf(tx).raw(
      `insert into findings (installation_id, kind, subject, message, action, link, first_seen_at, last_seen_at)
       values (:installation, :kind, :subject, :message, :action, :link::jsonb, :now, :now)
       on conflict (installation_id, kind, subject) where resolved_at is null
       do update set message = excluded.message, action = excluded.action, link = excluded.link,
         last_seen_at = excluded.last_seen_at, count = findings.count + 1`,
      { installation: tx.installationId, kind, subject, message, action, link: link && JSON.stringify(link), now },
    );
  },

  async resolve(tx, kind, subject, now) {
    await openFindings(tx).where({ kind, subject }).update({ resolved_at: now });
  },

  async resolveQuiet(tx, kind, before, now) {
    await openFindings(tx).where({ kind }).where('last_seen_at', '<', before).update({ resolved_at: now });
  },

  async dismiss(tx, id, now) {
    const [row] = await openFindings(tx).where({ id }).update({ resolved_at: now }).returning('*');
    return row && toFinding(row);
  },

  async listOpen(tx, limit) {
    const rows = await openFindings(tx)
      .orderBy([{ column: 'last_seen_at', order: 'desc' }, 'id'])
      .limit(limit);
    return rows.map(toFinding);
  },

  async countOpen(tx) {
    const [row] = await openFindings(tx).count<{ count: string }[]>();
    return safeInteger(row?.count ?? '0');
  },
};

function toFinding(row: FindingRow): Finding {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    message: row.message,
    action: row.action,
    link: StoredLink.parse(row.link),
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    count: row.count,
  };
}

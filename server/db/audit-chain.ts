import { createHash } from 'node:crypto';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { type AuditEntryRow, safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

/** What the first entry of a chain has in the place of a predecessor's hash. */
export const GENESIS: Buffer = Buffer.alloc(32);
const PAGE = 500;

export type ChainedEntry = Omit<AuditEntryRow, 'hash'>;

export type ChainVerdict =
  | { readonly intact: true; readonly entries: number }
  | { readonly intact: false; readonly brokenAt: number; readonly reason: ChainFault };

/** `missing`: not there, at the end too; `changed`: not what was hashed; `unlinked`: does not follow its predecessor. */
export type ChainFault = 'missing' | 'changed' | 'unlinked';

/** SHA-256 over the canonical text of all that an entry holds, with the hash of the one before it. */
export function entryHash(entry: ChainedEntry): Buffer {
  const text = canonicalJson({
    installation: entry.installation_id,
    seq: entry.seq,
    id: entry.id,
    verb: entry.verb,
    source: [entry.source_system, entry.source_key, entry.source_version],
    target: entry.target,
    before: entry.before?.toString('base64') ?? null,
    after: entry.after?.toString('base64') ?? null,
    run: entry.run_id,
    request: entry.request_id,
    user: entry.user_id,
    at: entry.at.toISOString(),
    previous: entry.prev_hash.toString('hex'),
  });
  return createHash('sha256').update(text).digest();
}

/** Walks the installation's chain from its first entry and names the first link that does not hold (SE-39). */
export async function verifyAuditChain(tx: Tx): Promise<ChainVerdict> {
  const own = { installation_id: tx.installationId };
  const head = await queriesOf(tx)<{ installation_id: string; seq: string; hash: Buffer }>('audit_heads')
    .where(own)
    .first();
  let previous = { seq: 0, hash: GENESIS };
  for (;;) {
    const page = await queriesOf(tx)<AuditEntryRow>('audit_entries')
      .where(own)
      .where('seq', '>', previous.seq)
      .orderBy('seq')
      .limit(PAGE);
    if (page.length === 0) break;
    for (const row of page) {
      const fault = faultOf(row, previous);
      if (fault) return { intact: false, brokenAt: previous.seq + 1, reason: fault };
      previous = { seq: safeInteger(row.seq), hash: row.hash };
    }
  }
  return atHead(previous, head);
}

function faultOf(row: AuditEntryRow, previous: { seq: number; hash: Buffer }): ChainFault | undefined {
  if (safeInteger(row.seq) !== previous.seq + 1) return 'missing';
  if (!row.prev_hash.equals(previous.hash)) return 'unlinked';
  return row.hash.equals(entryHash(row)) ? undefined : 'changed';
}

function atHead(last: { seq: number; hash: Buffer }, head: { seq: string; hash: Buffer } | undefined): ChainVerdict {
  const expected = head ? safeInteger(head.seq) : 0;
  if (last.seq < expected) return { intact: false, brokenAt: last.seq + 1, reason: 'missing' };
  if (last.seq > expected || (head && !head.hash.equals(last.hash)))
    return { intact: false, brokenAt: last.seq, reason: 'unlinked' };
  return { intact: true, entries: last.seq };
}

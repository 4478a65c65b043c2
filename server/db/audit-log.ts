import { randomUUID } from 'node:crypto';
import type { AuditEntry, AuditLog } from '../app/ports/audit-log.ts';
import { DataKeyGoneError, type Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { canonicalJson, type Json } from '../kernel/canonical-json.ts';
import { type ChainedEntry, entryHash, GENESIS } from './audit-chain.ts';
import { safeInteger } from './rows.ts';
import { beforeCommit, queriesOf } from './unit-of-work.ts';

/**
 * Appends to the installation's chain. What stood before and after is sealed at once, so that the hashes are made over
 * what is stored and outlive the data key; the link in the chain is made as the last step of the transaction, because
 * the head of the chain is locked from then on.
 */
export function createAuditLog(vault: Vault): AuditLog {
  const waiting = new WeakMap<Tx, UnlinkedEntry[]>();

  async function sealValue(tx: Tx, id: string, column: 'before' | 'after', value: Json): Promise<Buffer | null> {
    if (value === null) return null;
    try {
      return Buffer.from(await vault.seal(tx, { table: 'audit_entries', column, row: id }, canonicalJson(value)));
    } catch (error) {
      // What was under way when the installation was erased is still recorded, without its values.
      if (error instanceof DataKeyGoneError) return null;
      throw error;
    }
  }

  function waitingOf(tx: Tx): UnlinkedEntry[] {
    const known = waiting.get(tx);
    if (known) return known;
    const entries: UnlinkedEntry[] = [];
    waiting.set(tx, entries);
    beforeCommit(tx, () => linkAll(tx, entries));
    return entries;
  }

  return {
    async append(tx, entry) {
      const id = randomUUID();
      const before = await sealValue(tx, id, 'before', entry.before);
      const after = await sealValue(tx, id, 'after', entry.after);
      waitingOf(tx).push(toUnlinked(id, entry, before, after));
    },
  };
}

type UnlinkedEntry = Omit<ChainedEntry, 'installation_id' | 'seq' | 'prev_hash'>;

function toUnlinked(id: string, entry: AuditEntry, before: Buffer | null, after: Buffer | null): UnlinkedEntry {
  return {
    id,
    verb: entry.verb,
    source_system: entry.source.system,
    source_key: entry.source.key,
    source_version: entry.source.version,
    target: entry.target,
    before,
    after,
    run_id: entry.runId,
    request_id: entry.requestId,
    user_id: entry.userId === null ? null : String(entry.userId),
    at: entry.at,
  };
}

async function linkAll(tx: Tx, entries: readonly UnlinkedEntry[]): Promise<void> {
  let { seq, hash } = await lockHead(tx);
  const rows = entries.map((unlinked) => {
    seq = String(safeInteger(seq) + 1);
    const entry = { ...unlinked, installation_id: tx.installationId, seq, prev_hash: hash };
    hash = entryHash(entry);
    return { ...entry, hash };
  });
  await queriesOf(tx)('audit_entries').insert(rows);
  await queriesOf(tx)('audit_heads').where({ installation_id: tx.installationId }).update({ seq, hash });
}

async function lockHead(tx: Tx): Promise<{ seq: string; hash: Buffer }> {
  const own = { installation_id: tx.installationId };
  const heads = () => queriesOf(tx)<{ installation_id: string; seq: string; hash: Buffer }>('audit_heads');
  await heads()
    .insert({ ...own, seq: '0', hash: GENESIS })
    .onConflict('installation_id')
    .ignore();
  const head = await heads().where(own).forUpdate().first();
  if (!head) throw new Error('The head of the audit chain is gone.');
  return head;
}

import { z } from 'zod';
import type { ExportCursor, ExportStore } from '../app/ports/export-store.ts';
import { NotSealedHereError, type SecretPlace, type Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { EXPORT_PARTS, type ExportPart } from './export-parts.ts';
import { queriesOf } from './unit-of-work.ts';

const PAGE = 500;

type Row = Readonly<Record<string, unknown>>;

const AnyJson: z.ZodType<Json> = z.json();

export function createExportStore(vault: Vault): ExportStore {
  /** Sealed values of the audit trail, by the id of their entry. */
  async function openedOf(tx: Tx, { table, opened = [] }: ExportPart, row: Row): Promise<Record<string, Json>> {
    const values: Record<string, Json> = {};
    for (const column of opened) {
      const sealed = row[column];
      const place = { table, column, row: String(row['id']) };
      values[column] = Buffer.isBuffer(sealed) ? await openedValue(tx, place, sealed) : null;
    }
    return values;
  }

  /** Null for what was sealed before the company removed the app and came back: nobody can open that any more. */
  async function openedValue(tx: Tx, place: SecretPlace, sealed: Buffer): Promise<Json> {
    try {
      return AnyJson.parse(JSON.parse((await vault.open(tx, place, sealed)).reveal()));
    } catch (error) {
      if (error instanceof NotSealedHereError) return null;
      throw error;
    }
  }

  return {
    parts: EXPORT_PARTS.map(({ name }) => name),

    async readPage(tx, name, after) {
      const part = EXPORT_PARTS.find((each) => each.name === name);
      if (!part) throw new Error(`There is no part ${name} in the export.`);
      const found = await select(tx, part, after);
      const rows: Record<string, Json>[] = [];
      for (const row of found.slice(0, PAGE)) {
        const plain = Object.fromEntries(part.columns.map((column) => [column, plainOf(row[column])]));
        rows.push({ ...plain, ...(await openedOf(tx, part, row)), ...hashesOf(part, row) });
      }
      const last = found.length > PAGE ? found[PAGE - 1] : undefined;
      return { rows, next: last ? part.key.map((_column, at) => String(last[keyName(at)])) : null };
    },
  };
}

const keyName = (at: number): string => `page_key_${at}`;

/** Keys travel as text, as the database writes them: no instant loses its microseconds. */
async function select(tx: Tx, part: ExportPart, after: ExportCursor | null): Promise<readonly Row[]> {
  const { table, key, columns, opened = [], hashes = [] } = part;
  const queries = queriesOf(tx);
  const query = queries<Record<string, unknown>>(table)
    .where({ installation_id: tx.installationId })
    .select([...columns, ...opened, ...hashes])
    .select(key.map((column, at) => queries.raw('??::text as ??', [column, keyName(at)])))
    .limit(PAGE + 1);
  for (const column of key) query.orderBy(column);
  if (after !== null) {
    const marks = (mark: string): string => key.map(() => mark).join(', ');
    query.whereRaw(`(${marks('??')}) > (${marks('?')})`, [...key, ...after]);
  }
  return query;
}

function hashesOf({ hashes = [] }: ExportPart, row: Row): Record<string, Json> {
  return Object.fromEntries(
    hashes.map((column) => {
      const value = row[column];
      return [column, Buffer.isBuffer(value) ? value.toString('hex') : null];
    }),
  );
}

/** @throws {Error} for bytes: what is encrypted, or a hash, is never let out as it is */
function plainOf(value: unknown): Json {
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) throw new Error('A column of the export holds bytes.');
  return AnyJson.parse(value);
}

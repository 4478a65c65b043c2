import { ForbiddenError, NotFoundError } from '../../kernel/errors.ts';
import type { MissingRecord } from '../ports/crm-comparisons.ts';
import type { ComparedKind, ComparedRows } from './compare-kinds.ts';

/** Pipedrive gives so many records by their ids in one call. */
const HUNDRED = 100;

/** What a whole list did not hold. */
export interface Unseen {
  /** Linked records by id, with their SAP keys. */
  readonly linked: ReadonlyMap<number, string>;
  /** Records of the list by the SAP key they carry. */
  readonly byKey: ReadonlyMap<string, readonly number[]>;
}

/**
 * Asks again for records that a list did not hold: an absence alone proves nothing. Where more are unseen than may go at
 * once only a hundred of them are asked for; a list that left out what is there proves nothing either.
 * @param most how many may go without a person having said so
 */
export async function findMissing(
  kind: ComparedKind,
  { linked, byKey }: Unseen,
  most: number,
): Promise<{ readonly missing: readonly MissingRecord[]; readonly listIsWhole: boolean }> {
  const ids = [...linked.keys()];
  const tooMany = ids.length > most;
  const present = await readPresent(kind, tooMany ? ids.slice(0, HUNDRED) : ids);
  if (tooMany && present.size > 0) return { missing: [], listIsWhole: false };
  const absent = ids.filter((id) => !present.has(id));
  const missing: MissingRecord[] = [];
  for (const id of absent) {
    const fate = absent.length > HUNDRED ? 'gone' : await askOne(kind, id);
    if (fate === 'there') continue;
    const winner = fate === 'gone' ? carrierOf(linked.get(id), byKey, id) : fate;
    missing.push({ id, mergedInto: winner });
  }
  return { missing, listIsWhole: present.size === 0 };
}

/** Those of the ids that Pipedrive gives when asked for them; they count as read. */
async function readPresent(kind: ComparedKind, ids: readonly number[]): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  const found = await kind.byIds(ids);
  const there = new Set(found.rows.filter((row) => !row.isDeleted).map(({ id }) => id));
  await found.apply(({ id }) => there.has(id));
  return there;
}

/** A merged record may answer with the one that took its place. Whatever a right hides is there. */
async function askOne(kind: ComparedKind, id: number): Promise<'there' | 'gone' | number> {
  let answer: ComparedRows;
  try {
    answer = await kind.one(id);
  } catch (error) {
    if (error instanceof NotFoundError) return 'gone';
    if (error instanceof ForbiddenError) return 'there';
    throw error;
  }
  const [row] = answer.rows;
  if (!row || row.isDeleted) return 'gone';
  if (row.id !== id) return row.id;
  await answer.apply(() => true);
  return 'there';
}

/** After a merge the winner has what was in the loser's fields; of two that carry a key neither is taken for it. */
function carrierOf(sapKey: string | undefined, byKey: Unseen['byKey'], gone: number): number | null {
  const carriers = (sapKey === undefined ? undefined : byKey.get(sapKey))?.filter((id) => id !== gone) ?? [];
  return carriers.length === 1 ? (carriers[0] ?? null) : null;
}

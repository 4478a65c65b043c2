import { z } from 'zod';
import type { GateBooks } from '../app/ports/crm-gate.ts';
import type { UnitOfWork } from '../app/ports/unit-of-work.ts';
import { type GateBook, OPEN_BOOK } from '../domain/crm-gate.ts';
import type { Clock } from '../kernel/clock.ts';
import { queriesOf } from './unit-of-work.ts';

/** Long enough that a few calls share one question, short enough that turns which nobody took cost little. */
const HOLD_MS = 500;
/** Keeps this lock apart from any other use of advisory locks. */
const LOCK_SEED = 7_302_003;

const Book = z.object({
  api: z.array(z.number()),
  search: z.array(z.number()),
  notBefore: z.number(),
  rounds: z.int(),
  refusedAt: z.number().nullable(),
  shut: z
    .object({
      reason: z.enum(['day', 'guard', 'account']),
      since: z.number(),
      until: z.number(),
      refusals: z.int(),
      probedAt: z.number().nullable(),
    })
    .nullable(),
}) satisfies z.ZodType<GateBook>;

/** @param clock in place of the database's, for tests that move time */
export function createGateBooks(unitOfWork: UnitOfWork, clock?: Clock): GateBooks {
  return {
    holdMs: HOLD_MS,
    change: (installationId, step) =>
      unitOfWork.within(installationId, async (tx) => {
        const queries = queriesOf(tx);
        // What a crash of the database loses here is a second of turns, or a pause that is found out about again.
        await queries.raw('set local synchronous_commit = off');
        // A statement of its own, so that what follows sees all that came before.
        await queries.raw('select pg_advisory_xact_lock(hashtextextended(?, ?))', [installationId, LOCK_SEED]);
        const { rows } = await queries.raw<{ rows: { now: string; book: unknown }[] }>(
          `select extract(epoch from clock_timestamp()) * 1000 as now,
             (select book from crm_gates where installation_id = ?) as book`,
          [tx.installationId],
        );
        const [row] = rows;
        const read = Book.safeParse(row?.book);
        const before = read.success ? read.data : OPEN_BOOK;
        const after = step(before, clock ? clock.now().getTime() : Math.round(Number(row?.now)));
        if (after === before) return;
        await queries('crm_gates')
          .insert({ installation_id: tx.installationId, book: JSON.stringify(after) })
          .onConflict('installation_id')
          .merge();
      }),
  };
}

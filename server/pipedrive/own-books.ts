import type { GateBooks } from '../app/ports/crm-gate.ts';
import { type GateBook, OPEN_BOOK } from '../domain/crm-gate.ts';
import type { Clock } from '../kernel/clock.ts';
import type { InstallationId } from '../kernel/ids.ts';

/** Without processes to share with: the books in this one. */
export function createOwnBooks(clock: Clock): GateBooks {
  const books = new Map<InstallationId, GateBook>();
  return {
    holdMs: 0,
    async change(id, step) {
      books.set(id, step(books.get(id) ?? OPEN_BOOK, clock.now().getTime()));
    },
  };
}

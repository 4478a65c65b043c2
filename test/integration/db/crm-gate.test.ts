import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GateBooks } from '../../../server/app/ports/crm-gate.ts';
import { createGateBooks } from '../../../server/db/crm-gate.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { createUnitOfWork, queriesOf } from '../../../server/db/unit-of-work.ts';
import { type GateBook, giveTurns, OPEN_BOOK, shutGate } from '../../../server/domain/crm-gate.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, tenantWorld } from '../../support/tenants.ts';

let database: FreshDatabase;
let tenant: Tenant;
let other: Tenant;
let pools: ReturnType<typeof openDatabase>[];
/** As four processes have them. */
let processes: GateBooks[];

beforeAll(async () => {
  database = await freshDatabase();
  const world = tenantWorld(database.db);
  tenant = await world.addTenant();
  other = await world.addTenant();
  pools = Array.from({ length: 4 }, () => openDatabase({ url: database.appUrl, poolSize: 3 }));
  processes = pools.map((pool) => createGateBooks(createUnitOfWork(pool)));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.destroy()));
  await database.drop();
});

async function bookOf(books: GateBooks, id = tenant.id): Promise<GateBook> {
  let seen = OPEN_BOOK;
  await books.change(id, (book) => {
    seen = book;
    return book;
  });
  return seen;
}

describe('the book of a company’s traffic', () => {
  it('AP-03: is written by one process at a time, so that no turn is given twice', async () => {
    const given: { at: number; turns: number }[] = [];
    const ask = (books: GateBooks) =>
      books.change(tenant.id, (book, now) => {
        const wish = { kind: 'api', urgent: true, turns: 4, capacity: 48, holdMs: books.holdMs } as const;
        const answer = giveTurns(book, wish, now);
        given.push({ at: answer.at, turns: answer.turns });
        return answer.book;
      });
    await Promise.all(Array.from({ length: 24 }, (_, index) => ask(processes[index % 4] ?? processes[0] ?? never())));
    const times = given.flatMap(({ at, turns }) => Array.from({ length: turns }, () => at)).sort((a, b) => a - b);
    expect(times).toHaveLength(96);
    // Taken up to half a second later, so that they are that much further apart.
    expect(times.every((at, index) => index < 48 || at - (times[index - 48] ?? 0) >= 2_500)).toBe(true);
  });

  it('is read by all processes as one has written it, and no other company’s', async () => {
    const [first = never(), second = never()] = processes;
    await first.change(tenant.id, (book) => shutGate(book, { reason: 'day', sentAt: 5 }, 10));
    expect((await bookOf(second)).shut).toEqual({
      reason: 'day',
      since: 10,
      until: 900_010,
      refusals: 1,
      probedAt: null,
    });
    expect(await bookOf(second, other.id)).toEqual(OPEN_BOOK);
  });

  it('starts anew from what it cannot read', async () => {
    await tenant.within((tx) =>
      queriesOf(tx)('crm_gates')
        .where({ installation_id: tenant.id })
        .update({ book: JSON.stringify({ api: 'none' }) }),
    );
    expect(await bookOf(processes[0] ?? never())).toEqual(OPEN_BOOK);
  });

  it('keeps nothing of a step that failed', async () => {
    const [books = never()] = processes;
    const before = await bookOf(books);
    await expect(
      books.change(tenant.id, () => {
        throw new Error('defect');
      }),
    ).rejects.toThrow('defect');
    expect(await bookOf(books)).toEqual(before);
  });
});

function never(): never {
  throw new Error('there are four');
}

import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ErpSlots } from '../../../server/app/ports/erp-slots.ts';
import { LOOKUP_SLOT, type SlotBook, shareSlots } from '../../../server/domain/slot-share.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';
import type { Lane } from '../../../server/net/limiter.ts';
import { createSharedSlots, type SlotLimiter } from '../../../server/sap/slots.ts';
import { type ManualTime, manualTime } from '../../support/manual-time.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);
let time: ManualTime;
let books: ReturnType<typeof inMemory>;
beforeEach(() => {
  time = manualTime();
  books = inMemory(time);
});

/** The same rules as the database's, without one. */
function inMemory({ elapsed }: ManualTime) {
  let slots: { slot: number; holder: string; until: number }[] = [];
  let waits: { holder: string; lane: Lane; wanted: number; since: number }[] = [];
  const state = { questions: 0, down: false, silent: false };
  const store: ErpSlots = {
    async share(_installation, _connection, wish) {
      state.questions += 1;
      if (state.silent) await new Promise(() => undefined);
      if (state.down) throw new UnavailableError('The database cannot be reached at the moment.');
      const book: SlotBook = { slots: slots.filter(({ until }) => until > elapsed()), waits };
      const share = shareSlots(book, wish);
      const { holder, waiting, want } = wish;
      const until = elapsed() + 20_000;
      slots = [
        ...slots.filter((entry) => entry.holder !== holder && !share.slots.includes(entry.slot)),
        ...share.slots.map((slot) => ({ slot, holder, until })),
      ];
      const known = share.staysInLine ? waits.find((wait) => wait.holder === holder)?.since : undefined;
      const since = known ?? elapsed();
      waits = waits.filter((wait) => wait.holder !== holder);
      const wanted = want.ordinary + (want.lookup ? 1 : 0) - share.slots.length;
      if (waiting && wanted > 0) waits.push({ holder, lane: waiting, wanted, since });
      const lookup = share.slots.includes(LOOKUP_SLOT);
      return { ordinary: share.slots.length - (lookup ? 1 : 0), lookup, leaseMs: 20_000, others: share.others };
    },
    claimSignIn: async () => true,
    releaseSignIn: async () => undefined,
  };
  return { store, state, held: () => slots.filter(({ until }) => until > elapsed()).length };
}

function aProcess() {
  const limiter = createSharedSlots({
    slots: books.store,
    installationId: installationId(randomUUID()),
    connectionId: connectionId(randomUUID()),
    elapsed: time.elapsed,
    startTimer: time.startTimer,
  });
  return { limiter, ...worker(limiter) };
}

function worker(limiter: SlotLimiter) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, lane: Lane, signal = never) =>
    limiter.run(lane, signal, () => {
      started.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const end = (name: string) => {
    ends.get(name)?.();
    ends.delete(name);
  };
  return { run, end, started, running: () => ends.size };
}

describe('slots shared by processes', () => {
  it('start what fits, over all processes', async () => {
    const [one, two] = [aProcess(), aProcess()];
    for (const name of ['a', 'b']) void one.run(name, 'background');
    for (const name of ['c', 'd']) void two.run(name, 'background');
    await time.pass(200);
    expect([one.started, two.started]).toEqual([['a', 'b'], ['c']]);
    one.end('a');
    await time.pass(500);
    expect(two.started).toEqual(['c', 'd']);
  });

  it('cost one question for many requests', async () => {
    const { run, end } = aProcess();
    for (let request = 0; request < 100; request += 1) {
      void run('a', 'person');
      await time.pass(1);
      end('a');
      await time.pass(0);
    }
    expect(books.state.questions).toBeLessThanOrEqual(2);
  });

  it('are given back when nothing is left to do', async () => {
    const { run, end } = aProcess();
    void run('a', 'person');
    await time.pass(10);
    end('a');
    await time.pass(200);
    expect(books.held()).toBe(1);
    await time.pass(500);
    expect(books.held()).toBe(0);
    expect(time.pending()).toBe(0);
  });

  it('are kept as long as a request takes', async () => {
    const { run, limiter } = aProcess();
    void run('a', 'person');
    await time.pass(60_000);
    expect(books.held()).toBe(1);
    expect(limiter.mayLeave()).toBe(true);
  });

  it('go to a person in another process before background work here goes on', async () => {
    const [night, day] = [aProcess(), aProcess()];
    for (const name of ['a', 'b', 'c', 'd', 'e']) void night.run(name, 'background');
    await time.pass(100);
    void day.run('rep', 'person');
    await time.pass(1_500);
    night.end('a');
    await time.pass(200);
    expect(day.started).toEqual(['rep']);
    expect(night.started).toEqual(['a', 'b', 'c']);
    day.end('rep');
    await time.pass(2_000);
    expect(night.started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('AP-07: are shared out among equals, however much one of them has to do', async () => {
    const busy = Array.from({ length: 4 }, aProcess);
    const done = busy.map(() => 0);
    busy.forEach((process, index) => {
      for (let request = 0; request < 200; request += 1) {
        void process.limiter.run('background', never, async () => {
          await new Promise<void>((resolve) => void time.startTimer(100, resolve));
          done[index] = (done[index] ?? 0) + 1;
        });
      }
    });
    await time.pass(20_000);
    expect(Math.min(...done)).toBeGreaterThan(20);
  });

  it('AP-07: none stays free between two processes that have as many and both wait', async () => {
    const [gone, one, two] = [aProcess(), aProcess(), aProcess()];
    for (const process of [gone, one, two]) {
      void process.run('a', 'person');
      await time.pass(1);
    }
    for (const name of ['b', 'c']) for (const { run } of [one, two]) void run(name, 'person');
    gone.end('a');
    await time.pass(2_000);
    expect(one.running() + two.running()).toBe(3);
    for (const process of [one, two]) process.end('a');
    await time.pass(2_000);
    expect(one.running() + two.running()).toBe(3);
  });

  it('F11: leave the look-up its own while all others hang', async () => {
    const [hanging, looking] = [aProcess(), aProcess()];
    for (const name of ['a', 'b', 'c', 'd']) void hanging.run(name, 'person');
    await time.pass(100);
    void looking.run('look', 'lookup');
    await time.pass(100);
    expect(looking.started).toEqual(['look']);
    expect(hanging.running() + looking.running()).toBe(4);
  });

  it('of a process that died come back', async () => {
    const [dead, alive] = [aProcess(), aProcess()];
    for (const name of ['a', 'b', 'c']) void dead.run(name, 'background');
    await time.pass(100);
    time.standStill(21_000);
    void alive.run('d', 'person');
    await time.pass(0);
    expect(alive.started).toEqual(['d']);
  });

  it('of a process that stood still are no longer its own: nothing leaves on them', async () => {
    const { run, limiter } = aProcess();
    void run('a', 'person');
    await time.pass(100);
    time.standStill(21_000);
    expect(limiter.mayLeave()).toBe(false);
  });

  it('without the database, send everybody away', async () => {
    const { run } = aProcess();
    books.state.down = true;
    const waiting = run('a', 'person');
    waiting.catch(() => undefined);
    await time.pass(100);
    await expect(waiting).rejects.toBeInstanceOf(UnavailableError);
  });

  it('let nobody wait for ever for a database that says nothing', async () => {
    const { run } = aProcess();
    books.state.silent = true;
    const waiting = run('a', 'person');
    waiting.catch(() => undefined);
    await time.pass(11_000);
    await expect(waiting).rejects.toBeInstanceOf(UnavailableError);
  });

  it('let nobody wait for ever who comes while the database says nothing either', async () => {
    const { run } = aProcess();
    books.state.silent = true;
    const first = run('a', 'person');
    first.catch(() => undefined);
    await time.pass(15_000);
    const ended: string[] = [];
    run('b', 'person').catch((error: unknown) => ended.push(error instanceof UnavailableError ? 'b' : 'otherwise'));
    await time.pass(11_000);
    expect(ended).toEqual(['b']);
  });

  it('let go of who stops waiting', async () => {
    const { run, started } = aProcess();
    for (const name of ['a', 'b', 'c']) void run(name, 'person');
    const leaving = new AbortController();
    const waiting = run('d', 'person', leaving.signal);
    waiting.catch(() => undefined);
    await time.pass(100);
    leaving.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('are all given back on close, and nobody is left waiting', async () => {
    const { run, limiter } = aProcess();
    for (const name of ['a', 'b', 'c']) void run(name, 'person');
    const waiting = run('d', 'person');
    waiting.catch(() => undefined);
    await time.pass(100);
    await limiter.close();
    expect(books.held()).toBe(0);
    await expect(waiting).rejects.toBeInstanceOf(UnavailableError);
    await expect(run('e', 'person')).rejects.toBeInstanceOf(UnavailableError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GateBooks } from '../../../server/app/ports/crm-gate.ts';
import type { TokenPurpose } from '../../../server/domain/token-budget.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { createClassQueue } from '../../../server/pipedrive/class-queue.ts';
import { type CompanyGate, createCompanyGate, type TurnRequest } from '../../../server/pipedrive/company-gate.ts';
import { dayIsOver, limitsOf } from '../../../server/pipedrive/headers.ts';
import { createOwnBooks } from '../../../server/pipedrive/own-books.ts';
import { movableClock } from '../../support/movable-clock.ts';

const answer = (headers: Record<string, string>) => ({ status: 200, headers, text: '' });

describe("headers of Pipedrive's limits", () => {
  it('reads both limits', () => {
    const limits = limitsOf(
      answer({
        'x-ratelimit-limit': '80',
        'x-ratelimit-remaining': '79',
        'x-ratelimit-reset': '2',
        'x-daily-ratelimit-token-limit': '30000',
        'x-daily-ratelimit-token-remaining': '29999',
      }),
    );
    expect(limits).toEqual({
      burst: { limit: 80, remaining: 79 },
      resetMs: 2_000,
      day: { limit: 30_000, remaining: 29_999 },
    });
    expect(limitsOf(answer({}))).toEqual({});
  });

  it('AP-05: waits between 1 and 10 s, whatever the header says', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('-1', '1000000000000', 'soon', '', 'NaN')),
        (text) => {
          const { resetMs } = limitsOf(answer({ 'x-ratelimit-reset': text }));
          return resetMs === undefined || (resetMs >= 1_000 && resetMs <= 10_000);
        },
      ),
    );
  });

  it('takes only a plain zero for a spent day', () => {
    expect(dayIsOver(answer({ 'x-daily-ratelimit-token-remaining': '0' }))).toBe(true);
    for (const text of ['1', '', '-1', '0x0', 'none']) {
      expect(dayIsOver(answer({ 'x-daily-ratelimit-token-remaining': text }))).toBe(false);
    }
    expect(dayIsOver(answer({}))).toBe(false);
  });

  it('AP-03: takes a wait of hours for a spent day where no header tells of the day', () => {
    expect(dayIsOver(answer({ 'retry-after': '30000' }))).toBe(true);
    expect(dayIsOver(answer({ 'retry-after': '2' }))).toBe(false);
    expect(dayIsOver(answer({ 'retry-after': '30000', 'x-daily-ratelimit-token-remaining': '7' }))).toBe(false);
  });
});

describe('the gate in front of one company', () => {
  const go = new AbortController().signal;
  const API = { kind: 'api', urgent: true, grant: 'oauth', probe: false } as const;
  const ID = installationId('00000000-0000-4000-8000-000000000001');

  function start(books?: GateBooks) {
    const clock = movableClock();
    const waits: number[] = [];
    const create = () =>
      createCompanyGate(ID, {
        clock,
        books: books ?? own,
        elapsed: () => clock.now().getTime(),
        sleep: async (milliseconds) => {
          waits.push(milliseconds);
        },
      });
    const own = createOwnBooks(clock);
    return { gate: create(), create, clock, waits };
  }

  async function take(gate: CompanyGate, times: number, request: TurnRequest = API): Promise<void> {
    for (let turn = 0; turn < times; turn += 1) await gate.turn(request, go);
  }

  it('lets 48 go at once, of an API token 12', async () => {
    const { gate, waits } = start();
    await take(gate, 48);
    expect(waits).toEqual([]);
    await take(gate, 1);
    expect(waits).toEqual([2_000]);
    const other = start();
    await take(other.gate, 13, { ...API, grant: 'api_token' });
    expect(other.waits).toEqual([2_000]);
  });

  it('follows the size that Pipedrive tells, smaller or larger, and waits when nothing is left of it', async () => {
    const { gate, waits } = start();
    await gate.saw({ burst: { limit: 20, remaining: 10 } }, 'oauth');
    await take(gate, 13);
    expect(waits).toEqual([2_000]);
    const larger = start();
    await larger.gate.saw({ burst: { limit: 480, remaining: 470 } }, 'oauth');
    await take(larger.gate, 288);
    expect(larger.waits).toEqual([]);
    const empty = start();
    await empty.gate.saw({ burst: { limit: 80, remaining: 0 } }, 'oauth');
    await take(empty.gate, 1);
    expect(empty.waits).toEqual([2_000]);
  });

  it('asks the books once for several turns where these keep for a while', async () => {
    const clock = movableClock();
    const own = createOwnBooks(clock);
    let asked = 0;
    const books: GateBooks = {
      holdMs: 500,
      change(id, step) {
        asked += 1;
        return own.change(id, step);
      },
    };
    const { gate, clock: moving } = start(books);
    await take(gate, 8);
    expect(asked).toBe(2);
    moving.advance(501);
    await take(gate, 1);
    expect(asked).toBe(3);
  });

  it('AP-03: turns that come later are not taken before their time, and those asked for side by side are all used', async () => {
    const clock = movableClock();
    const own = createOwnBooks(clock);
    const { gate, waits } = start({ holdMs: 500, change: own.change });
    await Promise.all(Array.from({ length: 12 }, () => gate.turn(API, go)));
    await take(gate, 36);
    expect(waits).toEqual([]);
    await take(gate, 4);
    expect(waits).toEqual([2_500, 2_500, 2_500, 2_500]);
  });

  it('gives no turn to who has given up', async () => {
    const { gate } = start();
    await expect(gate.turn(API, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('AP-03: one process shuts it for all, and one call of all asks whether it is over', async () => {
    const { gate, create, clock } = start();
    const other = create();
    await take(other, 1);
    const shut = await gate.shut('day', clock.now());
    expect(shut.retryAt).toEqual(new Date('2026-03-02T09:15:00Z'));
    await expect(gate.enter()).rejects.toThrow('budget');
    // The other one has not heard of it before it asks for its turn.
    expect(await other.enter()).toEqual({ probe: false });
    await expect(other.turn(API, go)).rejects.toMatchObject({ retryAt: shut.retryAt });
    clock.advance(15 * 60_000);
    expect(await other.enter()).toEqual({ probe: true });
    await expect(gate.enter()).rejects.toMatchObject({ retryAt: new Date('2026-03-02T09:15:20Z') });
    expect(other.held()).toEqual({ reason: 'day', since: new Date('2026-03-02T09:00:00Z') });
    await other.open();
    expect(await gate.enter()).toEqual({ probe: false });
  });

  it('AP-03: a process that never heard of it becomes the probe itself when it comes first', async () => {
    const { gate, create, clock } = start();
    await gate.shut('guard', clock.now());
    clock.advance(30 * 60_000);
    const late = create();
    expect(await late.enter()).toEqual({ probe: false });
    expect(await late.turn(API, go)).toEqual({ probe: true });
    await expect(create().turn(API, go)).rejects.toThrow('shut this app out');
  });

  it('AP-03: while calls are refused the others wait, and after three times are told to come back', async () => {
    const { gate, create, clock } = start();
    await gate.refused(clock.now(), 2_000);
    await expect(create().turn(API, go)).rejects.toThrow('asks for a pause');
    clock.advance(2_000);
    await take(gate, 1);
    await gate.answered(clock.now());
    await take(gate, 5);
  });

  it('AP-03: the answer to a call that had left before says nothing of the window', async () => {
    const { gate, create, clock } = start();
    const before = clock.now();
    clock.advance(100);
    await gate.refused(clock.now(), 2_000);
    await gate.answered(before);
    await expect(create().turn(API, go)).rejects.toThrow('asks for a pause');
  });

  it('AP-03: a probe that was never sent leaves it to the next call to ask', async () => {
    const { gate, create, clock } = start();
    await gate.shut('day', clock.now());
    clock.advance(15 * 60_000);
    expect(await gate.enter()).toEqual({ probe: true });
    await gate.giveBackProbe();
    expect(await create().turn(API, go)).toEqual({ probe: true });
  });
});

describe('the queue of one process', () => {
  it('AP-03: orders and people first, then statuses, changes and first loads; two places are theirs alone', async () => {
    const queue = createClassQueue();
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const run = (purpose: TokenPurpose, name: string) =>
      void queue.run(purpose, new AbortController().signal, () => {
        started.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    for (let index = 0; index < 8; index += 1) run('backfill', `load ${index}`);
    await settle();
    expect(started).toHaveLength(6);
    run('delta', 'change');
    run('status', 'status');
    run('order', 'order 1');
    run('person', 'person');
    run('order', 'order 2');
    await settle();
    expect(started.slice(6)).toEqual(['order 1', 'person']);
    while (ends.length > 0) {
      ends.shift()?.();
      await settle();
    }
    expect(started.slice(8)).toEqual(['order 2', 'status', 'change', 'load 6', 'load 7']);
  });

  it('who gives up leaves it', async () => {
    const queue = createClassQueue();
    const never = () => new Promise<void>(() => undefined);
    for (let index = 0; index < 8; index += 1) void queue.run('order', new AbortController().signal, never);
    const leaving = new AbortController();
    const left = queue.run('order', leaving.signal, async () => 'ran');
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
  });
});

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

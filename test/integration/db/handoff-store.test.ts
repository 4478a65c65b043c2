import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Handoff } from '../../../server/app/ports/handoff-store.ts';
import type { Tx } from '../../../server/app/ports/unit-of-work.ts';
import { handoffStore as store } from '../../../server/db/handoff-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import type { OrderDraft } from '../../../server/domain/order-handoff.ts';
import { after as shifted } from '../../../server/kernel/clock.ts';
import { connectionId, handoffId } from '../../../server/kernel/ids.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const NOW = new Date('2026-02-02T10:00:00Z');
const LATER = shifted(NOW, 60_000);
const DRAFT: OrderDraft = {
  cardCode: 'C20000',
  documentDate: '2026-02-02',
  dueDate: '2026-02-16',
  currency: 'EUR',
  comments: 'Zoë \u0000 kept as it is',
  lines: [{ lineId: 1, itemCode: 'A1', quantity: '2', unitPrice: '10.50', discountPercent: '0' }],
};
const RESULT = { docEntry: 77, docNum: 1077, document: 'order' } as const;
const PROBLEMS = [
  { code: 'no_lines', message: 'The deal has no products.', at: 'lines' },
  { code: 'x', message: 'y' },
];

let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
let deals = 100;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => database.drop());

const aRow = (values: Partial<Handoff> = {}) => {
  deals += 1;
  return {
    id: handoffId(randomUUID()),
    connectionId: tenant.connectionId,
    dealId: deals,
    step: 'order' as const,
    generation: 1,
    key: `key-${deals}`,
    trigger: 'won' as const,
    byUserId: null,
    now: NOW,
    ...values,
  };
};
const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => tenant.within(work);
const ensure = (row = aRow()) => within((tx) => store.ensure(tx, row));
const SETTLE_MS = 90_000;
const claim = (handoff: Handoff, now = NOW, leaseUntil = LATER) =>
  within((tx) => store.claim(tx, handoff.id, now, leaseUntil, SETTLE_MS));

async function pending(): Promise<Handoff> {
  const { handoff } = await ensure();
  expect(await within((tx) => store.freeze(tx, handoff.id, DRAFT, 'hash', NOW))).toBe(true);
  return handoff;
}
async function posting(leaseUntil = LATER): Promise<Handoff> {
  const claimed = await claim(await pending(), NOW, leaseUntil);
  if (!claimed) throw new Error('not claimed');
  return claimed;
}
const current = async ({ id }: Handoff) => within((tx) => store.find(tx, id));

describe('one row per deal, step and generation', () => {
  it('is made once by twenty concurrent triggers', async () => {
    const row = aRow();
    const made = await Promise.all(Array.from({ length: 20 }, () => ensure({ ...row, id: handoffId(randomUUID()) })));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(made.map(({ handoff }) => handoff.id)).size).toBe(1);
    expect(made[0]?.handoff).toMatchObject({ state: 'pending', draft: null, attempt: 0, sent: false, problems: [] });
  });

  it('rests on named constraints', async () => {
    const row = aRow();
    await ensure(row);
    const insert = (values: object) =>
      within((tx) =>
        queriesOf(tx).raw(
          `insert into handoffs select (jsonb_populate_record(h, ?::jsonb)).* from handoffs h where deal_id = ?`,
          [JSON.stringify({ id: randomUUID(), position: 99, ...values }), row.dealId],
        ),
      );
    await expect(insert({ key: 'another key' })).rejects.toThrow(/position|handoffs_one_per_generation/);
    const constraints = await within((tx) =>
      queriesOf(tx)('pg_constraint').whereRaw(`conrelid = 'handoffs'::regclass and contype = 'u'`).pluck('conname'),
    );
    expect(constraints.sort()).toEqual(['handoffs_key_unique', 'handoffs_one_per_generation']);
  });

  it('is the same order after the app was removed and installed again, by its key', async () => {
    const handoff = await posting();
    await within((tx) => store.markSent(tx, handoff, LATER));
    await within((tx) => store.settle(tx, handoff, RESULT, NOW));
    const unsent = await pending();
    await within((tx) => createInstallationStore(world.vault).erase(tx));
    expect(await current(unsent)).toBeUndefined();
    expect(await current(handoff)).toMatchObject({ state: 'posted', draft: null, docEntry: 77, key: handoff.key });

    const again = aRow({ key: handoff.key, dealId: handoff.dealId, connectionId: connectionId(randomUUID()) });
    const { handoff: found, created } = await ensure(again);
    expect(created).toBe(false);
    expect(found).toMatchObject({ id: handoff.id, state: 'posted', connectionId: again.connectionId });
    expect(await within((tx) => store.findByDeal(tx, again.connectionId, handoff.dealId))).toMatchObject({
      id: handoff.id,
    });
  });

  it('F26 when the app is removed: what has not left for SAP cannot leave any more, what has is still written down', async () => {
    const claimed = await posting();
    const sent = await posting();
    await within((tx) => store.markSent(tx, sent, LATER));
    await within((tx) => createInstallationStore(world.vault).erase(tx));
    expect(await within((tx) => store.markSent(tx, claimed, LATER))).toBe(false);
    expect(await current(claimed)).toBeUndefined();
    await within((tx) => store.settle(tx, sent, RESULT, NOW));
    expect(await current(sent)).toMatchObject({ state: 'posted', docEntry: 77 });
  });
});

describe('draft and problems', () => {
  it('come back exactly as they were frozen', async () => {
    const handoff = await pending();
    expect(await current(handoff)).toMatchObject({ draft: DRAFT, draftHash: 'hash', state: 'pending' });
  });

  it('are replaced only while nothing is on its way', async () => {
    const { handoff } = await ensure();
    const refuse = () => within((tx) => store.refuse(tx, handoff.id, PROBLEMS, NOW));
    const freeze = () => within((tx) => store.freeze(tx, handoff.id, DRAFT, 'hash', NOW));
    expect(await claim(handoff)).toBeUndefined();
    expect(await refuse()).toBe(true);
    expect(await current(handoff)).toMatchObject({ state: 'needs_attention', problems: PROBLEMS });
    expect(await freeze()).toBe(true);
    expect(await current(handoff)).toMatchObject({ state: 'pending', problems: [] });
    expect(await freeze()).toBe(false);
    await claim(handoff);
    expect(await freeze()).toBe(false);
    expect(await refuse()).toBe(false);
    expect(await within((tx) => store.cancel(tx, handoff.id, NOW))).toBe(false);
  });
});

describe('an attempt', () => {
  it('is claimed by one of twenty', async () => {
    const handoff = await pending();
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(handoff)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(claims.find(Boolean)).toMatchObject({ state: 'posting', attempt: 1, leaseUntil: LATER });
  });

  it('is claimed again when its lease ran out before anything was sent, and the late one is fenced off', async () => {
    const first = await posting();
    expect(await claim(first, shifted(LATER, -1))).toBeUndefined();
    const second = await claim(first, LATER, shifted(LATER, 60_000));
    expect(second).toMatchObject({ attempt: 2, sent: false });

    expect(await within((tx) => store.markSent(tx, first, LATER))).toBe(false);
    const late = [
      (tx: Tx) => store.settle(tx, first, RESULT, NOW),
      (tx: Tx) => store.release(tx, first, NOW),
      (tx: Tx) => store.markUnconfirmed(tx, first, LATER, NOW),
      (tx: Tx) => store.park(tx, first, PROBLEMS, NOW),
    ];
    for (const act of late) await expect(within(act)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await current(first)).toMatchObject({ state: 'posting', attempt: 2 });
    if (second) await within((tx) => store.settle(tx, second, RESULT, NOW));
    expect(await current(first)).toMatchObject({
      state: 'posted',
      docEntry: 77,
      docNum: 1077,
      document: 'order',
      leaseUntil: null,
    });
  });

  it('whose lease ran out after a write may have gone out has an unknown outcome and must settle first', async () => {
    const first = await posting();
    expect(await within((tx) => store.markSent(tx, first, LATER))).toBe(true);
    expect(await claim(first, shifted(LATER, -1))).toBeUndefined();
    expect(await current(first)).toMatchObject({ state: 'posting' });
    expect(await claim(first, LATER)).toBeUndefined();
    expect(await current(first)).toMatchObject({
      state: 'unconfirmed',
      settleAt: shifted(LATER, SETTLE_MS),
      leaseUntil: null,
    });
    await expect(within((tx) => store.settle(tx, first, RESULT, NOW))).rejects.toMatchObject({ kind: 'conflict' });
    expect(await claim(first, shifted(LATER, SETTLE_MS - 1))).toBeUndefined();
    expect(await claim(first, shifted(LATER, SETTLE_MS))).toMatchObject({ state: 'posting', attempt: 2, sent: true });
  });

  it('that lapsed long ago is claimed at once', async () => {
    const first = await posting();
    await within((tx) => store.markSent(tx, first, LATER));
    expect(await claim(first, shifted(LATER, SETTLE_MS))).toMatchObject({ state: 'posting', attempt: 2 });
  });

  it('with an unknown outcome is looked at only when SAP can no longer be working on it', async () => {
    const handoff = await posting();
    await within((tx) => store.markUnconfirmed(tx, handoff, LATER, NOW));
    expect(await current(handoff)).toMatchObject({ state: 'unconfirmed', settleAt: LATER, leaseUntil: null });
    expect(await claim(handoff, shifted(LATER, -1))).toBeUndefined();
    expect(await claim(handoff, LATER)).toMatchObject({ state: 'posting', attempt: 2, settleAt: null });
  });

  it('that is proven not done goes back, and one that was refused waits for a person', async () => {
    const released = await posting();
    await within((tx) => store.release(tx, released, NOW));
    expect(await claim(released)).toMatchObject({ attempt: 2 });
    const parked = await posting();
    await within((tx) => store.park(tx, parked, PROBLEMS, NOW));
    expect(await current(parked)).toMatchObject({ state: 'needs_attention', problems: PROBLEMS });
    expect(await claim(parked)).toBeUndefined();
  });
});

it('cancels only what was never sent', async () => {
  const fresh = await pending();
  expect(await within((tx) => store.cancel(tx, fresh.id, NOW))).toBe(true);
  const sent = await posting();
  await within((tx) => store.markSent(tx, sent, LATER));
  await within((tx) => store.park(tx, { ...sent, sent: true }, [], NOW));
  expect(await within((tx) => store.cancel(tx, sent.id, NOW))).toBe(false);
});

describe('drafts that wait in SAP', () => {
  const SOON = shifted(NOW, 5_000);
  const waiting = async (): Promise<Handoff> => {
    const row = await posting();
    await within((tx) => store.settle(tx, row, { ...RESULT, document: 'draft' }, NOW));
    await within((tx) => store.markWrittenBack(tx, row.id, NOW));
    return row;
  };
  const toFollow = async (now: Date) => (await within((tx) => store.listDraftsToFollow(tx, now))).map(({ id }) => id);

  it('are taken by one look at a time; an order is not followed', async () => {
    const row = await waiting();
    const order = await posting();
    await within((tx) => store.settle(tx, order, RESULT, NOW));
    expect(await toFollow(NOW)).toEqual([row.id]);
    expect(await within((tx) => store.takeDraft(tx, order.id, NOW, LATER))).toBeUndefined();
    expect(await within((tx) => store.takeDraft(tx, row.id, NOW, LATER))).toMatchObject({ settleAt: LATER });
    expect(await within((tx) => store.takeDraft(tx, row.id, SOON, LATER))).toBeUndefined();
    expect(await toFollow(SOON)).toEqual([]);
    expect(await toFollow(LATER)).toEqual([row.id]);
  });

  it('become their order once, whoever comes last', async () => {
    const row = await waiting();
    const order = { docEntry: 90, docNum: 1090 };
    expect(await within((tx) => store.draftBecameOrder(tx, row, order, LATER))).toBe(true);
    expect(await within((tx) => store.draftBecameOrder(tx, row, { docEntry: 91, docNum: 1091 }, LATER))).toBe(false);
    expect(await current(row)).toMatchObject({ state: 'posted', document: 'order', ...order, settleAt: null });
  });

  it('say what stands against them, and are written back anew only for something new', async () => {
    const row = await waiting();
    const taken = await within((tx) => store.takeDraft(tx, row.id, NOW, LATER));
    if (!taken) throw new Error('It was not taken.');
    await within((tx) => store.leaveDraft(tx, taken, [], SOON, NOW));
    expect(await current(row)).toMatchObject({ state: 'written_back', problems: [], settleAt: SOON });
    const again = await within((tx) => store.takeDraft(tx, row.id, SOON, LATER));
    if (!again) throw new Error('It was not taken.');
    await within((tx) => store.leaveDraft(tx, again, PROBLEMS, SOON, NOW));
    expect(await current(row)).toMatchObject({ state: 'posted', problems: PROBLEMS, settleAt: SOON });
  });

  it('are not touched by a look that was overtaken', async () => {
    const row = await waiting();
    const first = await within((tx) => store.takeDraft(tx, row.id, NOW, SOON));
    const second = await within((tx) => store.takeDraft(tx, row.id, SOON, LATER));
    if (!first || !second) throw new Error('It was not taken.');
    await within((tx) => store.leaveDraft(tx, first, PROBLEMS, NOW, NOW));
    expect(await current(row)).toMatchObject({ problems: [], settleAt: LATER });
  });
});

it('lists what is unfinished, oldest first, and what a deal has; writes the receipt down', async () => {
  const first = await pending();
  const second = await posting();
  await within((tx) => store.settle(tx, second, RESULT, NOW));
  const unfinished = () => within((tx) => store.listUnfinished(tx));
  expect((await unfinished()).map(({ id }) => id)).toEqual([first.id, second.id]);

  expect(await within((tx) => store.markNotePosting(tx, second, NOW, LATER))).toBe(true);
  const marked = { ...second, notePosting: true };
  expect(await current(second)).toMatchObject({ notePosting: true, noteId: null, leaseUntil: LATER });
  expect(await within((tx) => store.markNotePosting(tx, second, LATER, LATER))).toBe(false);
  expect(await within((tx) => store.markNotePosting(tx, marked, NOW, LATER))).toBe(false);
  expect(await within((tx) => store.markNotePosting(tx, marked, LATER, LATER))).toBe(true);
  await within((tx) => store.setNote(tx, second.id, 2 ** 40));
  expect(await within((tx) => store.markWrittenBack(tx, second.id, LATER))).toBe(true);
  expect(await within((tx) => store.markWrittenBack(tx, second.id, LATER))).toBe(false);
  expect(await current(second)).toMatchObject({
    state: 'written_back',
    notePosting: false,
    noteId: 2 ** 40,
    updatedAt: LATER,
  });
  expect((await unfinished()).map(({ id }) => id)).toEqual([first.id]);
  expect(await within((tx) => store.listByDeal(tx, second.dealId))).toHaveLength(1);
  const inErp = await within((tx) => store.listDealsInErp(tx, [first.dealId, second.dealId, 999_999]));
  expect([...inErp]).toEqual([second.dealId]);
});

it('lists of those whose receipt is written once more the newest five hundred, and all others', async () => {
  const waiting = await pending();
  const done = await posting();
  await within((tx) => store.settle(tx, done, RESULT, NOW));
  await within((tx) => store.setNote(tx, done.id, 7));
  await within((tx) => store.markWrittenBack(tx, done.id, NOW));
  await within(async (tx) => {
    const { position: _own, ...row } = await queriesOf(tx)('handoffs').where({ id: done.id }).first();
    const copies = Array.from({ length: 500 }, () => {
      deals += 1;
      return { ...row, id: randomUUID(), deal_id: String(deals), key: `key-${deals}`, problems: '[]' };
    });
    await queriesOf(tx)('handoffs').insert(copies);
    await store.writeBackAnew(tx, tenant.connectionId, NOW);
  });
  const listed = await within((tx) => store.listUnfinished(tx));
  expect(listed.map(({ id }) => id)).not.toContain(done.id);
  expect(listed).toHaveLength(501);
  expect(listed[0]?.id).toBe(waiting.id);
});

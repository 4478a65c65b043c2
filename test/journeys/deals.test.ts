import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, REP } from '../support/companies.ts';
import { type DealDesk, MINUTE, openDealDesk } from './deal-desk.ts';

let desk: DealDesk;

beforeAll(async () => {
  desk = await openDealDesk(3001);
});
afterAll(() => desk?.companies.close());

const panel = async (dealId: number) => (await desk.api().get(`/api/panel/deals/${dealId}`)).body;

describe('before won deals go to SAP', () => {
  it('a deal won before the start time does nothing, however often it is edited, nor by the sweep', async () => {
    const early = await desk.makeDeal();
    await desk.win(early);
    desk.companies.world.clock.advance(1_000);
    const switched = await desk.api(ADMIN).post('/api/settings/handoff', { enabled: true });
    expect(switched.status).toBe(200);
    desk.companies.world.clock.advance(1_000);
    for (const title of ['Desks, white', 'Desks, oak']) {
      desk.pipedrive.updateDeal(early, { title }, REP);
      await desk.companies.app.runJobs();
    }
    await desk.companies.app.runJobsFor(31 * MINUTE);
    expect(await desk.handoffs(early)).toEqual([]);
    expect(desk.sap.ordersWithKey()).toEqual([]);
    // A person may still send it.
    expect((await desk.press(early)).status).toBe(200);
    expect(await desk.inSap(early)).toHaveLength(1);
  });
});

describe('what happens to a deal after it was won (EO-11)', () => {
  it('lost, and won again: the order stays one', async () => {
    const dealId = await desk.makeDeal();
    await desk.win(dealId);
    desk.pipedrive.updateDeal(dealId, { status: 'lost' }, REP);
    await desk.companies.app.runJobs();
    desk.companies.world.clock.advance(1_000);
    await desk.win(dealId);
    await desk.companies.app.runJobsFor(20 * MINUTE);
    expect(await desk.handoffs(dealId)).toHaveLength(1);
    expect(await desk.inSap(dealId)).toHaveLength(1);
    expect(desk.pipedrive.notes(dealId)).toHaveLength(1);
  });

  it('lost before SAP could be asked: called off, and won again it goes in a new generation', async () => {
    const dealId = await desk.makeDeal({ lines: [] });
    await desk.win(dealId);
    desk.pipedrive.updateDeal(dealId, { status: 'lost' }, REP);
    await desk.companies.app.runJobs();
    expect(await desk.handoffs(dealId)).toMatchObject([{ state: 'cancelled', sent: false }]);
    expect(await desk.openFindings(dealId)).toEqual([]);
    desk.pipedrive.addLine(dealId, desk.line(), REP);
    desk.companies.world.clock.advance(1_000);
    await desk.win(dealId);
    expect((await desk.handoffs(dealId)).map((row) => [row['generation'], row['state']])).toEqual([
      [1, 'cancelled'],
      [2, 'written_back'],
    ]);
    expect(await desk.inSap(dealId)).toHaveLength(1);
  });

  it('deleted: nothing more is posted, and the order that is there stays', async () => {
    const dealId = await desk.makeDeal();
    await desk.win(dealId);
    desk.pipedrive.deleteDeal(dealId, REP);
    await desk.companies.app.runJobsFor(20 * MINUTE);
    expect(await desk.inSap(dealId)).toHaveLength(1);
    const unsent = await desk.makeDeal({ lines: [] });
    await desk.win(unsent);
    desk.pipedrive.deleteDeal(unsent, REP);
    await desk.companies.app.runJobsFor(20 * MINUTE);
    // Pipedrive answers alike for a deal that is gone and one that is hidden: a person is told, nothing is posted.
    expect(await desk.handoffs(unsent)).toMatchObject([
      { state: 'needs_attention', problems: [{ code: 'deal_not_visible' }] },
    ]);
    expect(await desk.inSap(unsent)).toHaveLength(0);
  });
});

describe('what wakes it', () => {
  it('two people press at once, and the deal is won: one order (EO-01)', async () => {
    const dealId = await desk.makeDeal();
    const send = (userId: number) => desk.api(userId).post(`/api/panel/deals/${dealId}/send`);
    const answers = await Promise.all([send(REP), send(ADMIN), send(REP)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await desk.win(dealId);
    expect(await desk.handoffs(dealId)).toHaveLength(1);
    expect(await desk.inSap(dealId)).toHaveLength(1);
    expect((await panel(dealId)).send).toMatchObject({ action: 'done' });
  });

  it('a webhook that was lost is made up for by the sweep within 15 minutes (WH-11, F30)', async () => {
    const dealId = await desk.makeDeal();
    desk.companies.world.pipedrive.webhooks.faults.add({
      match: { company: desk.customer.id },
      fault: { kind: 'lose' },
    });
    await desk.win(dealId);
    expect(await desk.handoffs(dealId)).toEqual([]);
    await desk.companies.app.runJobsFor(15 * MINUTE);
    expect(await desk.inSap(dealId)).toHaveLength(1);
    expect(desk.field(dealId, 'SAP document')).toMatch(/^Sales order \d+$/);
  });
});

describe('removed and installed again', () => {
  it('makes no second order of a deal that has one: the key is the same', async () => {
    const dealId = await desk.makeDeal();
    await desk.win(dealId);
    const key = await desk.keyOf(dealId);
    await desk.companies.world.pipedrive.uninstall(desk.customer.id, REP);
    await desk.companies.world.pipedrive.uninstall(desk.customer.id, ADMIN);
    await desk.customer.setUp();
    await desk.companies.app.runJobs();
    expect((await desk.api(ADMIN).post('/api/settings/handoff', { enabled: true })).status).toBe(200);
    desk.companies.world.clock.advance(1_000);
    expect((await desk.press(dealId)).status).toBe(200);
    desk.pipedrive.updateDeal(dealId, { status: 'open' }, REP);
    await desk.companies.app.runJobs();
    desk.companies.world.clock.advance(1_000);
    await desk.win(dealId);
    await desk.companies.app.runJobsFor(16 * MINUTE);
    expect(await desk.keyOf(dealId)).toBe(key);
    expect(desk.sap.findByKey(key)).toHaveLength(1);
    expect(await desk.handoffs(dealId)).toHaveLength(1);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { numberOf } from '../practice/kernel/json.ts';
import { ADMIN, REP } from '../support/companies.ts';
import { type DealDesk, MINUTE, openDealDesk } from './deal-desk.ts';

let desk: DealDesk;

beforeAll(async () => {
  desk = await openDealDesk(3011);
  await desk.api(ADMIN).post('/api/settings/handoff', { enabled: true });
  desk.companies.world.clock.advance(1_000);
});
afterAll(() => desk?.companies.close());
beforeEach(() => desk.companies.world.sap.faults.clear());

/** A won deal whose order waits in SAP as a draft. */
async function makeWaiting(): Promise<{ dealId: number; draft: number }> {
  const dealId = await desk.makeDeal();
  desk.sap.requireApproval(true);
  await desk.win(dealId);
  desk.sap.requireApproval(false);
  const [found] = await desk.inSap(dealId);
  expect(found?.set).toBe('Drafts');
  expect(desk.field(dealId, 'SAP status')).toBe('Waiting for approval in SAP');
  return { dealId, draft: numberOf(found?.row ?? {}, 'DocEntry') };
}

/** The sweep comes by, and what it plans is done. */
const sweep = () => desk.companies.app.runJobsFor(16 * MINUTE);

async function ordersOf(dealId: number) {
  return (await desk.inSap(dealId)).filter(({ set }) => set === 'Orders');
}

const turns = () => desk.companies.world.sap.log.all().filter(({ path }) => path.endsWith('SaveDraftToDocument'));

describe('a draft that waits for an approval in SAP', () => {
  it('is left alone while it waits', async () => {
    const { dealId } = await makeWaiting();
    const before = turns().length;
    await sweep();
    expect(turns().length).toBe(before);
    expect(await desk.handoffs(dealId)).toMatchObject([{ document: 'draft', state: 'written_back' }]);
  });

  it('becomes its order by us once it is approved, exactly once, and the deal gets the number', async () => {
    const { dealId, draft } = await makeWaiting();
    desk.sap.approveDraft(draft, { generate: false });
    const before = turns().length;
    await sweep();
    await sweep();
    const [order, ...more] = await ordersOf(dealId);
    expect(more).toEqual([]);
    expect(turns().length - before).toBe(1);
    expect(desk.field(dealId, 'SAP document')).toBe(`Sales order ${numberOf(order?.row ?? {}, 'DocNum')}`);
    expect(desk.field(dealId, 'SAP status')).toBe('In SAP');
    expect(await desk.handoffs(dealId)).toMatchObject([{ document: 'order', state: 'written_back' }]);
    expect(desk.pipedrive.notes(dealId)).toHaveLength(1);
  });

  it.each(['drop_after_commit', 'html_502_after_commit', 'drop_before'] as const)(
    'is looked for before anything else when the outcome is not known (%s)',
    async (kind) => {
      const { dealId, draft } = await makeWaiting();
      desk.sap.approveDraft(draft, { generate: false });
      desk.companies.world.sap.faults.add({ method: 'POST', path: /SaveDraftToDocument/, kind });
      const before = turns().length;
      await sweep();
      await sweep();
      expect(await ordersOf(dealId)).toHaveLength(1);
      expect(turns().length - before).toBe(kind === 'drop_before' ? 2 : 1);
      expect(await desk.handoffs(dealId)).toMatchObject([{ document: 'order', state: 'written_back' }]);
    },
  );

  it('is followed when the approver makes the order himself', async () => {
    const { dealId, draft } = await makeWaiting();
    desk.sap.approveDraft(draft);
    await sweep();
    expect(desk.field(dealId, 'SAP status')).toBe('In SAP');
    expect(await ordersOf(dealId)).toHaveLength(1);
  });

  it('says on the deal who turned it down and why, and goes on when it is approved after all', async () => {
    const { dealId, draft } = await makeWaiting();
    desk.sap.rejectDraft(draft, 'Limit zu hoch');
    await sweep();
    expect(desk.field(dealId, 'SAP status')).toMatch(/turned draft \d+ down. They say: Limit zu hoch/);
    expect(await desk.openFindings(dealId)).toMatchObject([{ kind: 'order_refused' }]);
    await desk.companies.app.runJobsFor(70 * MINUTE);
    expect(await desk.openFindings(dealId)).toMatchObject([{ kind: 'order_refused', count: 1 }]);
    desk.sap.approveDraft(draft, { generate: false });
    await desk.companies.app.runJobsFor(80 * MINUTE);
    expect(desk.field(dealId, 'SAP status')).toBe('In SAP');
    expect(await desk.openFindings(dealId)).toEqual([]);
  });

  it('is a person’s matter when SAP does not make the order from it', async () => {
    const { dealId, draft } = await makeWaiting();
    desk.sap.approveDraft(draft, { generate: false });
    desk.sap.refuseOrders('Only orders with a project, please');
    await sweep();
    desk.sap.refuseOrders(undefined);
    expect(String(desk.field(dealId, 'SAP status'))).toContain('Only orders with a project, please');
    await desk.companies.app.runJobsFor(80 * MINUTE);
    expect(await ordersOf(dealId)).toHaveLength(1);
    expect(await desk.openFindings(dealId)).toEqual([]);
  });

  it('is followed by the connection of now, when the app was removed and installed again meanwhile', async () => {
    const { dealId, draft } = await makeWaiting();
    const { world, app } = desk.companies;
    await world.pipedrive.uninstall(desk.customer.id, REP);
    await world.pipedrive.uninstall(desk.customer.id, ADMIN);
    world.clock.advance(MINUTE);
    await desk.customer.setUp();
    await app.runJobs();
    desk.sap.approveDraft(draft, { generate: false });
    await sweep();
    expect(await ordersOf(dealId)).toHaveLength(1);
    expect(await desk.handoffs(dealId)).toMatchObject([{ document: 'order', state: 'written_back' }]);
    expect(desk.field(dealId, 'SAP status')).toBe('In SAP');
  });
});

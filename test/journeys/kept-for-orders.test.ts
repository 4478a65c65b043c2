import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenLedger } from '../../server/db/token-ledger.ts';
import { ADMIN, REP } from '../support/companies.ts';
import { type DealDesk, openDealDesk } from './deal-desk.ts';

/** Lite with one seat (reference pipedrive-api.md, section 2.1). */
const DAY = 30_000;
/** The fifth that is kept for orders, and the part of background work. */
const KEPT = 0.2 * DAY;
const BACKGROUND = 0.4 * DAY;
const ROUNDS = process.env['ORDERLINE_SEEDS'] === undefined ? 1 : 3;
const IN_A_ROUND = 16;
const DEALS = ROUNDS * IN_A_ROUND;
/** What an order costs: the deal again when it was made and won, its lines, the receipt's fields and its note. */
const AN_ORDER = 35;
const MIDNIGHT = new Date('2026-03-02T00:00:00Z');

let desk: DealDesk;
beforeAll(async () => {
  desk = await openDealDesk(3955, { plan: 'lite', seats: 1 });
  await desk.api(ADMIN).post('/api/settings/handoff', { enabled: true });
  desk.companies.world.clock.advance(1_000);
}, 120_000);
afterAll(() => desk?.companies.close());

/** Other apps take all but this, and the app is told so. */
async function leave(tokens: number): Promise<void> {
  const { budget } = desk.pipedrive.state;
  desk.pipedrive.spendAsOtherApp(budget.remaining() - tokens);
  const other = desk.pipedrive.createDeal({ title: 'Other', org_id: null, owner: REP });
  await desk.api().get(`/api/panel/deals/${other.id}`);
}

const spent = () => desk.customer.within((tx) => tokenLedger.spentSince(tx, MIDNIGHT));
const panelOf = (dealId: number) => desk.api().get(`/api/panel/deals/${dealId}`);

async function expectOrdered(dealId: number): Promise<void> {
  expect(await desk.inSap(dealId)).toHaveLength(1);
  expect(await desk.handoffs(dealId)).toMatchObject([{ state: 'written_back', document: 'order' }]);
  expect(desk.field(dealId, 'SAP status')).toBe('In SAP');
  expect(desk.pipedrive.notes(dealId)).toHaveLength(1);
}

describe('AP-02: what is left of the day is kept for orders, and a person’s Send is one', () => {
  it('the deal’s panel still shows SAP’s side and the button; Send is carried out, with its receipt', async () => {
    const [sent, won] = [await desk.makeDeal(), await desk.makeDeal()];
    await leave(KEPT - 200);
    const before = desk.pipedrive.tokensSpent();
    const { status, body } = await panelOf(sent);
    expect(status).toBe(200);
    expect(desk.pipedrive.tokensSpent() - before).toBe(1);
    for (const name of ['customer', 'credit', 'balance']) expect(body[name].status).toBe('ready');
    expect(body.lines).toEqual({ status: 'unavailable', reason: expect.stringContaining('kept for orders') });
    expect(body.credit.data).toMatchObject({ thisDeal: null, note: expect.stringContaining('could not all be read') });
    expect(body.verdict).toMatchObject({
      verdict: 'unknown',
      reasons: expect.arrayContaining(['The deal’s lines were not read from Pipedrive']),
    });
    expect(body.send).toMatchObject({ action: 'send', problems: [] });
    // An organization's panel is only looked at.
    expect((await desk.api().get(`/api/panel/organizations/${desk.organization.id}`)).status).toBe(429);

    const { person } = await spent();
    expect((await desk.press(sent)).status).toBe(200);
    await desk.win(won);
    for (const dealId of [sent, won]) await expectOrdered(dealId);
    expect((await spent()).person).toBe(person);
    expect((await panelOf(sent)).body.send.action).toBe('done');
  });

  it('a deal that cannot be sent says why, also when its lines are not read', async () => {
    const dealId = await desk.makeDeal({ org_id: null, lines: [] });
    const { body } = await panelOf(dealId);
    expect(body.lines.status).toBe('unavailable');
    expect(body.send.problems).toEqual([]);
    expect((await desk.press(dealId)).body.send).toMatchObject({
      action: 'check_again',
      problems: [{ code: 'no_organization' }, { code: 'no_lines' }],
    });
  });

  it(`on Lite with one seat ${DEALS / 2} deals that are won and as many that are sent become orders, beside endless background work`, {
    timeout: 120_000,
  }, async () => {
    const { state } = desk.pipedrive;
    const already = await spent();
    // Background work of earlier in the day.
    const use = { purpose: 'delta', operation: 'updateOrganization' } as const;
    const tokens = BACKGROUND - already.delta - already.backfill - 20;
    const at = new Date(desk.companies.world.clock.now());
    await desk.customer.within((tx) => tokenLedger.add(tx, at, { ...use, tokens }));
    const ordersBefore = (await spent()).order;
    const mark = desk.pipedrive.requests().length;
    const deals: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const partner of desk.sap.rows('BusinessPartners')) {
        desk.sap.changePartner(String(partner['CardCode']), { CreditLimit: 5_000 + round });
      }
      for (let each = 0; each < IN_A_ROUND; each += 1) {
        const { id } = desk.pipedrive.createDeal({
          title: `Desks ${round}.${each}`,
          org_id: desk.organization.id,
          currency: 'EUR',
          owner: REP,
          lines: [desk.line()],
        });
        deals.push(id);
        desk.companies.world.clock.advance(1_000);
        if (each % 2 === 0) desk.pipedrive.win(id, REP);
        else expect((await desk.api().post(`/api/panel/deals/${id}/send`)).status).toBe(200);
      }
      await desk.companies.syncAgain();
    }
    expect(deals).toHaveLength(DEALS);
    for (const dealId of deals) await expectOrdered(dealId);
    const { delta, backfill, order } = await spent();
    expect(order - ordersBefore).toBeLessThanOrEqual(AN_ORDER * DEALS);
    // Background work had more to do than it was let.
    const [organization] = desk.pipedrive.organizations().filter(({ id }) => id === desk.organization.id);
    expect(organization).toBeDefined();
    expect(
      desk.pipedrive.fieldValue('organization', organization ?? { custom_fields: {} }, 'SAP credit limit'),
    ).not.toBe(5_000 + ROUNDS - 1);
    expect(delta + backfill).toBeLessThanOrEqual(BACKGROUND);
    expect(
      desk.pipedrive
        .requests()
        .slice(mark)
        .filter(({ status }) => status === 429),
    ).toEqual([]);
    expect(state.budget.remaining()).toBeLessThan(KEPT);
  });
});

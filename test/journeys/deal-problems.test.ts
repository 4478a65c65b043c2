import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberOf, textOf } from '../practice/kernel/json.ts';
import type { NewDeal } from '../practice/pipedrive/company/handle.ts';
import { ADMIN, REP } from '../support/companies.ts';
import { type DealDesk, isActive, MINUTE, mayOrder, openDealDesk } from './deal-desk.ts';

let desk: DealDesk;

beforeAll(async () => {
  desk = await openDealDesk(3002);
  await desk.api(ADMIN).post('/api/settings/handoff', { enabled: true });
  desk.companies.world.clock.advance(1_000);
});
afterAll(() => desk?.companies.close());

const panel = async (dealId: number) => (await desk.api().get(`/api/panel/deals/${dealId}`)).body;

describe('a deal that cannot become an order', () => {
  it('says all its problems at once, everywhere, posts nothing, and goes with the same key once corrected', async () => {
    const { pipedrive } = desk;
    const unsold = pipedrive.createProduct({ name: 'Flowers' });
    const dealId = await desk.makeDeal({
      org_id: null,
      lines: [{ product_id: unsold.id, item_price: 10, quantity: 1 }, desk.line()],
    });
    const [first, second] = pipedrive.deal(dealId).lines;
    pipedrive.updateLine(
      dealId,
      second?.id ?? 0,
      { billing_frequency: 'monthly', billing_frequency_cycles: 12, billing_start_date: '2026-03-02' },
      REP,
    );
    await desk.win(dealId);
    const expected = ['no_organization', 'no_item', 'recurring'];
    const [row] = await desk.handoffs(dealId);
    expect(row).toMatchObject({ state: 'needs_attention', sent: false });
    const { send } = await panel(dealId);
    expect(send).toMatchObject({ action: 'check_again', label: 'Check again' });
    expect(send.problems.map(({ code }: { code: string }) => code)).toEqual(expected);
    const words: string[] = send.problems.map(({ message }: { message: string }) => message);
    const [finding] = await desk.openFindings(dealId);
    for (const message of words) expect(finding?.message).toContain(message);
    expect(String(desk.field(dealId, 'SAP status'))).toContain(words[0]);
    expect(await desk.inSap(dealId)).toEqual([]);

    const key = await desk.keyOf(dealId);
    pipedrive.updateDeal(dealId, { org_id: desk.organization.id }, REP);
    pipedrive.removeLine(dealId, first?.id ?? 0, REP);
    pipedrive.updateLine(
      dealId,
      second?.id ?? 0,
      { billing_frequency: 'one-time', billing_frequency_cycles: null },
      REP,
    );
    expect((await desk.press(dealId)).status).toBe(200);
    expect(await desk.keyOf(dealId)).toBe(key);
    expect(await desk.inSap(dealId)).toHaveLength(1);
    expect(await desk.openFindings(dealId)).toEqual([]);
    expect(desk.field(dealId, 'SAP status')).toBe('In SAP');
  });

  it.each<[string, string, () => Partial<NewDeal> | Promise<Partial<NewDeal>>]>([
    ['no lines', 'no_lines', () => ({ lines: [] })],
    [
      'an organization that is not linked',
      'not_linked',
      () => ({ org_id: desk.pipedrive.createOrganization({ name: 'Neu & Sohn' }).id }),
    ],
    [
      'a lead where a customer is needed',
      'not_a_customer',
      () => {
        const { id, cardCode } = desk.organizationOf((one) => one['CardType'] === 'cLid' && isActive(one));
        expect(cardCode).not.toBe(desk.organization.cardCode);
        return { org_id: id };
      },
    ],
    [
      'a customer that is deactivated in SAP',
      'customer_inactive',
      () => {
        const other = desk.organizationOf(
          (one) => mayOrder(one) && textOf(one, 'CardCode') !== desk.organization.cardCode,
        );
        desk.sap.freezePartner(other.cardCode);
        return { org_id: other.id };
      },
    ],
    [
      'an item that SAP does not know any more',
      'unknown_item',
      async () => {
        await desk.customer.callSap('POST', 'Items', { ItemCode: 'GONE-1', ItemName: 'Lamp', SalesItem: 'tYES' });
        await desk.companies.app.runJobsFor(6 * MINUTE);
        const product = desk.pipedrive.products().find((one) => one.code === 'GONE-1');
        await desk.customer.callSap('DELETE', `Items('GONE-1')`);
        return { lines: [{ ...desk.line(), product_id: product?.id ?? 0 }] };
      },
    ],
  ])('%s', async (_what, code, deal) => {
    const dealId = await desk.makeDeal(await deal());
    await desk.win(dealId);
    const { send } = await panel(dealId);
    expect(send.problems.map((problem: { code: string }) => problem.code)).toEqual([code]);
    expect(await desk.openFindings(dealId)).toMatchObject([{ kind: 'deal_not_ready', count: 1 }]);
    expect(String(desk.field(dealId, 'SAP status'))).toMatch(/^Not sent: /);
    expect(await desk.inSap(dealId)).toEqual([]);
  });
});

describe('5.7 no. 13: a line whose amount cannot be carried exactly', () => {
  const WORDS = 'the price 33.333333333333336 has too many digits. Round it in the deal.';

  it('is said by its name on the deal, in the panel and in a finding, beside the other lines; rounded it goes', async () => {
    const { pipedrive } = desk;
    const dealId = await desk.makeDeal({ lines: [{ ...desk.line(), item_price: 100 / 3 }, desk.line()] });
    const [broken] = pipedrive.deal(dealId).lines;
    const { lines, send, verdict, credit } = await panel(dealId);
    expect(lines.data.lines).toMatchObject([{ unitPrice: { amount: '75' } }]);
    expect(lines.data.unreadable).toEqual([
      { lineId: broken?.id, name: expect.any(String), problem: expect.stringContaining(WORDS) },
    ]);
    expect(send).toMatchObject({ action: 'send', problems: [{ code: 'line_unreadable', at: `line:${broken?.id}` }] });
    expect(verdict.verdict).toBe('unknown');
    expect(credit.data.thisDeal).toBeNull();

    await desk.win(dealId);
    expect(await desk.openFindings(dealId)).toMatchObject([
      { kind: 'deal_not_ready', message: expect.stringContaining(WORDS), link: { resource: 'deal', id: dealId } },
    ]);
    expect(String(desk.field(dealId, 'SAP status'))).toContain(WORDS);
    expect((await desk.press(dealId)).body.send).toMatchObject({ action: 'check_again' });
    expect(await desk.inSap(dealId)).toEqual([]);

    pipedrive.updateLine(dealId, broken?.id ?? 0, { item_price: 33.33 }, REP);
    expect((await desk.press(dealId)).status).toBe(200);
    expect(await desk.inSap(dealId)).toHaveLength(1);
    expect(await desk.openFindings(dealId)).toEqual([]);
  });

  it('does not stop the deal while it is switched off', async () => {
    const off = { ...desk.line(), item_price: 100 / 3, is_enabled: false };
    const dealId = await desk.makeDeal({ lines: [off, desk.line()] });
    const { send, verdict } = await panel(dealId);
    expect(send.problems).toEqual([]);
    expect(verdict.verdict).not.toBe('unknown');
    await desk.win(dealId);
    expect(await desk.inSap(dealId)).toHaveLength(1);
  });

  it('a deal worth more than can be carried is found, shown and refused like any other', async () => {
    const dealId = await desk.makeDeal({ lines: [], value: 1e21 });
    const { body } = await desk.api().get(`/api/panel/organizations/${desk.organization.id}?refresh=yes`);
    expect(body.unsentDeals).toContainEqual(expect.objectContaining({ dealId, value: null }));
    await desk.win(dealId);
    expect(await desk.openFindings(dealId)).toMatchObject([{ kind: 'deal_not_ready' }]);
  });

  it('a currency that is none is refused in SAP’s words', async () => {
    desk.pipedrive.addCurrency('XXX', 2);
    const dealId = await desk.makeDeal({ currency: 'XXX' });
    expect((await panel(dealId)).lines.data.lines).toHaveLength(1);
    await desk.win(dealId);
    expect(await desk.openFindings(dealId)).toMatchObject([{ kind: 'order_refused' }]);
    expect(await desk.inSap(dealId)).toEqual([]);
  });
});

describe('what SAP says to it', () => {
  it('an approval procedure: the draft counts as the document, and a person sees that it waits', async () => {
    const dealId = await desk.makeDeal();
    desk.sap.requireApproval(true);
    await desk.win(dealId);
    desk.sap.requireApproval(false);
    const [found, ...more] = await desk.inSap(dealId);
    expect(more).toEqual([]);
    expect(found?.set).toBe('Drafts');
    expect(desk.field(dealId, 'SAP document')).toBe(`Order draft ${numberOf(found?.row ?? {}, 'DocNum')}`);
    expect(desk.field(dealId, 'SAP status')).toBe('Waiting for approval in SAP');
    expect(await desk.handoffs(dealId)).toMatchObject([{ document: 'draft', state: 'written_back' }]);
  });

  it('a refusal: its words are on the deal and in a finding, and Check again sends with the same key (F15)', async () => {
    const dealId = await desk.makeDeal();
    desk.sap.refuseOrders('Only orders with a project, please');
    await desk.win(dealId);
    expect(desk.field(dealId, 'SAP status')).toContain('Only orders with a project, please');
    expect(await desk.openFindings(dealId)).toMatchObject([{ kind: 'order_refused' }]);
    const key = await desk.keyOf(dealId);
    // Nothing is tried again by itself.
    await desk.companies.app.runJobsFor(31 * MINUTE);
    expect(await desk.inSap(dealId)).toEqual([]);
    desk.sap.refuseOrders(undefined);
    expect((await desk.press(dealId)).status).toBe(200);
    expect(await desk.keyOf(dealId)).toBe(key);
    expect(await desk.inSap(dealId)).toHaveLength(1);
    expect(await desk.openFindings(dealId)).toEqual([]);
  });

  /** A deal that SAP has refused, and what somebody then enters there by hand under its key. */
  async function refusedThenEntered(entered: number): Promise<{ dealId: number; entries: number[] }> {
    const dealId = await desk.makeDeal();
    desk.sap.refuseOrders('not yet');
    await desk.win(dealId);
    desk.sap.refuseOrders(undefined);
    const order = {
      CardCode: desk.organization.cardCode,
      U_PD_Key: await desk.keyOf(dealId),
      DocumentLines: [{ ItemCode: desk.product.itemCode, Quantity: 1, UnitPrice: 5 }],
    };
    const entries = Array.from({ length: entered }, () => numberOf(desk.sap.createOrder(order), 'DocEntry'));
    return { dealId, entries };
  }

  it('5.8.14 two orders with our key: the deal shows the first, a person is told, and no third is made', async () => {
    const { dealId, entries } = await refusedThenEntered(2);
    await desk.press(dealId);
    expect(await desk.handoffs(dealId)).toMatchObject([{ document: 'order', doc_entry: entries[0] }]);
    expect(await desk.inSap(dealId)).toHaveLength(2);
    expect(await desk.openFindings(dealId)).toMatchObject([{ kind: 'order_duplicate' }]);
  });

  it('5.8.15 of two the one that was cancelled does not count', async () => {
    const { dealId, entries } = await refusedThenEntered(2);
    desk.sap.cancelOrder(entries[0] ?? 0);
    await desk.press(dealId);
    expect(await desk.handoffs(dealId)).toMatchObject([{ document: 'order', doc_entry: entries[1] }]);
    expect(await desk.openFindings(dealId)).toEqual([]);
  });

  it('5.8.15 an order with our key that was cancelled is shown as what became of the deal, and not made again', async () => {
    const { dealId, entries } = await refusedThenEntered(1);
    desk.sap.cancelOrder(entries[0] ?? 0);
    await desk.press(dealId);
    expect(await desk.handoffs(dealId)).toMatchObject([{ document: 'order', state: 'written_back' }]);
    expect(await desk.inSap(dealId)).toHaveLength(1);
    expect(await desk.openFindings(dealId)).toMatchObject([
      { kind: 'order_refused', message: expect.stringContaining('was cancelled in SAP') },
    ]);
  });

  it('an order with our key under another customer is shown to a person, not doubled', async () => {
    const dealId = await desk.makeDeal();
    const other = desk.organizationOf((one) => mayOrder(one) && textOf(one, 'CardCode') !== desk.organization.cardCode);
    desk.sap.refuseOrders('not yet');
    await desk.win(dealId);
    desk.sap.refuseOrders(undefined);
    const key = await desk.keyOf(dealId);
    desk.sap.createOrder({
      CardCode: other.cardCode,
      U_PD_Key: key,
      DocumentLines: [{ ItemCode: desk.product.itemCode, Quantity: 1, UnitPrice: 5 }],
    });
    await desk.press(dealId);
    expect(await desk.handoffs(dealId)).toMatchObject([{ state: 'needs_attention' }]);
    expect(String(desk.field(dealId, 'SAP status'))).toContain(other.cardCode);
    expect(await desk.inSap(dealId)).toHaveLength(1);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import { accessibilityFaults, openFramed, untilFiguresStand } from './framed.ts';
import { ITEMS } from './nordlicht.ts';
import { openStage, REP, type Stage } from './stage.ts';

describe.skipIf(chromiumPath === undefined)('sending a deal from its panel', { timeout: 60_000 }, () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.setUp();
    // From here on jobs run by themselves, as in production.
    stage.app.app.jobs.start();
  });
  afterEach(async () => {
    stage.world.sap.faults.clear();
    for (const context of stage.browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await stage?.close();
  });

  it('makes one order from a double click, says how far it is, and leaves the receipt on the deal', async () => {
    const { sap, world, company } = stage;
    const dealId = stage.makeDeal();
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP });
    await untilFiguresStand(panel);
    const sends: string[] = [];
    panel.page.on('request', (request) => {
      if (request.url().endsWith(`/deals/${dealId}/send`)) sends.push(request.method());
    });
    const slow = world.sap.faults.add({ kind: 'slow', method: 'POST', path: /^Orders/ });

    await panel.frame.getByRole('button', { name: 'Send to SAP as sales order' }).dblclick();
    await panel.frame.getByRole('button', { name: 'Sending…' }).waitFor();
    await panel.frame.locator('.progress-words', { hasText: 'written to SAP' }).waitFor();
    slow.release();

    await panel.frame.locator('footer', { hasText: /In SAP: order \d+/ }).waitFor();
    const orders = sap.ordersWithKey();
    expect(orders).toHaveLength(1);
    expect(await panel.frame.locator(':focus').innerText()).toMatch(/^In SAP: order \d+$/);
    expect(sends).toEqual(['POST']);
    const number = String(orders[0]?.['DocNum']);
    expect(await panel.frame.locator('footer').innerText()).toContain(`In SAP: order ${number}`);
    await panel.frame.locator('.steps .done', { hasText: `Sales order ${number}` }).waitFor();
    await panel.page
      .getByTestId('fields')
      .filter({ hasText: `Sales order ${number}` })
      .waitFor();
    await panel.page.getByTestId('notes').filter({ hasText: number }).waitFor();
    expect(company.notes(dealId)).toHaveLength(1);
    // What the order keeps back is there for this deal: the verdict is what it was before.
    await panel.frame.getByText('18 of 24 × Desk chair Lumo, black in stock').waitFor();
    const said = (await panel.hostLog()).filter(({ name }) => name === 'show_snackbar');
    expect(said.map(({ args }) => args)).toEqual([{ message: `Sales order ${number} is in SAP.` }]);
    expect(await accessibilityFaults(panel)).toEqual([]);
    expect(panel.troubles).toEqual([]);
  });

  it('notices a deal that is won in Pipedrive while the panel stands open', async () => {
    const dealId = stage.makeDeal();
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP });
    await untilFiguresStand(panel);
    stage.company.win(dealId, REP);
    // As when the person turns to the panel; without that it looks by itself every 20 s.
    await expect
      .poll(
        async () => {
          await panel.frame.evaluate(() => window.dispatchEvent(new Event('focus')));
          return panel.frame.locator('footer').innerText();
        },
        { timeout: 20_000 },
      )
      .toMatch(/In SAP: order \d+/);
    expect(panel.troubles).toEqual([]);
  });

  it('lists all that stops a deal, and sends it after the correction with Check again', async () => {
    const { sap, company } = stage;
    const before = sap.ordersWithKey().length;
    const gift = company.createProduct({ name: 'Gift card' });
    const dealId = stage.makeDeal({ lines: [{ product_id: gift.id, item_price: 20, quantity: 1 }] });
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP });
    await untilFiguresStand(panel);
    await panel.frame.getByRole('button', { name: 'Send to SAP as sales order' }).click();
    const again = panel.frame.getByRole('button', { name: 'Check again' });
    await again.waitFor();
    expect(await panel.frame.locator('footer .problems').innerText()).toContain('Gift card');
    expect(await panel.frame.locator('.steps .wrong').innerText()).toContain('Not sent.');
    expect(await accessibilityFaults(panel)).toEqual([]);
    expect(sap.ordersWithKey()).toHaveLength(before);

    const [line] = company.deal(dealId).lines;
    company.removeLine(dealId, line?.id ?? 0);
    company.addLine(dealId, { product_id: stage.productId(ITEMS.desk.code), item_price: 615, quantity: 1 }, REP);
    await again.click();
    await panel.frame.locator('footer', { hasText: /In SAP: order \d+/ }).waitFor();
    expect(sap.ordersWithKey()).toHaveLength(before + 1);
    expect(panel.troubles).toEqual([]);
  });
});

import type { Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import {
  accessibilityFaults,
  cutParts,
  type Framed,
  layoutShift,
  openFramed,
  type Theme,
  untilFiguresStand,
} from './framed.ts';
import { ITEMS } from './nordlicht.ts';
import { openStage, REP, type Stage } from './stage.ts';

/** What Pipedrive shows of a panel before it has asked for more. */
const FIRST_VIEW_PX = 300;

describe.skipIf(chromiumPath === undefined)('the deal panel in Chromium', { timeout: 60_000 }, () => {
  let stage: Stage;
  let dealId: number;

  beforeAll(async () => {
    stage = await openStage();
    await stage.setUp();
    dealId = stage.makeDeal();
  });
  afterEach(async () => {
    for (const context of stage.browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await stage?.close();
  });

  async function openDeal(theme: Theme = 'light'): Promise<Framed> {
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP, theme, query: { sizes: 'strict' } });
    await untilFiguresStand(panel);
    return panel;
  }

  it.each<Theme>(['light', 'dark'])(
    'renders in %s at 385 px: accessible, nothing cut, nothing jumps',
    async (theme) => {
      const panel = await openDeal(theme);
      const { frame } = panel;
      const text = await frame.locator('body').innerText();
      expect(text).toContain('Ship part now');
      expect(text).toContain('18 of 24 × Desk chair Lumo, black in stock');
      expect(text).toContain('€10,474 left after this deal');
      expect(text).toContain('90 % below SAP');
      expect(text).toContain('Balance €16,490');
      expect(await frame.evaluate(() => document.documentElement.dataset['theme'])).toBe(theme);
      expect(await frame.evaluate(() => innerWidth)).toBeLessThanOrEqual(385);
      expect(await cutParts(panel)).toEqual([]);
      expect(await layoutShift(panel)).toBeLessThanOrEqual(0.1);
      expect(await accessibilityFaults(panel)).toEqual([]);
      expect(panel.troubles).toEqual([]);
    },
  );

  it('shows a line that cannot be read by its name, beside what is wrong with it', async () => {
    const lines = [{ product_id: stage.productId(ITEMS.desk.code), item_price: 100 / 3, quantity: 2 }];
    const panel = await openFramed(stage, `deal/${stage.makeDeal({ lines })}`, { userId: REP });
    await untilFiguresStand(panel);
    const line = panel.frame.locator('li.line', { hasText: 'has too many digits' });
    expect((await line.locator('.name').boundingBox())?.width).toBeGreaterThan(100);
    expect(await cutParts(panel)).toEqual([]);
    expect(await accessibilityFaults(panel)).toEqual([]);
  });

  it('keeps its height from the first moment, within what Pipedrive allows', async () => {
    const panel = await openDeal();
    const sizes = (await panel.hostLog()).filter(({ name }) => name === 'initialize' || name === 'resize');
    const heights = sizes.map(({ args }) => JSON.stringify(args).match(/"height":(\d+)/)?.[1]);
    expect(new Set(heights)).toEqual(new Set(['750']));
    expect(await panel.frameHeight()).toBe(750);
  });

  it('shows verdict, headroom and the button in the first 300 px', async () => {
    const panel = await openDeal();
    await panel.page.locator('#extension iframe').evaluate((element, height) => {
      if (element instanceof HTMLElement) element.style.height = `${height}px`;
    }, FIRST_VIEW_PX);
    const footerTop = await panel.frame.locator('footer').evaluate((element) => element.getBoundingClientRect().top);
    const bottomOf = (selector: string) =>
      panel.frame
        .locator(selector)
        .first()
        .evaluate((element) => element.getBoundingClientRect().bottom);
    expect(await bottomOf('.verdict h2')).toBeLessThanOrEqual(footerTop);
    expect(await bottomOf('.figure')).toBeLessThanOrEqual(footerTop);
    expect(await bottomOf('footer button.primary')).toBeLessThanOrEqual(FIRST_VIEW_PX);
  });

  it('follows when a person switches between light and dark', async () => {
    const panel = await openDeal();
    const background = () => panel.frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const inLight = await background();
    await panel.page.getByRole('button', { name: 'Switch between light and dark' }).click();
    await panel.frame.locator(':root[data-theme=dark]').waitFor();
    expect(await background()).not.toBe(inLight);
    expect(panel.troubles).toEqual([]);
  });

  it('takes the token out of the address, the history and the referrer (SE-23)', async () => {
    const asked: Request[] = [];
    const panel = await openFramed(stage, `deal/${dealId}`, {
      userId: REP,
      prepare: async (page) => void page.on('request', (request) => asked.push(request)),
    });
    await untilFiguresStand(panel);
    const seen = await panel.frame.evaluate(() => ({
      address: location.href,
      loaded: performance.getEntriesByType('resource').map(({ name }) => name),
      history: history.length,
    }));
    // As the server got them: what the page came from is told to nobody.
    const ours = asked.filter((request) => request.url().startsWith(stage.app.url) && !request.isNavigationRequest());
    expect(ours.length).toBeGreaterThan(3);
    for (const request of ours) expect((await request.allHeaders())['referer'] ?? '').not.toContain('token');
    // Replaced, and not one more behind the first: nobody goes back to it.
    expect(seen.history).toBe(await panel.page.evaluate(() => history.length));
    expect(await panel.frame.evaluate(addressesOfHistory)).toEqual([seen.address]);
    expect(seen.address).toContain('selectedIds=');
    expect(seen.address).not.toContain('token=');
    expect(seen.loaded.length).toBeGreaterThan(0);
    expect(seen.loaded.filter((address) => address.includes('token='))).toEqual([]);
    expect(panel.frame.url()).not.toContain('token=');
  });

  it('tells Pipedrive that it is there before any answer of ours, and shows what it waits for', async () => {
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const panel = await openFramed(stage, `deal/${dealId}`, {
      userId: REP,
      prepare: (page) =>
        page.route('**/api/**', async (route) => {
          await held;
          await route.continue();
        }),
    });
    const [first] = (await panel.hostLog()).filter(({ type }) => type === 'command');
    expect(first?.name).toBe('initialize');
    await panel.frame.locator('[aria-busy=true]').waitFor();
    expect(await panel.frame.getByRole('status').first().textContent()).toBe('Reading SAP');
    answer();
    await untilFiguresStand(panel);
    expect(await layoutShift(panel)).toBeLessThanOrEqual(0.1);
    expect(panel.troubles).toEqual([]);
  });

  it('would notice: low contrast, cut text and a jump are seen by the checks above', async () => {
    const panel = await openDeal();
    await panel.frame.evaluate(() => {
      const heading = document.querySelector<HTMLElement>('.who');
      if (!heading) return;
      Object.assign(heading.style, { color: '#ddd', width: '40px', overflow: 'hidden', whiteSpace: 'nowrap' });
      const block = document.createElement('div');
      block.style.height = '300px';
      document.body.prepend(block);
    });
    expect((await accessibilityFaults(panel)).join()).toContain('color-contrast');
    expect((await cutParts(panel)).join()).toContain('h2.who');
    expect(await layoutShift(panel)).toBeGreaterThan(0.1);
  });
});

/** In the frame: each entry of its history that it may read, oldest first. */
function addressesOfHistory(): (string | null)[] {
  return navigation.entries().map(({ url }) => url);
}

import { createServer, type Server } from 'node:http';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, openWatchedPage } from '../support/browser.ts';
import { openFramed, openPage, untilFiguresStand } from './framed.ts';
import { COMPANY, openStage, REP, type Stage } from './stage.ts';

const FRAME = '#extension iframe';

describe.skipIf(chromiumPath === undefined)('our pages in the frames of others', { timeout: 60_000 }, () => {
  let stage: Stage;
  let dealId: number;
  let stranger: Server;
  let strangersPage: string;
  let framedByStranger: string;

  beforeAll(async () => {
    stage = await openStage();
    await stage.setUp();
    dealId = stage.makeDeal();
    stranger = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<iframe id="victim" src="${framedByStranger}"></iframe>`);
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const address = stranger.address();
    if (address === null || typeof address === 'string') throw new Error('The other site does not listen.');
    strangersPage = `http://127.0.0.1:${address.port}/`;
  });
  afterEach(async () => {
    for (const context of stage.browser.contexts()) await context.close();
  });
  afterAll(async () => {
    stranger?.close();
    await stage?.close();
  });

  it.each(['panel', 'settings'])(
    'refuses to let another origin frame /%s, with a good token too (SE-25, 5.4.17)',
    async (path) => {
      const token = stage.world.pipedrive.signToken({ userId: REP, companyId: COMPANY });
      framedByStranger = `${stage.app.url}/${path}?id=1&token=${token}&resource=deal&selectedIds=${dealId}`;
      const { page, troubles } = await openWatchedPage(stage.browser);
      await page.goto(strangersPage);
      const frame = await (await page.waitForSelector('#victim')).contentFrame();
      await expect.poll(() => frame?.url()).toMatch(/^chrome-error:/);
      expect(troubles.join()).toContain('frame-ancestors');
    },
  );

  it('refuses to let the host of another company frame a page (SE-25, 5.4.17)', async () => {
    const users = [{ id: 21, name: 'Olga Other', email: 'olga@other.example' }];
    const other = await stage.world.pipedrive.addCompany({ id: 2002, name: 'Other Ltd', domain: 'other', users });
    const host = new URL(other.apiDomain).host;
    expect(stage.app.localHosts.has(host)).toBe(false);
    const token = stage.world.pipedrive.signToken({ userId: REP, companyId: COMPANY });
    const victim = `${stage.app.url}/panel?id=1&token=${token}&resource=deal&selectedIds=${dealId}`;
    const { page, troubles } = await openWatchedPage(stage.browser);
    await page.goto(other.pageUrl('deals', 21));
    await page.evaluate((address) => {
      const frame = document.createElement('iframe');
      Object.assign(frame, { id: 'victim', src: address });
      document.body.append(frame);
    }, victim);
    const frame = await (await page.waitForSelector('#victim')).contentFrame();
    await expect.poll(() => frame?.url()).toMatch(/^chrome-error:/);
    expect(troubles.join()).toContain('frame-ancestors');
    expect(troubles.join()).toContain(new URL(stage.company.apiDomain).host);
  });

  it('works where the browser gives frames of other sites no cookies (SE-24)', async () => {
    // Another site than 127.0.0.1, on which the practice company's page lies.
    const { extensions } = stage.world.pipedrive.app;
    const usual = extensions.panel;
    extensions.panel = usual.replace('127.0.0.1', 'localhost');
    try {
      const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP });
      await untilFiguresStand(panel);
      expect(new URL(panel.frame.url()).hostname).toBe('localhost');
      const keeps = await panel.frame.evaluate(() => {
        // biome-ignore lint/suspicious/noDocumentCookie: the plainest way in which a page keeps something
        document.cookie = 'probe=1; SameSite=None; Secure';
        return document.cookie;
      });
      expect(keeps, 'the browser was to block cookies').toBe('');
      expect(await panel.frame.locator('body').innerText()).toContain('€10,474');
      expect(panel.troubles).toEqual([]);
    } finally {
      extensions.panel = usual;
    }
  });

  it('works where a frame may keep nothing: storage that throws, as in a private window (SE-24, 5.4.20)', async () => {
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP, prepare: denyStorage });
    await untilFiguresStand(panel);
    expect(await panel.frame.evaluate(() => typeof Reflect.get(window, 'localStorage')).catch(String)).toContain(
      'denied',
    );
    expect(await panel.frame.locator('body').innerText()).toContain('€10,474');
    expect(panel.troubles).toEqual([]);
  });

  it('shows no figures to a page around it that hands out a token of another company (5.4.18)', async () => {
    const foreign = stage.world.pipedrive.signToken({ userId: REP, companyId: COMPANY + 1 });
    const { page } = await openPage(stage, `deal/${dealId}`, { userId: REP, prepare: (it) => handOut(it, foreign) });
    const alert = page.frameLocator(FRAME).getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('Your company has not installed this app');
    expect(await page.frameLocator(FRAME).locator('body').innerText()).not.toContain('€');
  });

  it('says what is wrong when the page around it never answers (SE-27, 5.4.18)', async () => {
    const { page } = await openPage(stage, `deal/${dealId}`, { userId: REP, prepare: keepSilent });
    const alert = page.frameLocator(FRAME).getByRole('alert');
    await alert.waitFor({ state: 'attached', timeout: 9_000 });
    expect(await alert.innerText()).toContain('Pipedrive did not answer');
  });

  it('is not moved by what else the page around it says (SE-27)', async () => {
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP });
    await untilFiguresStand(panel);
    const before = await panel.frame.locator('main').innerText();
    await panel.page.locator(FRAME).evaluate((element, messages) => {
      if (!(element instanceof HTMLIFrameElement)) return;
      for (const message of messages) element.contentWindow?.postMessage(message, '*', [new MessageChannel().port2]);
    }, HOSTILE_MESSAGES);
    await panel.frame.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    expect(await panel.frame.locator('main').innerText()).toBe(before);
    expect(await panel.frame.evaluate(() => document.documentElement.dataset['theme'])).toBe('light');
    expect(panel.troubles).toEqual([]);
  });

  it('shows a sentence to somebody who opens it outside Pipedrive', async () => {
    const { page } = await openWatchedPage(stage.browser);
    await page.goto(`${stage.app.url}/panel`);
    await page.getByRole('alert').waitFor();
    expect(await page.locator('body').innerText()).toContain('Pipedrive did not answer');
  });
});

const HOSTILE_MESSAGES = [
  null,
  'user_settings_change',
  { type: 'event', event: 'user_settings_change', data: { theme: 'dark' } },
  { payload: { command: 'get_signed_token' }, id: '1' },
  { data: { token: 'stolen' } },
  { error: 'nothing' },
  [],
];

function denyStorage(page: Page) {
  return page.addInitScript(() => {
    const denied = () => {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    };
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
      Object.defineProperty(window, name, { get: denied });
    }
    Object.defineProperty(Document.prototype, 'cookie', { get: denied, set: denied });
  });
}

/** A host that puts this token into the frame's address and gives it whenever one is asked for. */
async function handOut(page: Page, token: string): Promise<void> {
  await page.route(/\/panel\?/, async (route) => {
    const address = new URL(route.request().url());
    if (address.searchParams.get('token') === token) return route.continue();
    address.searchParams.set('token', token);
    await route.fulfill({ status: 302, headers: { location: address.href } });
  });
  await page.addInitScript((given) => {
    let host: Window['__host'] | undefined;
    Object.defineProperty(window, '__host', {
      get: () => host,
      set(made: Window['__host']) {
        made.replies['get_signed_token'] = () => ({ token: given });
        host = made;
      },
    });
  }, token);
}

/** A host that takes the first command and does nothing with it. */
function keepSilent(page: Page) {
  return page.addInitScript(() => {
    let host: Window['__host'] | undefined;
    Object.defineProperty(window, '__host', {
      get: () => host,
      set(made: Window['__host']) {
        made.replies['initialize'] = () => new Promise(() => undefined);
        host = made;
      },
    });
  });
}

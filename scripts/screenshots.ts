import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Framed, openFramed, SETTINGS, untilFiguresStand } from '../test/e2e/framed.ts';
import { ADMIN, COMPANY, openStage, REP, type Stage } from '../test/e2e/stage.ts';
import startDatabase from '../test/support/global-setup.ts';

/** Takes the pictures of `docs/images` from the practice company, in a real browser: `tsx scripts/screenshots.ts`. */
const FOLDER = join(import.meta.dirname, '../docs/images');
const SCALE = 1.5;
const MOST_BYTES = 300_000;
const FRAME = '#extension iframe';

const stopDatabase = await startDatabase();
try {
  const stage = await openStage();
  try {
    mkdirSync(FOLDER, { recursive: true });
    await pictureSetUp(stage);
    await stage.setUp();
    await picturePanels(stage);
    await pictureTrouble(stage);
    await pictureSending(stage);
    await pictureSettings(stage);
  } finally {
    await stage.close();
  }
} finally {
  await stopDatabase();
}

async function pictureSetUp(stage: Stage): Promise<void> {
  await stage.app.install(COMPANY, ADMIN);
  const settings = await open(stage, SETTINGS, ADMIN);
  await settings.frame.getByLabel('Address of your SAP Service Layer').fill(`${stage.world.sap.url}/b1s/v2`);
  await settings.frame.getByRole('button', { name: 'Look at this server' }).click();
  await settings.frame.getByText('Is this your server?').waitFor();
  await wholeFrame(settings, 'settings-setup-light', 'css');
  await settings.close();
}

async function picturePanels(stage: Stage): Promise<void> {
  const dealId = stage.makeDeal();
  for (const theme of ['light', 'dark'] as const) {
    const panel = await open(stage, `deal/${dealId}`, REP, theme);
    await untilFiguresStand(panel);
    await wholeFrame(panel, `deal-panel-${theme}`);
    await panel.close();
  }
  const panel = await open(stage, `organization/${stage.customerId()}`, REP);
  await untilFiguresStand(panel);
  await wholeFrame(panel, 'organization-panel-light');
  await panel.close();
}

async function pictureTrouble(stage: Stage): Promise<void> {
  const dealId = stage.makeDeal();
  stage.world.sap.faults.add({ kind: 'drop_before', times: 100 });
  const panel = await open(stage, `deal/${dealId}`, REP);
  await untilFiguresStand(panel);
  await wholeFrame(panel, 'deal-panel-sap-off-light');
  await panel.close();
  stage.world.sap.faults.clear();
  stage.world.clock.advance(30_000);
  stage.company.deleteDeal(dealId);
}

async function pictureSending(stage: Stage): Promise<void> {
  stage.app.app.jobs.start();
  const gift = stage.company.createProduct({ name: 'Gift card' });
  const dealId = stage.makeDeal({ title: 'Presents', lines: [{ product_id: gift.id, item_price: 20, quantity: 1 }] });
  const stopped = await open(stage, `deal/${dealId}`, REP);
  await untilFiguresStand(stopped);
  await stopped.frame.getByRole('button', { name: 'Send to SAP as sales order' }).click();
  await stopped.frame.getByRole('button', { name: 'Check again' }).waitFor();
  await wholeFrame(stopped, 'deal-panel-problems-light');
  await stopped.close();

  const sent = await open(stage, `deal/${stage.makeDeal()}`, REP);
  await untilFiguresStand(sent);
  await sent.frame.getByRole('button', { name: 'Send to SAP as sales order' }).click();
  await sent.frame.locator('footer', { hasText: /In SAP: order \d+/ }).waitFor();
  await sent.page.getByTestId('notes').filter({ hasText: 'Sales order' }).waitFor();
  await sent.page.locator('.snackbar').waitFor({ state: 'detached' });
  await sent.frame.evaluate(() => scrollTo(0, 0));
  await keep(sent.page, 'deal-page-light');
  await wholeFrame(sent, 'deal-panel-sent-light');
  await sent.close();
}

async function pictureSettings(stage: Stage): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    const settings = await open(stage, SETTINGS, ADMIN, theme);
    await settings.frame.getByRole('heading', { name: 'Connection to SAP' }).waitFor();
    await wholeFrame(settings, `settings-${theme}`, 'css');
    if (theme === 'light') {
      await settings.frame.getByRole('button', { name: 'Disconnect…' }).click();
      await settings.page.getByTestId('confirm-ok').waitFor();
      await keep(settings.page, 'settings-disconnect-light');
    }
    await settings.close();
  }
}

function open(stage: Stage, path: string, userId: number, theme: 'light' | 'dark' = 'light'): Promise<Framed> {
  // Only what fits into the window is drawn in a frame, and the settings are long; being wide they are large enough as they are.
  const browser =
    path === SETTINGS
      ? { deviceScaleFactor: 1, viewport: { width: 1280, height: 2000 } }
      : { deviceScaleFactor: SCALE };
  return openFramed(stage, path, { userId, theme, browser });
}

/** The frame alone, as high as what is in it, as if nothing had to scroll; `css`: one pixel for one, for wide pages. */
async function wholeFrame({ page, frame }: Framed, name: string, scale: 'css' | 'device' = 'device'): Promise<void> {
  await page.locator('.snackbar').waitFor({ state: 'detached' });
  const height = await frame.evaluate(() => document.documentElement.scrollHeight);
  await page.locator(FRAME).evaluate((element, wanted) => {
    if (element instanceof HTMLElement) element.style.height = `${wanted}px`;
  }, height);
  const path = join(FOLDER, `${name}.png`);
  await page.locator(FRAME).screenshot({ path, animations: 'disabled', scale });
  report(path);
}

async function keep(page: Page, name: string): Promise<void> {
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', scale: 'css' });
  report(path);
}

function report(path: string): void {
  const { size } = statSync(path);
  console.log(`${path} ${Math.round(size / 1000)} kB`);
  if (size > MOST_BYTES) throw new Error(`${path} is larger than ${MOST_BYTES / 1000} kB.`);
}

import AxeBuilder from '@axe-core/playwright';
import type { BrowserContextOptions, Frame, Page } from 'playwright-core';
import { openWatchedPage, type WatchedPage } from '../support/browser.ts';
import { CLIENT_ID } from '../support/practice-world.ts';
import type { Stage } from './stage.ts';

declare global {
  interface Window {
    __seen: { shift: number };
  }
}

export type Theme = 'light' | 'dark';

export interface FramedOptions {
  readonly userId: number;
  readonly theme?: Theme;
  /** Further parts of the page's address. */
  readonly query?: Readonly<Record<string, string>>;
  readonly browser?: BrowserContextOptions;
  /** Before anything is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** A page of the practice Pipedrive with our page in its frame. */
export interface Framed extends WatchedPage {
  readonly frame: Frame;
  /** What the host was asked and told so far. */
  hostLog(): Promise<readonly { type: string; name: string; args?: unknown }[]>;
  frameHeight(): Promise<number>;
}

export const SETTINGS = `settings/marketplace/app/${CLIENT_ID}/app-settings`;

const FRAME = '#extension iframe';

/** Opens a record or the settings as that user, and waits until our frame has started. */
export async function openFramed(stage: Stage, path: string, options: FramedOptions): Promise<Framed> {
  const watched = await openPage(stage, path, options);
  await watched.page.locator('#extension[data-state=ready]').waitFor();
  return framed(watched);
}

/** As above, without waiting. */
export async function openPage(stage: Stage, path: string, options: FramedOptions): Promise<WatchedPage> {
  const watched = await openWatchedPage(stage.browser, options.browser);
  await options.prepare?.(watched.page);
  const address = new URL(stage.company.pageUrl(path, options.userId));
  address.searchParams.set('theme', options.theme ?? 'light');
  for (const [name, value] of Object.entries(options.query ?? {})) address.searchParams.set(name, value);
  await watched.page.goto(address.href);
  return watched;
}

async function framed(watched: WatchedPage): Promise<Framed> {
  const { page } = watched;
  const frame = await (await page.waitForSelector(FRAME)).contentFrame();
  if (!frame) throw new Error('The frame has no document.');
  return {
    ...watched,
    frame,
    hostLog: () => page.evaluate(() => window.__host.log.map(({ type, name, args }) => ({ type, name, args }))),
    frameHeight: () => page.locator(FRAME).evaluate((element) => element.getBoundingClientRect().height),
  };
}

/** What stands in the panel when it is complete. */
export async function untilFiguresStand({ frame }: Framed): Promise<void> {
  await frame.locator('main section').first().waitFor();
}

/** WCAG 2.2 A and AA, inside the frame only. @returns one line for each thing that breaks a rule */
export async function accessibilityFaults({ page }: Framed): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .include([FRAME, 'html'])
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}

/** Parts whose text does not fit, and the page itself if it scrolls sideways. */
export function cutParts({ frame }: Framed): Promise<string[]> {
  return frame.evaluate(() => {
    const page = document.documentElement;
    const sideways = page.scrollWidth > page.clientWidth ? [`page ${page.scrollWidth} > ${page.clientWidth}`] : [];
    const cut = [...document.querySelectorAll('h2, p, li, dt, dd, span, strong, button, label, small')]
      .filter((element) => !element.closest('.unseen') && element.clientWidth > 0)
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}: ${element.textContent?.slice(0, 60)}`);
    return [...sideways, ...cut];
  });
}

/** The browser's own measure of how much jumped, outside what a person caused. */
export function layoutShift({ frame }: Framed): Promise<number> {
  return frame.evaluate(() => window.__seen.shift);
}

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The browser at CHROMIUM_PATH, or else where one usually is; undefined where there is none. */
export const chromiumPath: string | undefined = placesToLook().find((path) => existsSync(path));

function placesToLook(): readonly string[] {
  const told = process.env['CHROMIUM_PATH'];
  return told === undefined || told === '' ? USUAL_PLACES : [told];
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // As people have it: what is framed across sites gets no cookies.
  '--test-third-party-cookie-phaseout',
];

/** How long a test waits for what should appear. */
const WAIT_MS = 20_000;

/** With a new, empty profile. @throws Error where there is no Chromium */
export async function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('There is no Chromium. Name one in CHROMIUM_PATH.');
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS });
}

/** A page that remembers everything that went wrong in it and in its frames. */
export interface WatchedPage {
  readonly page: Page;
  /** Console errors and warnings, uncaught errors, breaches of the content security policy, requests without an answer. */
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

/** In a context of its own: nothing is shared with other pages of the browser. */
export async function openWatchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, locale: 'en-GB', ...options });
  await context.addInitScript(watchFrame);
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      troubles.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => troubles.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A page that is left, or a newer look, gives up its requests.
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') troubles.push(`failed: ${request.url()} ${reason}`);
  });
  return { page, troubles, close: () => context.close() };
}

/** What a frame's own script cannot hide: how much it jumped, and what its policy refused. */
function watchFrame(): void {
  const seen = { shift: 0 };
  Object.assign(window, { __seen: seen });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, hadRecentInput } = Object.assign({ value: 0, hadRecentInput: false }, entry.toJSON());
      if (!hadRecentInput) seen.shift += value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`);
  });
}

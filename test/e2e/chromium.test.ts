import { expect, it } from 'vitest';
import { chromiumPath } from '../support/browser.ts';

it('finds a browser for the tests in test/e2e', ({ skip }) => {
  if (chromiumPath === undefined && !process.env['CI']) {
    console.warn('No Chromium on this machine (CHROMIUM_PATH): the browser tests are left out.');
    skip();
  }
  expect(chromiumPath, 'CI must run the browser tests').toBeDefined();
});

import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import { accessibilityFaults, cutParts, openFramed, SETTINGS } from './framed.ts';
import { ADMIN, COMPANY, openStage, REP, type Stage } from './stage.ts';

describe.skipIf(chromiumPath === undefined)('“Your data” on the settings page', { timeout: 60_000 }, () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.app.install(COMPANY, ADMIN);
    await stage.app.install(COMPANY, REP);
    stage.app.app.jobs.start();
  });
  afterEach(async () => {
    for (const context of stage.browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await stage?.close();
  });

  it('is saved as a file within Pipedrive’s frame', async () => {
    const settings = await openFramed(stage, SETTINGS, { userId: ADMIN });
    const saved = settings.page.waitForEvent('download');
    await settings.frame.getByRole('button', { name: 'Download your data' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(/^orderline-1001-\d{4}-\d{2}-\d{2}\.json$/);
    const file = JSON.parse(await readFile(await download.path(), 'utf8'));
    expect(file).toMatchObject({ companyName: 'Nordlicht Büromöbel', complete: true });
    await settings.frame.getByRole('link', { name: `Save ${download.suggestedFilename()}` }).waitFor();
  });

  it('is not offered to others, who still find the pages that say what is stored', async () => {
    const { frame } = await openFramed(stage, SETTINGS, { userId: REP });
    const privacy = frame.getByRole('link', { name: /^Privacy/ });
    expect(await privacy.getAttribute('href')).toBe(`${stage.app.url}/privacy`);
    expect(await frame.getByRole('button', { name: /Download|Remove/ }).count()).toBe(0);
  });

  it('says so where it cannot be read what would be removed, and reads it again', async () => {
    let broken = true;
    const settings = await openFramed(stage, SETTINGS, {
      userId: ADMIN,
      prepare: (page) => page.route('**/api/settings/removal', (route) => (broken ? route.abort() : route.continue())),
    });
    const { frame } = settings;
    await frame.getByRole('button', { name: 'Remove this app’s data…' }).click();
    const again = frame.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    expect(await accessibilityFaults(settings)).toEqual([]);
    broken = false;
    await again.click();
    await frame.getByLabel('Type Nordlicht Büromöbel to go on').waitFor();
  });

  it('is removed after the name of the company was typed, and the page says when that is done', async () => {
    const settings = await openFramed(stage, SETTINGS, { userId: ADMIN });
    const { frame } = settings;
    await frame.getByRole('button', { name: 'Remove this app’s data…' }).click();
    const name = frame.getByLabel('Type Nordlicht Büromöbel to go on');
    await name.fill('Nordlicht');
    await frame.getByRole('button', { name: 'Remove everything' }).click();
    await frame.getByText('Type the name of your company as it is: Nordlicht Büromöbel').waitFor();
    expect(await accessibilityFaults(settings)).toEqual([]);
    expect(await cutParts(settings)).toEqual([]);
    await name.fill('Nordlicht Büromöbel');
    await frame.getByRole('button', { name: 'Remove everything' }).click();
    await frame.getByRole('heading', { name: 'Everything has been removed' }).waitFor();
    expect(await accessibilityFaults(settings)).toEqual([]);
    expect(stage.company.webhooks()).toEqual([]);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import { accessibilityFaults, cutParts, type Framed, openFramed, untilFiguresStand } from './framed.ts';
import { openStage, REP, type Stage } from './stage.ts';

/** After that SAP is tried again, however many requests got no answer. */
const PAUSE_MS = 30_000;

const SILENT = /SAP (did not answer|has not answered)/;
const POLL = { timeout: 20_000, interval: 500 };

describe.skipIf(chromiumPath === undefined)('panels while SAP is off', { timeout: 60_000 }, () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.setUp();
  });
  afterEach(async () => {
    stage.world.sap.faults.clear();
    for (const context of stage.browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await stage?.close();
  });

  const switchSapOff = (kind: 'hang' | 'drop_before') => stage.world.sap.faults.add({ kind, times: 1_000 });

  function switchSapOn(): void {
    stage.world.sap.faults.clear();
    stage.world.clock.advance(PAUSE_MS);
  }

  it('says so when SAP hangs, section by section, and recovers with Try again', async () => {
    const dealId = stage.makeDeal();
    switchSapOff('hang');
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP });
    await untilFiguresStand(panel);
    const text = await panel.frame.locator('main').innerText();
    expect(text).toContain('SAP did not answer');
    expect(text).toContain('Not known right now');
    // What Pipedrive knows stays.
    expect(text).toContain('Desk chair Lumo, black');
    expect(await accessibilityFaults(panel)).toEqual([]);
    expect(await cutParts(panel)).toEqual([]);

    switchSapOn();
    await expect.poll(() => figuresAfter(panel, 'Try again'), POLL).toContain('€10,474');
    await expect.poll(() => figuresAfter(panel, 'Read the figures again'), POLL).not.toMatch(SILENT);
    expect(panel.troubles).toEqual([]);
  });

  it('keeps the last figures and says how old they are', async () => {
    const dealId = stage.makeDeal();
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP });
    await panel.frame.getByText('€10,474').waitFor();
    switchSapOff('drop_before');
    await panel.frame.getByRole('button', { name: 'Read the figures again' }).click();
    await panel.frame.locator('.note.old').first().waitFor();
    const text = await panel.frame.locator('main').innerText();
    expect(text).toMatch(SILENT);
    expect(text).toContain('Balance €16,490');
    expect(text).not.toContain('live,');
    expect(await accessibilityFaults(panel)).toEqual([]);
    switchSapOn();
    await expect.poll(() => figuresAfter(panel, 'Read the figures again'), POLL).not.toMatch(SILENT);
    expect(await panel.frame.getByText(/^live/).count()).toBe(3);
    expect(panel.troubles).toEqual([]);
  });
});

/** Presses that button, if it is still there. The first request after a silence is a probe, so one look may not be enough. */
async function figuresAfter({ frame }: Framed, name: string): Promise<string> {
  const button = frame.getByRole('button', { name }).first();
  if (await button.count()) await button.click();
  await frame.locator('footer button:not([aria-disabled])').first().waitFor();
  return frame.locator('main').innerText();
}

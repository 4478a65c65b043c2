import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import { accessibilityFaults, cutParts, openFramed, untilFiguresStand } from './framed.ts';
import { openStage, REP, type Stage } from './stage.ts';

/** After that SAP is tried again whatever happened before. */
const LONGEST_PAUSE_MS = 5 * 60_000;

describe.skipIf(chromiumPath === undefined)('panels while SAP is off', () => {
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
    stage.world.clock.advance(LONGEST_PAUSE_MS);
  }

  it('says so when SAP hangs, section by section, and recovers with Try again', async () => {
    const dealId = stage.makeDeal();
    switchSapOff('hang');
    const panel = await openFramed(stage, `deal/${dealId}`, { userId: REP });
    await untilFiguresStand(panel);
    const text = await panel.frame.locator('main').innerText();
    expect(text).toContain('SAP did not answer in time.');
    expect(text).toContain('Not known right now');
    // What Pipedrive knows stays.
    expect(text).toContain('Desk chair Lumo, black');
    expect(await accessibilityFaults(panel)).toEqual([]);
    expect(await cutParts(panel)).toEqual([]);

    switchSapOn();
    await panel.frame.getByRole('button', { name: 'Try again' }).first().click();
    await panel.frame.getByText('€10,474').waitFor();
    expect(await panel.frame.locator('main').innerText()).not.toContain('did not answer');
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
    expect(text).toContain('SAP did not answer.');
    expect(text).toContain('€10,474');
    expect(text).not.toContain('live,');
    expect(await accessibilityFaults(panel)).toEqual([]);
    switchSapOn();
    await panel.frame.getByRole('button', { name: 'Read the figures again' }).click();
    await panel.frame.getByText(/^live/).first().waitFor();
    expect(panel.troubles).toEqual([]);
  });
});

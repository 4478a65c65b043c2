import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import {
  accessibilityFaults,
  cutParts,
  type Framed,
  openFramed,
  openPage,
  type Theme,
  untilFiguresStand,
} from './framed.ts';
import { CUSTOMER } from './nordlicht.ts';
import { ADMIN, COMPANY, NEWCOMER, openStage, REP, type Stage } from './stage.ts';

describe.skipIf(chromiumPath === undefined)('the other panels, and people without access', { timeout: 60_000 }, () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.setUp();
  });
  afterEach(async () => {
    for (const context of stage.browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await stage?.close();
  });

  async function expectSound(panel: Framed): Promise<void> {
    expect(await accessibilityFaults(panel)).toEqual([]);
    expect(await cutParts(panel)).toEqual([]);
    expect(panel.troubles).toEqual([]);
  }

  it.each<Theme>(['light', 'dark'])('shows an organization and its unsent deals in %s', async (theme) => {
    const dealId = stage.makeDeal({ title: `Lounge, ${theme}` });
    const panel = await openFramed(stage, `organization/${stage.customerId()}`, { userId: REP, theme });
    await untilFiguresStand(panel);
    // The list of deals is kept for five minutes; a deal that was just made is there once the figures were read again.
    await panel.frame.getByRole('button', { name: 'Read the figures again' }).click();
    await panel.frame.getByRole('button', { name: `Lounge, ${theme}` }).waitFor();
    await untilFiguresStand(panel);
    const text = await panel.frame.locator('main').innerText();
    expect(text).toContain('Norddeutsche Kontor GmbH');
    expect(text).toContain('€27,610 left');
    await expectSound(panel);
    await panel.frame.getByRole('button', { name: `Lounge, ${theme}` }).click();
    await panel.page.waitForURL(`**/deal/${dealId}*`);
  });

  it('shows a person the figures of the organization', async () => {
    const person = stage.company.persons().find(({ org_id }) => org_id === stage.customerId());
    const panel = await openFramed(stage, `person/${person?.id}`, { userId: REP });
    await untilFiguresStand(panel);
    expect(await panel.frame.locator('main').innerText()).toContain('Figures of Norddeutsche Kontor GmbH');
    await expectSound(panel);
  });

  it('says in one sentence that an organization is not linked', async () => {
    const { id } = stage.company.createOrganization({ name: 'Nobody in SAP e.V.' });
    const panel = await openFramed(stage, `organization/${id}`, { userId: REP });
    await untilFiguresStand(panel);
    const text = await panel.frame.locator('main').innerText();
    expect(text).toContain('No customer in SAP');
    expect(text.match(/is not linked/g)).toHaveLength(1);
    await panel.frame.getByRole('button', { name: 'Open settings' }).waitFor();
    await expectSound(panel);
  });

  it('says the same once on a deal of that organization', async () => {
    const { id } = stage.company.createOrganization({ name: 'Nobody either GmbH' });
    const panel = await openFramed(stage, `deal/${stage.makeDeal({ org_id: id })}`, { userId: REP });
    await untilFiguresStand(panel);
    expect((await panel.frame.locator('body').innerText()).match(/is not linked/g)).toHaveLength(1);
    await expectSound(panel);
  });

  it('gives a person without an organization something to do', async () => {
    const { id } = stage.company.createPerson({ name: 'Lone Wolf' });
    const panel = await openFramed(stage, `person/${id}`, { userId: REP });
    await panel.frame.getByRole('heading', { name: 'No organization' }).waitFor();
    await expectSound(panel);
  });

  it('shows nothing of a deal that the person may not see, whatever the address says (SE-22)', async () => {
    const own = stage.makeDeal();
    const hidden = stage.makeDeal({ title: 'Secret', owner: ADMIN, visible_to: 1 });
    const panel = await openFramed(stage, `deal/${own}`, {
      userId: REP,
      prepare: (page) => chooseOtherRecord(page, hidden),
    });
    await panel.frame.getByRole('alert').waitFor();
    expect(panel.frame.url()).toContain(`selectedIds=${hidden}`);
    const text = await panel.frame.locator('body').innerText();
    expect(text).not.toContain('Norddeutsche');
    expect(text).toMatch(/may not|nothing to show/i);
  });

  it('has a sentence for a user who has not installed it', async () => {
    const panel = await withToken(() => stage.world.pipedrive.signToken({ userId: NEWCOMER, companyId: COMPANY }));
    await panel.frame.getByRole('alert').waitFor();
    expect(await panel.frame.locator('body').innerText()).toContain('You have not installed this app yourself.');
    expect(await accessibilityFaults(panel)).toEqual([]);
  });

  it('has a sentence for a company that has not installed it', async () => {
    const panel = await withToken(() => stage.world.pipedrive.signToken({ userId: REP, companyId: 4_242 }));
    await panel.frame.getByRole('alert').waitFor();
    expect(await panel.frame.locator('body').innerText()).toContain('Your company has not installed this app.');
  });

  it('has a sentence for a token that nobody signed (SE-21)', async () => {
    const secret = 'another-secret-that-is-long-enough-for-it';
    const panel = await withToken(() =>
      stage.world.pipedrive.signToken({ userId: REP, companyId: COMPANY }, { secret }),
    );
    await panel.frame.getByRole('alert').waitFor();
    expect(await panel.frame.locator('body').innerText()).toContain('Pipedrive no longer vouches for this page');
  });

  it('leaves it to Pipedrive where the viewer has no app', async () => {
    const { page } = await openPage(stage, `organization/${stage.customerId()}`, { userId: NEWCOMER });
    await page.getByText('You have not installed this app.').waitFor();
    expect(await page.locator('#extension').count()).toBe(0);
  });

  it('shows names that are scripts as the text they are (SE-28)', async () => {
    const { sap, company } = stage;
    const dealId = stage.makeDeal({ title: SCRIPTS.join(' ') });
    sap.changePartner(CUSTOMER.code, { CardName: SCRIPTS[0] });
    for (const [index, line] of company.deal(dealId).lines.entries()) {
      company.updateProduct(line.product_id, { name: SCRIPTS[index] ?? '' });
    }
    for (const path of [`deal/${dealId}`, `organization/${stage.customerId()}`]) {
      const panel = await openFramed(stage, path, { userId: REP });
      await untilFiguresStand(panel);
      expect(await panel.frame.locator('main').innerText()).toContain(SCRIPTS[0]);
      expect(await panel.frame.evaluate(() => 'hit' in window)).toBe(false);
      expect(await panel.frame.locator('main img, main script').count()).toBe(0);
      expect(panel.troubles).toEqual([]);
    }
  });

  function withToken(token: () => string): Promise<Framed> {
    return openFramed(stage, `organization/${stage.customerId()}`, {
      userId: REP,
      prepare: (page) => page.route('**/_page/token*', (route) => route.fulfill({ json: { token: token() } })),
    });
  }
});

const SCRIPTS: readonly [string, string, string] = [
  '<img src=x onerror="window.hit=1">',
  '"><script>window.hit=1</script>',
  "javascript:window.hit='1'",
];

/** As somebody does who edits the frame's address. */
function chooseOtherRecord(page: Page, id: number) {
  return page.addInitScript((other) => {
    const set = URLSearchParams.prototype.set;
    URLSearchParams.prototype.set = function change(name, value) {
      set.call(this, name, name === 'selectedIds' ? other : value);
    };
  }, String(id));
}

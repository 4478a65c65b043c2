import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser.ts';
import { SAP_PASSWORD, SAP_USER } from '../support/practice-world.ts';
import { deliverThroughGateway, type Signing } from '../support/signed-delivery.ts';
import { accessibilityFaults, cutParts, type Framed, openFramed, SETTINGS, type Theme } from './framed.ts';
import { ADMIN, COMPANY, COMPANY_DB, openStage, REP, type Stage } from './stage.ts';

/** As wide as a panel: the narrowest there is. */
const NARROW_PX = 385;
const HOUR_MS = 3_600_000;
const ANOTHER = Array(32).fill('AB').join(':');

describe.skipIf(chromiumPath === undefined)('the connection in the settings', { timeout: 60_000 }, () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.setUp();
    await stage.app.runJobs();
  });
  afterEach(async () => {
    stage.world.sap.faults.clear();
    stage.world.sap.sessions.unlock(SAP_USER);
    for (const context of stage.browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await stage?.close();
  });

  const open = (theme: Theme = 'light', userId = ADMIN) => openFramed(stage, SETTINGS, { userId, theme });
  const api = () => stage.app.api(COMPANY, ADMIN);

  async function narrow({ page }: Framed): Promise<void> {
    await page.locator('#extension iframe').evaluate((element, width) => {
      if (element instanceof HTMLElement) element.style.width = `${width}px`;
    }, NARROW_PX);
  }

  it.each<Theme>(['light', 'dark'])('checks itself step by step, in %s and as narrow as a panel', async (theme) => {
    const settings = await open(theme);
    const { frame } = settings;
    await frame.getByLabel('Also try to make an order draft in SAP').check();
    await frame.getByRole('button', { name: 'Check the connection' }).click();
    await frame.getByText('Everything is fine.').waitFor();
    expect(await frame.locator(':focus').innerText()).toContain('Everything is fine.');
    await frame.getByText('16 steps without a remark').click();
    const found = frame.locator('.checks');
    await found.waitFor();
    expect(await found.locator('.row').count()).toBe(16);
    expect(await found.innerText()).toContain('a draft was made and removed again');
    expect(stage.sap.drafts()).toEqual([]);
    await found.locator('summary').first().click();
    await frame.getByText('What this SAP can do').click();
    await frame.getByText('Customer’s own price').waitFor();
    expect(await accessibilityFaults(settings)).toEqual([]);
    expect(await cutParts(settings)).toEqual([]);
    await narrow(settings);
    expect(await cutParts(settings)).toEqual([]);
    expect(settings.troubles).toEqual([]);
  });

  it('finds SAP off, says who can help, and nothing that SAP’s side said (SE-06)', async () => {
    const settings = await open();
    const { frame } = settings;
    stage.world.sap.faults.add({ kind: 'html_502_before', times: 1_000 });
    await frame.getByRole('button', { name: 'Check the connection' }).click();
    const wrong = frame.locator('.checks .row', { hasText: 'Sign-in' });
    await wrong.waitFor();
    expect(await wrong.innerText()).toContain('Your SAP administrator');
    expect(await frame.locator('main').innerText()).not.toMatch(/502|Proxy Error/);
    expect(await frame.getByText('Details').count()).toBe(0);
    expect(await accessibilityFaults(settings)).toEqual([]);
  });

  it.each<Theme>(['light', 'dark'])(
    'offers to take signed notifications only, once a gateway signs, in %s',
    async (theme) => {
      const box = (settings: Framed) => settings.frame.getByLabel('Take signed notifications only');
      const deliver = (signing: Signing) => {
        stage.world.clock.advance(1_000);
        return deliverThroughGateway({ id: COMPANY, webhooks: stage.company.webhooks }, signing);
      };
      if (theme === 'light') {
        const without = await open(theme);
        await without.frame.getByRole('button', { name: 'Renew the notifications' }).waitFor();
        expect(await box(without).count()).toBe(0);
      }
      // What is refused again within ten minutes is told already.
      stage.world.clock.advance(HOUR_MS / 4);
      expect(await deliver('unsigned')).toBe(200);
      expect(await deliver('signed')).toBe(200);
      const early = await open(theme);
      await early.frame.getByText('Once all are, unsigned ones can be refused.').waitFor();
      expect(await box(early).isDisabled()).toBe(true);
      for (let sent = 0; sent < 20; sent += 1) expect(await deliver('signed')).toBe(200);
      const settings = await open(theme);
      await box(settings).check();
      await settings.frame.getByText('Notifications without a signature are refused.').waitFor();
      expect(await deliver('unsigned')).toBe(401);
      expect(await accessibilityFaults(settings)).toEqual([]);
      await narrow(settings);
      expect(await cutParts(settings)).toEqual([]);
      const told = await open(theme);
      await told.frame.getByText('came without a signature and was refused').waitFor();
      await box(told).uncheck();
      await told.frame.getByText('Your gateway signs them').waitFor();
      expect(await deliver('unsigned')).toBe(200);
      expect(settings.troubles).toEqual([]);
    },
  );

  it('has Pipedrive’s notifications made anew, once for a double click', async () => {
    const { frame } = await open();
    const before = stage.company.webhooks().map(({ id }) => id);
    await frame.getByRole('button', { name: 'Renew the notifications' }).dblclick();
    await frame.getByText('They are made anew within a minute.').waitFor();
    await stage.app.runJobs();
    const now = stage.company.webhooks().map(({ id }) => id);
    expect(now).toHaveLength(before.length);
    expect(now.filter((id) => before.includes(id))).toEqual([]);
  });

  it('takes another password without anything else being typed again', async () => {
    const settings = await open();
    const { frame } = settings;
    const section = frame.getByRole('region', { name: 'Connection to SAP' });
    await section.getByRole('button', { name: 'Change the password' }).click();
    expect(await section.getByLabel('SAP user').inputValue()).toBe(SAP_USER);
    await section.getByLabel('New password').fill('not the password');
    await section.getByRole('button', { name: 'Save the password' }).click();
    await section.getByRole('alert').first().waitFor();
    expect(await section.locator('form .notice').count()).toBe(0);
    expect(await accessibilityFaults(settings)).toEqual([]);
    stage.world.sap.sessions.changePassword(SAP_USER, 'a new one, 2');
    await section.getByLabel('New password').fill('a new one, 2');
    await section.getByRole('button', { name: 'Save the password' }).click();
    await section.getByRole('button', { name: 'Change the password' }).waitFor();
    expect(await frame.locator('body').innerText()).not.toContain('a new one, 2');
    stage.world.sap.sessions.changePassword(SAP_USER, SAP_PASSWORD);
    expect((await api().post('/api/settings/sap/sign-in', { userName: SAP_USER, password: SAP_PASSWORD })).status).toBe(
      200,
    );
  });

  it('stops at a changed certificate, and goes on once it was looked at and confirmed, without a password (SE-08)', async () => {
    const { fingerprint256 } = stage.world.sap;
    const trust = (body: object) => api().post('/api/settings/sap/trust', body);
    expect((await trust({ change: 'add_fingerprint', fingerprint: ANOTHER })).status).toBe(200);
    expect((await trust({ change: 'remove', fingerprint: fingerprint256 })).status).toBe(200);
    await stage.app.runJobs();
    const panel = await openFramed(stage, `deal/${stage.makeDeal()}`, { userId: REP });
    await panel.frame.locator('main section').first().waitFor();
    await panel.close();

    const settings = await open();
    const { frame } = settings;
    await frame.getByText('Stopped').waitFor();
    const asked = stage.world.sap.log.all().length;
    await frame.getByRole('button', { name: 'Look at the certificate' }).click();
    await frame.getByText('Is this your server?').waitFor();
    expect(await frame.locator('.card .fingerprint').innerText()).toBe(fingerprint256);
    expect(stage.world.sap.log.all().length).toBe(asked);
    expect(await accessibilityFaults(settings)).toEqual([]);
    expect(await cutParts(settings)).toEqual([]);
    await frame.getByRole('button', { name: 'This is our server' }).click();
    await frame.getByText('Connected', { exact: true }).waitFor();
    // The one that was named beforehand is still accepted, until somebody takes it off.
    await frame.getByRole('button', { name: `No longer accept ${ANOTHER.slice(0, 11)}` }).click();
    await expect.poll(() => frame.locator('.slots .fingerprint').count()).toBe(1);
  });

  it('leads whoever Pipedrive no longer accepts to the install link, in the settings and in a panel', async () => {
    const grant = stage.world.pipedrive.grants.of(COMPANY, REP);
    if (!grant) throw new Error('The rep has no grant.');
    grant.accessTokens.clear();
    grant.refreshToken = 'dead';
    const panel = await openFramed(stage, `deal/${stage.makeDeal()}`, { userId: REP });
    await panel.frame.getByRole('heading', { name: 'Install the app again' }).waitFor();
    const inPanel = panel.frame.getByRole('link', { name: /Install the app again/ });
    expect(await inPanel.getAttribute('href')).toBe(`${stage.app.url}/oauth/install`);
    expect(await panel.frame.getByRole('button', { name: 'Open settings' }).count()).toBe(0);
    expect(await accessibilityFaults(panel)).toEqual([]);
    const settings = await openFramed(stage, SETTINGS, { userId: REP });
    await settings.frame.getByText('Pipedrive no longer accepts this app for you').waitFor();
    expect(await settings.frame.getByText('Only admins').count()).toBe(0);
    expect(await accessibilityFaults(settings)).toEqual([]);
    await stage.app.install(COMPANY, REP);
    await panel.frame.getByRole('button', { name: 'Try again' }).click();
    await panel.frame.locator('main section').first().waitFor();
  });

  it('shows the sheet for the SAP partner, and gives it as text', async () => {
    const settings = await open();
    const { frame } = settings;
    await frame.getByRole('button', { name: 'Sheet for your SAP partner' }).click();
    await frame.getByRole('article').waitFor();
    const href = await frame.getByRole('link', { name: 'Save as text' }).getAttribute('href');
    expect(decodeURIComponent(href ?? '')).toContain('Name: PD_Key');
    expect(await accessibilityFaults(settings)).toEqual([]);
    expect(await cutParts(settings)).toEqual([]);
    await narrow(settings);
    expect(await cutParts(settings)).toEqual([]);
    expect(settings.troubles).toEqual([]);
  });

  it('connects with a pasted certificate: nothing has to be compared by eye', async () => {
    // The checks above used up what may be tried in an hour.
    stage.world.clock.advance(HOUR_MS);
    const { certificatePem, url } = stage.world.sap;
    const settings = await open();
    const { frame, page } = settings;
    await frame.getByRole('button', { name: 'Disconnect…' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await frame.getByLabel('Address of your SAP Service Layer').fill(`${url}/b1s/v2`);
    await frame.getByText('More ways to connect').click();
    await frame.getByLabel('Certificate of the server, or of your own authority').fill(certificatePem);
    await frame.getByLabel('Fingerprint of the next certificate').fill(ANOTHER);
    expect(await accessibilityFaults(settings)).toEqual([]);
    await narrow(settings);
    expect(await cutParts(settings)).toEqual([]);
    await frame.getByRole('button', { name: 'Look at this server' }).click();
    await frame.getByText('The certificate you pasted vouches for').waitFor();
    await frame.getByLabel('Company database').fill(COMPANY_DB);
    await frame.getByLabel('SAP user').fill(SAP_USER);
    await frame.getByLabel('Password').fill(SAP_PASSWORD);
    await frame.getByRole('button', { name: 'Connect', exact: true }).click();
    await frame.getByText('Connected', { exact: true }).waitFor();
    expect(await frame.locator('.slots .fingerprint').allInnerTexts()).toEqual([
      stage.world.sap.fingerprint256,
      ANOTHER,
    ]);
    expect(settings.troubles).toEqual([]);
  });
});

import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PageData } from '../../practice/pages/browser/page-data.ts';
import { ADMIN, REP, type Rig, startRig } from './harness.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig(
    {},
    { extensionUrls: { panel: 'http://localhost:3000/panel', settings: 'http://localhost:3000/settings' } },
  );
});
afterEach(() => rig.pipedrive.close());

async function page(path: string, userId: number) {
  const response = await fetch(rig.company.pageUrl(path, userId));
  const text = await response.text();
  const [, json = 'null'] = /id="page-data">(.*?)<\/script>/.exec(text) ?? [];
  const data: PageData | null = JSON.parse(json);
  return { status: response.status, text, data };
}

const secret = new TextEncoder().encode('jwt-secret');

describe('practice Pipedrive: pages', () => {
  it('frames the panel on deal, organization and person for users who installed the app, others see Install', async () => {
    const org = rig.company.createOrganization({ name: 'Müller & <Söhne>' });
    const person = rig.company.createPerson({ name: 'Eva', org_id: org.id });
    const deal = rig.company.createDeal({ title: 'Chairs', org_id: org.id, person_id: person.id });
    await rig.tokenOf(ADMIN.id);
    for (const [resource, id] of [
      ['deal', deal.id],
      ['organization', org.id],
      ['person', person.id],
    ] as const) {
      const shown = await page(`${resource}/${id}`, ADMIN.id);
      expect(shown.data?.frame).toEqual({
        surface: 'panel',
        url: 'http://localhost:3000/panel',
        resource,
        selectedIds: String(id),
      });
      expect(shown.text).toContain('Müller &amp; &lt;Söhne&gt;');
    }
    const asRep = await page(`deal/${deal.id}`, REP.id);
    expect(asRep.data?.frame).toBeNull();
    expect(asRep.text).toContain('You have not installed this app.');
    const settings = await page('settings/marketplace/app/app-1/app-settings', ADMIN.id);
    expect(settings.data?.frame).toEqual({ surface: 'settings', url: 'http://localhost:3000/settings' });
  });

  it('SE-21 signs frame tokens with HS256 for five minutes and gives the same one until it ends', async () => {
    const token = async () => {
      const answer: { token: string } = await (await fetch(`${rig.company.apiDomain}/_page/token?as=43`)).json();
      return answer.token;
    };
    const first = await token();
    const at = { currentDate: new Date(rig.clock.now()), algorithms: ['HS256'] };
    const { payload } = await jwtVerify(first, secret, at);
    expect(payload).toMatchObject({ userId: 43, companyId: 1234567 });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    rig.clock.advance(200_000);
    expect(await token()).toBe(first);
    rig.clock.advance(100_000);
    expect(await token()).not.toBe(first);
    const short = rig.pipedrive.signToken({ userId: 42, companyId: 1 }, { expiresInSeconds: -1 });
    await expect(jwtVerify(short, secret, { currentDate: new Date(rig.clock.now()) })).rejects.toThrow('exp');
  });

  it('wins a deal as the user who looks at it, and adds lines at list price', async () => {
    const product = rig.company.createProduct({ name: 'Desk', prices: [{ currency: 'EUR', price: 615 }] });
    const deal = rig.company.createDeal({ title: 'Desks' });
    const post = (what: string, form: Record<string, string>) =>
      fetch(`${rig.company.apiDomain}/_page/deal/${deal.id}/${what}?as=43`, {
        method: 'POST',
        body: new URLSearchParams(form),
        redirect: 'manual',
      });
    await post('lines', { product_id: String(product.id), quantity: '2', item_price: '' });
    await post('status', { status: 'won' });
    expect(rig.company.deal(deal.id)).toMatchObject({ status: 'won', value: 1230 });
    expect((await page(`deal/${deal.id}`, REP.id)).text).toContain('€1,230.00');
  });

  it('hides what the user may not see and serves its scripts without types', async () => {
    const deal = rig.company.createDeal({ title: 'Private', visible_to: 1 });
    expect((await page(`deal/${deal.id}`, REP.id)).status).toBe(404);
    expect((await page('', REP.id)).text).not.toContain('Private');
    for (const name of ['main', 'host', 'mount-frame', 'frame-protocol', 'dialogs', 'sizes', 'page-data']) {
      const script = await fetch(`${rig.company.apiDomain}/_page/${name}.ts`);
      expect([name, script.status, script.headers.get('content-type')]).toEqual([
        name,
        200,
        'text/javascript; charset=utf-8',
      ]);
      expect(await script.text()).not.toMatch(/\binterface\b|import type/);
    }
    expect((await fetch(`${rig.company.apiDomain}/_page/nothing.ts`)).status).toBe(404);
  });
});

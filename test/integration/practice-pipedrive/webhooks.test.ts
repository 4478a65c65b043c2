import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REP, type Rig, startRig } from './harness.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let rig: Rig;
let receiver: Receiver;
beforeEach(async () => {
  [rig, receiver] = await Promise.all([startRig(), startReceiver()]);
});
afterEach(async () => {
  await Promise.all([rig.pipedrive.close(), receiver.close()]);
});

function subscribe(body: object = {}, options = {}) {
  const hook = {
    subscription_url: `${receiver.url}/hook/s3cret`,
    event_action: '*',
    event_object: '*',
    name: 'test',
    version: '2.0',
    http_auth_user: 'u',
    http_auth_password: 'p',
    ...body,
  };
  return rig.call('POST', '/v1/webhooks', hook, options);
}

describe('practice Pipedrive: webhooks', () => {
  it('delivers a won deal in format 2.0 with Basic credentials, string ids and old values', async () => {
    const made = await subscribe({ event_object: 'deal' });
    expect(made.status).toBe(201);
    const deal = rig.company.createDeal({ title: 'Chairs', owner: REP.id });
    rig.company.win(deal.id, REP.id);
    await rig.pipedrive.settled();
    expect(receiver.received).toHaveLength(2);
    const won = receiver.received.find(({ body }) => body.meta.action === 'change');
    expect(won?.headers['authorization']).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
    expect(won?.body.data).toMatchObject({ id: deal.id, status: 'won', visible_to: '3' });
    expect(won?.body.previous).toMatchObject({ status: 'open', won_time: null });
    expect(won?.body.previous).not.toHaveProperty('title');
    expect(won?.body.meta).toMatchObject({
      entity: 'deal',
      entity_id: String(deal.id),
      company_id: '1234567',
      user_id: '43',
      webhook_id: String(made.body.data.id),
      change_source: 'app',
      type: 'application',
      attempt: 1,
      permitted_user_ids: ['42', '43'],
    });
  });

  it('speaks format 1.0 where the hook asks for it', async () => {
    await subscribe({ version: '1.0', event_action: 'updated', event_object: 'organization' });
    const org = rig.company.createOrganization({ name: 'Old' });
    rig.company.updateOrganization(org.id, { name: 'New' });
    await rig.pipedrive.settled();
    expect(receiver.received.map(({ body }) => body)).toMatchObject([
      {
        v: 1,
        event: 'updated.organization',
        retry: 0,
        meta: { object: 'organization', id: org.id, company_id: 1234567 },
        current: { name: 'New' },
        previous: { name: 'Old' },
      },
    ]);
  });

  it('says change_source api for changes through the API, also for line edits', async () => {
    await subscribe();
    const product = rig.company.createProduct({ name: 'P' });
    const deal = rig.company.createDeal({ title: 'D' });
    await rig.pipedrive.settled();
    receiver.received.length = 0;
    await rig.call('POST', `/api/v2/deals/${deal.id}/products`, { product_id: product.id, item_price: 2, quantity: 2 });
    await rig.pipedrive.settled();
    const told = receiver.received.map(
      ({ body }) => `${body.meta.action} ${body.meta.entity} ${body.meta.change_source}`,
    );
    expect(told.sort()).toEqual(['change deal api', 'create deal_product api']);
  });

  it('repeats after 3, 30 and 150 seconds of the clock with the same event id, then drops the event', async () => {
    receiver.answer = 500;
    await subscribe({ event_object: 'deal' });
    rig.company.createDeal({ title: 'D' });
    await rig.pipedrive.settled();
    for (const [ms, attempts] of [
      [2_999, 1],
      [1, 2],
      [30_000, 3],
      [150_000, 4],
      [9_000_000, 4],
    ] as const) {
      rig.clock.advance(ms);
      await rig.pipedrive.settled();
      expect(receiver.received).toHaveLength(attempts);
    }
    expect(receiver.received.map(({ body }) => body.meta.attempt)).toEqual([1, 2, 3, 4]);
    expect(new Set(receiver.received.map(({ body }) => body.meta.id)).size).toBe(1);
  });

  it('bans a hook for 30 minutes after ten failed first attempts, and deletes it after three days', async () => {
    receiver.answer = 401;
    await subscribe({ event_object: 'organization', event_action: 'create' });
    const make = async () => {
      rig.company.createOrganization({ name: 'O' });
      await rig.pipedrive.settled();
    };
    for (let n = 0; n < 12; n += 1) await make();
    expect(receiver.received).toHaveLength(10);
    expect((await rig.call('GET', '/v1/webhooks')).body.data).toMatchObject([{ is_active: 0, last_http_status: 401 }]);
    rig.clock.advance(31 * 60_000);
    await rig.pipedrive.settled();
    receiver.received.length = 0;
    await make();
    expect(receiver.received).toHaveLength(1);
    rig.clock.advance(3 * 24 * 3_600_000);
    await make();
    expect(rig.company.webhooks()).toEqual([]);
  });

  it('loses, doubles, delays, reorders and spoils deliveries on command', async () => {
    await subscribe({ event_object: 'organization', event_action: 'create' });
    const { faults } = rig.pipedrive.webhooks;
    const make = async (name: string) => {
      rig.company.createOrganization({ name });
      await rig.pipedrive.settled();
    };
    const names = () => receiver.received.map(({ body, text }) => body?.data.name ?? text);
    faults.add({ fault: { kind: 'lose' } });
    await make('lost');
    faults.add({ fault: { kind: 'double' } });
    await make('double');
    faults.add({ fault: { kind: 'delay', ms: 5_000 } });
    await make('late');
    faults.add({ fault: { kind: 'body', body: 'no json' } });
    await make('spoilt');
    faults.add({ fault: { kind: 'reorder' } });
    await make('second');
    await make('first');
    expect(names()).toEqual(['double', 'double', 'no json', 'first', 'second']);
    rig.clock.advance(5_000);
    await rig.pipedrive.settled();
    expect(names().at(-1)).toBe('late');
    expect(rig.pipedrive.webhooks.waiting()).toBe(0);
  });

  it('WH-01 can sign deliveries with HMAC-SHA256 over the exact bytes', async () => {
    await subscribe({ event_object: 'organization' });
    rig.company.state.switches.signature = {
      secret: 'whsec',
      header: 'x-pipedrive-signature',
      encoding: 'hex',
      prefix: 'sha256=',
    };
    rig.company.createOrganization({ name: 'Signed' });
    await rig.pipedrive.settled();
    const [delivery] = receiver.received;
    const expected = createHmac('sha256', 'whsec')
      .update(delivery?.text ?? '')
      .digest('hex');
    expect(delivery?.headers['x-pipedrive-signature']).toBe(`sha256=${expected}`);
  });

  it('refuses a target that nobody answers at, unknown objects, and hides hooks of the app from nobody but it', async () => {
    rig.company.state.switches.probeWebhookTargets = true;
    expect((await subscribe({ event_object: 'deal' })).status).toBe(201);
    const dead = await subscribe({ subscription_url: 'http://127.0.0.1:9/x' });
    expect(dead.status).toBe(400);
    expect(dead.body.errors).toHaveProperty('subscription_url');
    expect((await subscribe({ event_object: 'invoice' })).body.errors).toHaveProperty('event_object');
    const [hook] = (await rig.call('GET', '/v1/webhooks')).body.data;
    expect((await rig.call('DELETE', `/v1/webhooks/${hook.id}`)).status).toBe(200);
    expect((await rig.call('DELETE', `/v1/webhooks/${hook.id}`)).status).toBe(404);
  });

  it('tells a hook only what its user may see', async () => {
    await subscribe({ event_object: 'deal' }, { userId: REP.id });
    rig.company.createDeal({ title: 'private', visible_to: 1 });
    await rig.pipedrive.settled();
    expect(receiver.received).toHaveLength(0);
  });

  it('WH-12 uninstall deletes the hooks of that user and calls DELETE on the callback with Basic credentials', async () => {
    await subscribe({ event_object: 'deal' });
    rig.pipedrive.app.callbackUrl = `${receiver.url}/oauth/callback`;
    expect(await rig.pipedrive.uninstall(1234567, 42)).toBe(200);
    expect(rig.company.webhooks()).toEqual([]);
    expect((await rig.call('GET', '/v1/users/me')).status).toBe(401);
    const [notice] = receiver.received;
    expect(notice).toMatchObject({
      method: 'DELETE',
      path: '/oauth/callback',
      headers: { authorization: `Basic ${Buffer.from('app-1:app-secret').toString('base64')}` },
      body: { client_id: 'app-1', company_id: 1234567, user_id: 42 },
    });
  });
});

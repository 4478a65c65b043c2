import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig } from './harness.ts';
import { type Receiver, startReceiver } from './receiver.ts';

let rig: Rig;
let receiver: Receiver;
beforeEach(async () => {
  [rig, receiver] = await Promise.all([startRig(), startReceiver()]);
});
afterEach(async () => {
  await Promise.all([rig.pipedrive.close(), receiver.close()]);
});

function subscribe(body: object, options = {}) {
  const hook = { subscription_url: receiver.url, event_action: '*', name: 'n', version: '2.0', ...body };
  return rig.call('POST', '/v1/webhooks', hook, options);
}

async function heard() {
  await rig.pipedrive.settled();
  return receiver.received.map(({ body }) => body);
}

describe('practice Pipedrive: merges', () => {
  it('TE-04 moves persons and deals to the winner, hides the loser, and fills what the winner lacks', async () => {
    const { company } = rig;
    const code = company.createField('organization', { field_name: 'SAP code', field_type: 'varchar' }).field_code;
    const loser = company.createOrganization({
      name: 'Acme Gmbh',
      website: 'x.example',
      custom_fields: { [code]: 'C1' },
    });
    const winner = company.createOrganization({ name: 'Acme' });
    const deal = company.createDeal({ title: 'D', org_id: loser.id });
    const person = company.createPerson({ name: 'Eva', org_id: loser.id });
    const merged = await rig.call('PUT', `/api/v1/organizations/${loser.id}/merge`, { merge_with_id: winner.id });
    expect([merged.status, merged.body.data.id]).toEqual([200, winner.id]);
    expect((await rig.call('GET', `/api/v2/organizations/${loser.id}`)).status).toBe(404);
    const kept = await rig.call('GET', `/api/v2/organizations/${winner.id}`);
    expect(kept.body.data).toMatchObject({ name: 'Acme', website: 'x.example', custom_fields: { [code]: 'C1' } });
    expect([company.deal(deal.id).org_id, company.updatePerson(person.id, {}).org_id]).toEqual([winner.id, winner.id]);
    const self = await rig.call('PUT', `/api/v1/organizations/${winner.id}/merge`, { merge_with_id: winner.id });
    expect(self.status).toBe(400);
  });

  it('tells format 2.0 twice, each event naming the other record, and format 1.0 as merged', async () => {
    await subscribe({ event_object: 'organization' });
    await subscribe({ event_object: 'organization', version: '1.0', event_action: 'merged' });
    const loser = rig.company.createOrganization({ name: 'Loser' });
    const winner = rig.company.createOrganization({ name: 'Winner' });
    await heard();
    receiver.received.length = 0;
    rig.company.merge('organization', loser.id, winner.id);
    const bodies = await heard();
    const v2 = bodies.filter(({ meta }) => meta.version === '2.0');
    expect(v2.find(({ meta }) => meta.action === 'delete')).toMatchObject({
      data: null,
      previous: { name: 'Loser' },
      meta: { entity_id: String(loser.id), merged_to_id: String(winner.id) },
    });
    expect(v2.find(({ meta }) => meta.action === 'change')).toMatchObject({
      data: { name: 'Winner' },
      meta: { entity_id: String(winner.id), merged_from_id: String(loser.id) },
    });
    expect(bodies.filter(({ v }) => v === 1)).toMatchObject([
      {
        event: 'merged.organization',
        meta: { action: 'merged', id: winner.id },
        current: { id: winner.id, merge_what_id: loser.id },
        previous: { id: loser.id, name: 'Loser' },
      },
    ]);
  });

  it('adds up persons and the lines of deals', () => {
    const { company } = rig;
    const email = (value: string) => ({ value, primary: true, label: 'work' });
    const first = company.createPerson({ name: 'Eva', emails: [email('a@x.example')] });
    const second = company.createPerson({ name: 'Eva K', emails: [email('b@x.example')] });
    company.merge('person', first.id, second.id);
    expect(company.persons().map((row) => row.emails.map(({ value }) => value))).toEqual([
      ['b@x.example', 'a@x.example'],
    ]);
    const product = company.createProduct({ name: 'P' });
    const line = { product_id: product.id, item_price: 1, quantity: 1 };
    const [one, two] = [
      company.createDeal({ title: 'A', lines: [line] }),
      company.createDeal({ title: 'B', lines: [line] }),
    ];
    company.merge('deal', one.id, two.id);
    expect(company.deal(two.id).lines).toHaveLength(2);
    expect(company.deal(one.id)).toMatchObject({ status: 'deleted', is_deleted: true });
  });
});

describe('practice Pipedrive: what else is told', () => {
  it('user events carry the user number for an event id, seconds, and nobody who may see', async () => {
    await subscribe({ event_object: 'user' });
    rig.company.addUser({ id: 50, name: 'Neu', email: 'neu@acme.example' });
    rig.company.updateUser(50, { active_flag: false });
    const [made, gone] = await heard();
    expect(made).toMatchObject({ data: { id: '50', active_flag: true }, meta: { action: 'create', id: '50' } });
    expect(gone).toMatchObject({
      data: { active_flag: false },
      previous: { active_flag: true },
      meta: { action: 'change', entity_id: '50', timestamp: Math.floor(rig.clock.now() / 1000) },
    });
    expect(gone.meta).not.toHaveProperty('permitted_user_ids');
  });

  it('marks bulk edits in both formats', async () => {
    await subscribe({ event_object: 'deal', event_action: 'change' });
    await subscribe({ event_object: 'deal', event_action: 'updated', version: '1.0' });
    const ids = [1, 2].map((n) => rig.company.createDeal({ title: `D${n}` }).id);
    rig.company.bulkUpdate('deal', ids, { expected_close_date: '2026-12-31' });
    const bodies = await heard();
    expect(bodies).toHaveLength(4);
    for (const { v, meta } of bodies) expect(v === 1 ? meta.is_bulk_update : meta.is_bulk_edit).toBe(true);
  });

  it('accepts deal_product or refuses it, and stops at 40 hooks of a user with 422', async () => {
    expect((await subscribe({ event_object: 'deal_product' })).status).toBe(201);
    rig.company.state.switches.dealProductHooks = false;
    const refused = await subscribe({ event_object: 'deal_product' });
    expect([refused.status, Object.keys(refused.body.errors)]).toEqual([400, ['event_object']]);
    for (let n = 1; n < 40; n += 1) await subscribe({ event_object: 'deal' });
    expect((await subscribe({ event_object: 'deal' })).status).toBe(422);
  });

  it('gives a personal API token hooks of its own of the type general', async () => {
    const apiToken = rig.company.users()[0]?.api_token ?? '';
    await subscribe({ event_object: 'deal' }, { apiToken });
    await subscribe({ event_object: 'deal' });
    const types = async (options = {}) =>
      (await rig.call('GET', '/v1/webhooks', undefined, options)).body.data.map((hook: { type: string }) => hook.type);
    expect(await types({ apiToken })).toEqual(['general']);
    expect(await types()).toEqual(['application']);
    rig.company.createDeal({ title: 'D' });
    expect((await heard()).map(({ meta }) => meta.type).sort()).toEqual(['application', 'general']);
  });

  it('F28 F30 can write seconds, change the event id with each try, and lose or ban a subscription', async () => {
    const { switches } = rig.company.state;
    Object.assign(switches, { hookTime: 'seconds', eventIdsStay: false });
    const hook = (await subscribe({ event_object: 'deal' })).body.data.id;
    receiver.answer = 500;
    rig.company.createDeal({ title: 'D' });
    await rig.pipedrive.settled();
    rig.clock.advance(3_000);
    const bodies = await heard();
    expect(new Set(bodies.map(({ meta }) => meta.id)).size).toBe(2);
    expect(bodies[0].meta.timestamp).toBe(Math.floor((rig.clock.now() - 3_000) / 1000));
    rig.company.banWebhook(hook);
    rig.company.createDeal({ title: 'E' });
    expect(await heard()).toHaveLength(2);
    expect((await rig.call('GET', '/v1/webhooks')).body.data).toMatchObject([{ is_active: 0 }]);
    rig.company.removeWebhook(hook);
    expect((await rig.call('GET', '/v1/webhooks')).body.data).toEqual([]);
  });
});

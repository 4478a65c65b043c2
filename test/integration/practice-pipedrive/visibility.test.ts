import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN, REP, type Rig, startRig } from './harness.ts';
import { startReceiver } from './receiver.ts';

let rig: Rig | undefined;
afterEach(() => rig?.pipedrive.close());

const start = async (...options: Parameters<typeof startRig>) => {
  rig = await startRig(...options);
  return rig;
};
const DAY_MS = 24 * 3_600_000;

describe('practice Pipedrive: who sees what', () => {
  it('knows groups on Premium: the owner’s, with those below, or everybody', async () => {
    const sub = { id: 44, name: 'Cem Sub', email: 'cem@acme.example', group: 3 };
    const other = { id: 45, name: 'Dora Else', email: 'dora@acme.example', group: 2 };
    const target = await start({
      plan: 'premium',
      groups: { 1: null, 2: 1, 3: 1 },
      users: [ADMIN, { ...REP, group: 1 }, sub, other],
    });
    const seen = async (owner: number, visible_to: number) => {
      const body = { title: 'D', owner_id: owner, visible_to };
      const { id } = (await target.call('POST', '/api/v2/deals', body)).body.data;
      const users: number[] = [];
      for (const userId of [REP.id, sub.id, other.id]) {
        const answer = await target.call('GET', `/api/v2/deals/${id}`, undefined, { userId });
        if (answer.status === 200) users.push(userId);
        else expect(answer.status).toBe(404);
      }
      return users;
    };
    expect(await seen(other.id, 1)).toEqual([other.id]);
    expect(await seen(other.id, 3)).toEqual([other.id]);
    expect(await seen(REP.id, 3)).toEqual([REP.id]);
    expect(await seen(REP.id, 5)).toEqual([REP.id, sub.id, other.id]);
    expect(await seen(sub.id, 5)).toEqual([sub.id]);
    expect(await seen(sub.id, 7)).toEqual([REP.id, sub.id, other.id]);
    const fresh = await target.call('POST', '/api/v2/deals', { title: 'D' });
    expect(fresh.body.data.visible_to).toBe(7);
  });

  it('tells a hook’s user nothing any more once that user is inactive', async () => {
    const [target, receiver] = [await start(), await startReceiver()];
    const hook = { subscription_url: receiver.url, event_action: '*', event_object: 'deal', name: 'n' };
    await target.call('POST', '/v1/webhooks', hook, { userId: REP.id });
    target.company.updateUser(REP.id, { active_flag: false });
    target.company.createDeal({ title: 'D' });
    await target.pipedrive.settled();
    expect(receiver.received).toEqual([]);
    await receiver.close();
  });
});

describe('practice Pipedrive: archived and deleted deals, limits of the plan', () => {
  it('reaches archived deals through their own list only, unless told otherwise', async () => {
    const target = await start();
    const { id } = target.company.createDeal({ title: 'Old' });
    target.company.archiveDeal(id);
    const path = `/api/v2/deals/${id}`;
    const listed = async (name: string) => (await target.call('GET', `/api/v2/${name}`)).body.data;
    expect(await listed('deals')).toEqual([]);
    expect(await listed(`deals?ids=${id}`)).toEqual([]);
    expect(await listed(`deals/archived?ids=${id}`)).toMatchObject([
      { id, is_archived: true, archive_time: '2026-11-23 09:00:00' },
    ]);
    expect((await target.call('GET', path)).status).toBe(404);
    expect((await target.call('PATCH', path, { title: 'New' })).status).toBe(404);
    target.company.state.switches.archivedDealsAnswer = true;
    expect((await target.call('GET', path)).status).toBe(200);
    expect((await target.call('PATCH', path, { is_archived: false })).body.data).toMatchObject({ archive_time: null });
    expect(await listed('deals')).toHaveLength(1);
  });

  it('keeps deleted deals for thirty days', async () => {
    const target = await start();
    const { id } = target.company.createDeal({ title: 'Gone' });
    target.company.deleteDeal(id);
    const deleted = async () => {
      const issued = target.pipedrive.grants.refresh((await target.tokenOf(ADMIN.id)).refresh);
      const token = issued?.accessToken ?? '';
      return (await target.call('GET', '/api/v2/deals?status=deleted', undefined, { token })).body.data;
    };
    target.clock.advance(30 * DAY_MS);
    expect(await deleted()).toMatchObject([{ id, status: 'deleted' }]);
    target.clock.advance(1_000);
    expect(await deleted()).toEqual([]);
  });

  it('refuses one open deal too many with feature_capping_deals_limit, also by reopening', async () => {
    const target = await start({ seats: 1 });
    target.company.state.switches.openDealsPerSeat = 2;
    const lost = target.company.createDeal({ title: 'A' });
    target.company.updateDeal(lost.id, { status: 'lost' });
    for (const title of ['B', 'C']) target.company.createDeal({ title });
    const capped = await target.call('POST', '/api/v2/deals', { title: 'D' });
    expect([capped.status, capped.body.code]).toEqual([403, 'feature_capping_deals_limit']);
    expect((await target.call('PATCH', `/api/v2/deals/${lost.id}`, { status: 'open' })).status).toBe(403);
    expect((await target.call('POST', '/api/v2/deals', { title: 'Won', status: 'won' })).status).toBe(200);
  });
});

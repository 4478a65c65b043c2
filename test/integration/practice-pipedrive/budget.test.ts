import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN, type Rig, startRig } from './harness.ts';

let rig: Rig | undefined;
afterEach(() => rig?.pipedrive.close());

const start = async (...options: Parameters<typeof startRig>) => {
  const made = await startRig(...options);
  rig = made;
  await made.tokenOf(ADMIN.id);
  return made;
};
const ME = '/v1/users/me';

describe('practice Pipedrive: what a call costs', () => {
  it('AP-01 charges failed and unanswered calls, or lets them go free', async () => {
    const target = await start();
    const { switches } = target.company.state;
    const spoil = async (kind: 'status' | 'drop_before' | 'drop_after_commit') => {
      const fault = kind === 'status' ? ({ kind, status: 500 } as const) : { kind };
      target.pipedrive.faults.add({ match: { path: /deals/ }, fault });
      await target.call('GET', '/api/v2/deals').catch(() => undefined);
      return target.company.tokensSpent();
    };
    expect(await spoil('status')).toBe(10);
    expect(await spoil('drop_before')).toBe(20);
    expect(await spoil('drop_after_commit')).toBe(30);
    await target.call('GET', '/api/v2/deals/77');
    expect(target.company.tokensSpent()).toBe(31);
    Object.assign(switches, { failedCallsCost: false, unansweredCallsCost: false });
    expect(await spoil('status')).toBe(31);
    expect(await spoil('drop_before')).toBe(31);
    await target.call('GET', '/api/v2/deals/77');
    expect(target.company.tokensSpent()).toBe(31);
  });

  it('charges a call over the limit as any that fails, and never a stranger', async () => {
    const target = await start({ burstLimit: 1 });
    expect((await target.call('GET', ME)).status).toBe(200);
    expect((await target.call('GET', '/api/v2/deals')).status).toBe(429);
    expect((await target.call('GET', '/api/v2/deals', undefined, { token: 'nobody' })).status).toBe(401);
    expect(target.company.tokensSpent()).toBe(2 + 10);
  });

  it('F21 F22 leaves limits’ headers out, on every second answer or on all, and says 429 in other words', async () => {
    const target = await start({ seats: 1 });
    const { switches } = target.company.state;
    const told = async (name: string) => (await target.call('GET', ME)).headers.has(name);
    switches.dailyHeaders = 'some';
    const day = 'x-daily-ratelimit-token-remaining';
    expect([await told(day), await told(day), await told(day), await told(day)].filter(Boolean)).toHaveLength(2);
    Object.assign(switches, { burstHeaders: false, dailyHeaders: false, retryAfter: false, limitBody: 'text' });
    expect(await told('x-ratelimit-limit')).toBe(false);
    target.company.spendAsOtherApp(30_000);
    const over = await target.call('GET', ME);
    expect([over.status, over.text]).toEqual([429, 'Request over limit']);
    for (const name of [day, 'retry-after', 'x-ratelimit-reset']) expect(over.headers.has(name)).toBe(false);
    switches.limitBody = 'empty';
    expect((await target.call('GET', ME)).text).toBe('');
  });

  it('F22 counts Retry-After to the midnight of the account’s zone', async () => {
    const target = await start({ seats: 1, budgetTimeZone: 'Asia/Kolkata' });
    target.company.spendAsOtherApp(30_000);
    const over = await target.call('GET', ME);
    expect(over.headers.get('retry-after')).toBe(String(9.5 * 3_600));
  });

  it('F23 blocks those who go on after the day is over', async () => {
    const target = await start({ seats: 1 });
    target.company.spendAsOtherApp(30_000);
    target.company.state.burst.setLimit(10_000);
    let last = await target.call('GET', ME);
    for (let n = 0; n < 105; n += 1) last = await target.call('GET', ME);
    expect([last.status, last.headers.get('server')]).toEqual([403, 'cloudflare']);
  });

  it('gives a personal API token a quarter of the window, and counts it apart', async () => {
    const target = await start({ burstLimit: 80 });
    const apiToken = target.company.users()[0]?.api_token ?? '';
    const statuses: number[] = [];
    for (let n = 0; n < 21; n += 1) statuses.push((await target.call('GET', ME, undefined, { apiToken })).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    const app = await target.call('GET', ME);
    expect([app.status, app.headers.get('x-ratelimit-limit')]).toEqual([200, '80']);
    target.company.updateUser(ADMIN.id, { api_token: 'another' });
    target.clock.advance(2_000);
    expect((await target.call('GET', ME, undefined, { apiToken })).status).toBe(401);
  });

  it('moves budget and window with the plan', async () => {
    const target = await start({ burstLimit: 80, seats: 1 });
    target.company.changePlan('premium', 2);
    const answer = await target.call('GET', ME);
    expect(answer.headers.get('x-daily-ratelimit-token-limit')).toBe('300000');
    expect(answer.headers.get('x-ratelimit-limit')).toBe('400');
  });
});

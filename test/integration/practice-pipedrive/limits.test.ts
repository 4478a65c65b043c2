import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN, REP, type Rig, startRig } from './harness.ts';

let rig: Rig | undefined;
afterEach(() => rig?.pipedrive.close());

const dealPath = '/api/v2/deals/1';

describe('practice Pipedrive: token budget and burst', () => {
  it('charges by the official price, failed calls too, and shares the day with other apps', async () => {
    rig = await startRig({ seats: 1 });
    const first = await rig.call('GET', '/api/v2/deals');
    expect(first.headers.get('x-daily-ratelimit-token-limit')).toBe('30000');
    await rig.call('GET', dealPath);
    await rig.call('POST', '/api/v2/deals', { bogus: 1 });
    expect(rig.company.tokensSpent()).toBe(10 + 1 + 5);
    rig.company.state.budget.chargeOtherApp(29_980);
    const last = await rig.call('GET', '/api/v2/deals');
    expect([last.status, last.headers.get('x-daily-ratelimit-token-remaining')]).toEqual([200, '0']);
    const over = await rig.call('GET', dealPath);
    expect(over.status).toBe(429);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(3_600);
    expect((await rig.call('GET', dealPath, undefined, { userId: REP.id })).status).toBe(429);
    rig.clock.set(Date.parse('2026-11-24T00:00:01Z'));
    const { access_token } = await refreshed(rig);
    expect((await rig.call('GET', '/api/v2/deals', undefined, { token: access_token })).status).toBe(200);
    expect(rig.company.tokensSpent()).toBe(10);
  });

  it('turns the day where the account is, and may leave the daily headers out', async () => {
    rig = await startRig({ budgetTimeZone: 'America/New_York' });
    await rig.call('GET', '/api/v2/deals');
    rig.clock.set(Date.parse('2026-11-24T04:59:00Z'));
    expect(rig.company.tokensSpent()).toBe(10);
    rig.clock.set(Date.parse('2026-11-24T05:00:00Z'));
    expect(rig.company.tokensSpent()).toBe(0);
    rig.company.state.switches.dailyHeaders = false;
    const { access_token } = await refreshed(rig);
    const answer = await rig.call('GET', '/api/v2/deals', undefined, { token: access_token });
    expect(answer.headers.has('x-daily-ratelimit-token-limit')).toBe(false);
  });

  it('allows 80 calls per user in any two seconds on Lite, and 10 searches', async () => {
    rig = await startRig({ burstLimit: 80 });
    const statuses: number[] = [];
    for (let n = 0; n < 82; n += 1) statuses.push((await rig.call('GET', '/v1/users/me')).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(80);
    const over = await rig.call('GET', '/v1/users/me');
    expect([over.status, over.headers.get('x-ratelimit-remaining')]).toEqual([429, '0']);
    expect((await rig.call('GET', '/v1/users/me', undefined, { userId: REP.id })).status).toBe(200);
    rig.clock.advance(2_000);
    for (let n = 0; n < 10; n += 1) await rig.call('GET', '/api/v2/persons/search?term=ab');
    expect((await rig.call('GET', '/api/v2/persons/search?term=ab')).status).toBe(429);
    expect((await rig.call('GET', '/v1/users/me')).status).toBe(200);
  });

  it('answers with an HTML 403 to those who hammer on', async () => {
    rig = await startRig({ burstLimit: 1 });
    let last = await rig.call('GET', '/v1/users/me');
    for (let n = 0; n < 110; n += 1) last = await rig.call('GET', '/v1/users/me');
    expect([last.status, last.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
    rig.clock.advance(61_000);
    expect((await rig.call('GET', '/v1/users/me')).status).toBe(200);
  });
});

describe('practice Pipedrive: faults on command', () => {
  it('drops before or after the commit, breaks answers, ends tokens, holds requests', async () => {
    rig = await startRig();
    const { faults } = rig.pipedrive;
    const post = (name: string) => rig?.call('POST', '/api/v2/organizations', { name });
    const match = { method: 'POST', path: /organizations/ };
    const names = () => rig?.company.organizations().map(({ name }) => name);
    faults.add({ match, fault: { kind: 'drop_before' } });
    await expect(post('a')).rejects.toThrow();
    expect(names()).toEqual([]);
    faults.add({ match, fault: { kind: 'drop_after_commit' } });
    await expect(post('b')).rejects.toThrow();
    expect(names()).toEqual(['b']);
    faults.add({ match, fault: { kind: 'truncated_json' } });
    expect((await post('c'))?.body).toBeUndefined();
    faults.add({ match, fault: { kind: 'status', status: 503, body: '<html>maintenance</html>' } });
    expect((await post('d'))?.status).toBe(503);
    faults.add({ match, fault: { kind: 'html_403' } });
    expect((await post('d'))?.text).toContain('Cloudflare');
    faults.add({ match, fault: { kind: 'rate_limit_burst' } });
    expect((await post('d'))?.status).toBe(429);
    const held = faults.add({ match, fault: { kind: 'slow' } });
    const pending = post('e');
    await rig.call('GET', '/v1/users/me');
    expect(names()).toEqual(['b', 'c']);
    held.release();
    expect((await pending)?.status).toBe(200);
    faults.add({ match, fault: { kind: 'token_revoked' } });
    expect((await post('f'))?.status).toBe(401);
    expect((await rig.call('GET', '/v1/users/me')).status).toBe(401);
    rig.company.state.switches.closed = true;
    const { access_token } = await refreshed(rig);
    expect((await rig.call('GET', '/v1/users/me', undefined, { token: access_token })).status).toBe(402);
  });

  it('strikes after some requests and as often as told, only where it matches', async () => {
    rig = await startRig();
    const fault = rig.pipedrive.faults.add({
      match: { path: /deals/, company: 1234567, userId: ADMIN.id },
      after: 1,
      times: 2,
      fault: { kind: 'status', status: 500 },
    });
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await rig.call('GET', '/api/v2/deals')).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
    expect(fault.struck()).toBe(2);
  });
});

async function refreshed(target: Rig): Promise<{ access_token: string }> {
  const { refresh } = await target.tokenOf(ADMIN.id);
  const issued = target.pipedrive.grants.refresh(refresh);
  return { access_token: issued?.accessToken ?? '' };
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, CALLBACK, codeFor, REP, type Rig, startRig, tokenCall } from './harness.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.pipedrive.close());

const codeForm = (code: string) => ({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK });
const refreshForm = (refresh_token: string) => ({ grant_type: 'refresh_token', refresh_token });

describe('practice Pipedrive: OAuth', () => {
  it('issues tokens once per code, within five minutes and for the same redirect_uri', async () => {
    const code = codeFor(rig.pipedrive, ADMIN.id);
    const first = await tokenCall(rig.pipedrive, codeForm(code));
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ token_type: 'Bearer', expires_in: 3599, api_domain: rig.company.apiDomain });
    expect(first.body.access_token).toMatch(/^v1u:.{200,}/);
    expect(first.body.scope.split(',')).toContain('base');
    const again = await tokenCall(rig.pipedrive, codeForm(code));
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
    const late = codeFor(rig.pipedrive, ADMIN.id);
    rig.clock.advance(5 * 60_000 + 1);
    expect((await tokenCall(rig.pipedrive, codeForm(late))).status).toBe(400);
    const other = { ...codeForm(codeFor(rig.pipedrive, ADMIN.id)), redirect_uri: 'http://127.0.0.1:9/other' };
    expect((await tokenCall(rig.pipedrive, other)).status).toBe(400);
  });

  it('refuses wrong clients, other grant types and JSON bodies', async () => {
    const code = codeFor(rig.pipedrive, ADMIN.id);
    const wrong = await tokenCall(rig.pipedrive, codeForm(code), 'wrong');
    expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid_client']);
    const kind = await tokenCall(rig.pipedrive, { grant_type: 'password' });
    expect(kind.body.error).toBe('unsupported_grant_type');
    const asJson = await fetch(`${rig.pipedrive.oauthUrl}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(codeForm(code)),
    });
    expect(asJson.status).toBe(400);
  });

  it('ends access after an hour, keeps or rotates the refresh token, and lets it die after 60 idle days', async () => {
    const { access, refresh } = await rig.tokenOf(ADMIN.id);
    rig.clock.advance(3_600_000);
    expect((await rig.call('GET', '/v1/users/me', undefined, { token: access })).status).toBe(401);
    const same = await tokenCall(rig.pipedrive, refreshForm(refresh));
    expect(same.body.refresh_token).toBe(refresh);
    expect((await rig.call('GET', '/v1/users/me', undefined, { token: same.body.access_token })).status).toBe(200);
    rig.pipedrive.grants.rotateRefreshTokens = true;
    const rotated = await tokenCall(rig.pipedrive, refreshForm(refresh));
    expect(rotated.body.refresh_token).not.toBe(refresh);
    expect((await tokenCall(rig.pipedrive, refreshForm(refresh))).body.error).toBe('invalid_grant');
    rig.clock.advance(61 * 24 * 3_600_000);
    expect((await tokenCall(rig.pipedrive, refreshForm(rotated.body.refresh_token))).status).toBe(400);
  });

  it('revoking the refresh token uninstalls, an unknown token gets 200 all the same', async () => {
    const { access, refresh } = await rig.tokenOf(REP.id);
    const revoke = (token: string) => tokenCall(rig.pipedrive, { token }, 'app-secret', '/oauth/revoke');
    expect((await revoke('nothing')).status).toBe(200);
    expect((await revoke(refresh)).status).toBe(200);
    expect((await rig.call('GET', '/v1/users/me', undefined, { token: access })).status).toBe(401);
  });

  it('shows a consent page, redirects with code and state, or with user_denied', async () => {
    const url = `${rig.pipedrive.oauthUrl}/oauth/authorize?client_id=app-1&state=xyz&redirect_uri=${encodeURIComponent(CALLBACK)}&response_type=code`;
    const page = await (await fetch(url)).text();
    expect(page).toContain('Anna Weber');
    expect(page).toContain('Decline');
    const post = async (answer: string) => {
      const form = { client_id: 'app-1', redirect_uri: CALLBACK, state: 'xyz', who: '1234567:43', answer };
      const response = await fetch(`${rig.pipedrive.oauthUrl}/oauth/authorize`, {
        method: 'POST',
        body: new URLSearchParams(form),
        redirect: 'manual',
      });
      return new URL(response.headers.get('location') ?? '').searchParams;
    };
    const allowed = await post('allow');
    expect(allowed.get('state')).toBe('xyz');
    expect((await tokenCall(rig.pipedrive, codeForm(allowed.get('code') ?? ''))).status).toBe(200);
    expect(rig.pipedrive.grants.of(1234567, REP.id)).toBeDefined();
    expect((await post('decline')).get('error')).toBe('user_denied');
    const foreign = await fetch(url.replace('oauth%2Fcallback', 'elsewhere'));
    expect(foreign.status).toBe(400);
  });

  it('refuses calls without the scope, of other companies, and with malformed or no tokens', async () => {
    rig.pipedrive.app.scopes = ['base', 'deals:read'];
    const { access } = await rig.tokenOf(ADMIN.id);
    const write = await rig.call('POST', '/api/v2/organizations', { name: 'x' }, { token: access });
    expect([write.status, write.body.error]).toEqual([403, 'Scope and URL mismatch']);
    const second = await rig.pipedrive.addCompany({ id: 2, name: 'Two', domain: 'two', users: [{ ...ADMIN, id: 99 }] });
    const me = (headers: Record<string, string>, origin = rig.company.apiDomain) =>
      fetch(`${origin}/v1/users/me`, { headers });
    expect((await me({ authorization: `Bearer ${access}` }, second.apiDomain)).status).toBe(401);
    expect((await me({ authorization: 'Basic abc' })).status).toBe(400);
    expect((await me({})).status).toBe(401);
    const [admin] = rig.company.users();
    expect((await me({ 'x-api-token': admin?.api_token ?? '' })).status).toBe(200);
  });

  it('names every listener for PIPEDRIVE_LOCAL_HOSTS and masks secrets in its log', async () => {
    await rig.tokenOf(ADMIN.id);
    await rig.call('GET', '/v1/users/me');
    expect(rig.pipedrive.localHosts().split(',')).toHaveLength(2);
    const text = JSON.stringify(rig.pipedrive.log.all());
    expect(text).toContain('/oauth/token');
    expect(text).not.toContain('app-secret');
    expect(text).not.toMatch(/v1u:/);
    expect(text).not.toContain(Buffer.from('app-1:app-secret').toString('base64'));
  });
});

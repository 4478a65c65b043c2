import { afterEach, describe, expect, it } from 'vitest';
import {
  dataInstead,
  editRows,
  emptyPageWithMore,
  failureWithStatus200,
  firstRowTwice,
  lastRowMissing,
  otherHeaders,
  pageInstead,
  sameCursor,
  unknownMembers,
} from '../../practice/pipedrive/bad-answers.ts';
import type { FaultKind } from '../../practice/pipedrive/faults.ts';
import { ADMIN, CALLBACK, codeFor, type Rig, startRig, tokenCall } from './harness.ts';

let rig: Rig | undefined;
afterEach(() => rig?.pipedrive.close());

const DEALS = '/api/v2/deals?limit=2';

async function withDeals(count: number): Promise<Rig> {
  const made = await startRig();
  rig = made;
  for (let n = 0; n < count; n += 1) made.company.createDeal({ title: `D${n}` });
  return made;
}

const spoil = (target: Rig, fault: FaultKind, times = 1) =>
  target.pipedrive.faults.add({ match: { path: /./ }, times, fault });

describe('practice Pipedrive: answers that are wrong', () => {
  it('F24 gives pages, failures with 200, and lists that are no lists', async () => {
    const target = await withDeals(3);
    await target.tokenOf(ADMIN.id);
    const spoilt = async (answer: Extract<FaultKind, { kind: 'rewrite' }>['answer']) => {
      spoil(target, { kind: 'rewrite', answer });
      return target.call('GET', DEALS);
    };
    expect(await spoilt(pageInstead)).toMatchObject({ status: 200, body: undefined });
    expect((await spoilt(failureWithStatus200)).body).toMatchObject({ success: false });
    expect((await spoilt(dataInstead(null))).body.data).toBeNull();
    expect((await spoilt(dataInstead(undefined))).body).not.toHaveProperty('data');
    expect((await spoilt(emptyPageWithMore)).body).toMatchObject({ data: [], additional_data: { next_cursor: /./ } });
    const ids = (answer: { body: { data: { id: number }[] } }) => answer.body.data.map(({ id }) => id);
    expect((await spoilt(unknownMembers)).body.data[0]).toMatchObject({ id: 1, is_brand_new: true });
    expect(ids(await spoilt(firstRowTwice))).toEqual([1, 1, 2]);
    expect(ids(await spoilt(lastRowMissing))).toEqual([1]);
    expect(ids(await spoilt(editRows(() => [{ id: 9 }])))).toEqual([9]);
    const odd = await spoilt(otherHeaders({ 'x-ratelimit-reset': '-1', 'x-correlation-id': null }));
    expect([odd.headers.get('x-ratelimit-reset'), odd.headers.get('x-correlation-id')]).toEqual(['-1', null]);
  });

  it('F20 loses and renames fields, and takes or refuses a key that is gone', async () => {
    const target = await withDeals(1);
    const { company } = target;
    const field = company.createField('deal', { field_name: 'SAP order', field_type: 'varchar' });
    const code = field.field_code;
    company.updateDeal(1, { custom_fields: { [code]: '17' } });
    company.renameField('deal', code, 'Other name');
    expect((await target.call('GET', `/api/v2/dealFields/${code}`)).body.data.field_name).toBe('Other name');
    company.deleteField('deal', code);
    expect((await target.call('GET', '/api/v2/deals/1')).body.data.custom_fields).toEqual({});
    const write = () => target.call('PATCH', '/api/v2/deals/1', { custom_fields: { [code]: '18' } });
    const refused = await write();
    expect([refused.status, refused.body.error]).toMatchObject([400, expect.stringContaining(code)]);
    company.state.switches.unknownFieldKeys = 'ignored';
    expect((await write()).status).toBe(200);
  });

  it('may reset prices that a PATCH leaves out, and may take a bulk of lines as a whole or not at all', async () => {
    const target = await withDeals(1);
    const { switches } = target.company.state;
    const product = target.company.createProduct({ name: 'P', prices: [{ currency: 'EUR', price: 5 }] });
    const patched = async () =>
      (await target.call('PATCH', `/api/v2/products/${product.id}`, { name: 'Q' })).body.data.prices[0].price;
    expect(await patched()).toBe(5);
    switches.patchResetsPrices = true;
    expect(await patched()).toBe(0);
    const line = { product_id: product.id, item_price: 1, quantity: 1 };
    const bulk = () =>
      target.call('POST', '/api/v2/deals/1/products/bulk', { data: [line, { ...line, product_id: 99 }] });
    switches.bulkLinesAtomic = true;
    expect([(await bulk()).status, target.company.deal(1).lines.length]).toEqual([400, 0]);
    switches.bulkLinesAtomic = false;
    expect([(await bulk()).status, target.company.deal(1).lines.length]).toEqual([400, 1]);
  });

  it('gives the same cursor for ever, whatever is asked', async () => {
    const target = await withDeals(3);
    await target.tokenOf(ADMIN.id);
    spoil(target, { kind: 'rewrite', answer: sameCursor() }, 3);
    const first = await target.call('GET', DEALS);
    const cursor = first.body.additional_data.next_cursor;
    const second = await target.call('GET', `${DEALS}&cursor=${cursor}`);
    expect([second.status, second.text]).toEqual([200, first.text]);
  });

  it('F24 answers after the commit: late, with another status, with a page, or not at all', async () => {
    const target = await withDeals(0);
    await target.tokenOf(ADMIN.id);
    const late = spoil(target, { kind: 'slow_after_commit' });
    const pending = target.call('POST', '/api/v2/deals', { title: 'late' });
    while (target.company.deals().length === 0) await new Promise((resolve) => setImmediate(resolve));
    late.release();
    expect((await pending).status).toBe(200);
    spoil(target, { kind: 'status_after_commit', status: 502, body: '<h1>Bad gateway</h1>' });
    expect(await target.call('POST', '/api/v2/deals', { title: 'page' })).toMatchObject({
      status: 502,
      body: undefined,
    });
    spoil(target, { kind: 'drop_after_commit' });
    await expect(target.call('POST', '/api/v2/deals', { title: 'lost' })).rejects.toThrow();
    expect(target.company.deals()).toHaveLength(3);
  });
});

describe('practice Pipedrive: the OAuth host', () => {
  const refresh = (target: Rig, refresh_token: string) =>
    tokenCall(target.pipedrive, { grant_type: 'refresh_token', refresh_token });

  it('F27 AP-10 takes the token before the last rotation for a grace time, if told so', async () => {
    const target = await withDeals(0);
    const { refresh: old } = await target.tokenOf(ADMIN.id);
    Object.assign(target.pipedrive.grants, { rotateRefreshTokens: true, rotationGraceMs: 60_000 });
    const first = await refresh(target, old);
    const again = await refresh(target, old);
    expect([again.status, again.body.refresh_token]).toEqual([200, first.body.refresh_token]);
    target.clock.advance(60_001);
    expect((await refresh(target, old)).status).toBe(400);
    expect((await refresh(target, first.body.refresh_token)).status).toBe(200);
  });

  it('F27 loses the answer of a refresh that rotated', async () => {
    const target = await withDeals(0);
    const { refresh: old } = await target.tokenOf(ADMIN.id);
    target.pipedrive.grants.rotateRefreshTokens = true;
    spoil(target, { kind: 'drop_after_commit' });
    await expect(refresh(target, old)).rejects.toThrow();
    expect((await refresh(target, old)).status).toBe(400);
  });

  it('F27 answers late, or with a page, after it has rotated', async () => {
    const target = await withDeals(0);
    const { refresh: old } = await target.tokenOf(ADMIN.id);
    target.pipedrive.grants.rotateRefreshTokens = true;
    const now = () => target.pipedrive.grants.of(1234567, ADMIN.id)?.refreshToken ?? '';
    const late = spoil(target, { kind: 'slow_after_commit' });
    let answered = false;
    const pending = refresh(target, old).finally(() => {
      answered = true;
    });
    while (now() === old) await new Promise((resolve) => setImmediate(resolve));
    await target.call('GET', '/v1/users/me');
    expect(answered).toBe(false);
    late.release();
    expect((await pending).body.refresh_token).toBe(now());
    spoil(target, { kind: 'status_after_commit', status: 500, body: '<h1>Oops</h1>' });
    const [before, page] = [now(), await refresh(target, now())];
    expect([page.status, page.body]).toEqual([500, undefined]);
    expect(now()).not.toBe(before);
  });

  it('SE-18 grants fewer scopes than asked, and narrows a grant from the next refresh on', async () => {
    const target = await withDeals(0);
    target.pipedrive.grants.grantedScopes = ['base', 'deals:full'];
    const { access, refresh: token } = await target.tokenOf(ADMIN.id);
    expect((await target.call('GET', '/api/v2/products', undefined, { token: access })).status).toBe(403);
    target.pipedrive.grants.narrow(1234567, ADMIN.id, ['base']);
    expect((await refresh(target, token)).body.scope).toBe('base');
  });

  it('SE-17 puts anything into a token answer', async () => {
    const target = await withDeals(0);
    target.pipedrive.grants.editTokenAnswer = ({ refresh_token: _gone, ...rest }) => ({
      ...rest,
      expires_in: 'abc',
      api_domain: 'https://evil.example',
    });
    const code = codeFor(target.pipedrive, ADMIN.id);
    const answer = await tokenCall(target.pipedrive, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
    });
    expect(answer.body).toMatchObject({ expires_in: 'abc', api_domain: 'https://evil.example' });
    expect(answer.body).not.toHaveProperty('refresh_token');
  });

  it('F26 gives nothing to users who were deactivated', async () => {
    const target = await withDeals(0);
    const { access, refresh: token } = await target.tokenOf(ADMIN.id);
    target.company.updateUser(ADMIN.id, { active_flag: false });
    expect((await refresh(target, token)).status).toBe(400);
    expect((await target.call('GET', '/v1/users/me', undefined, { token: access })).status).toBe(401);
  });

  it('renames a company: the old address redirects or is gone, the next refresh names the new one', async () => {
    const target = await withDeals(1);
    const { access, refresh: token } = await target.tokenOf(ADMIN.id);
    const [before, headers] = [target.company.apiDomain, { authorization: `Bearer ${access}` }];
    const now = await target.company.rename('acme-new', 'redirect');
    const moved = await fetch(`${before}${DEALS}`, { headers, redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([301, `${now}${DEALS}`]);
    expect((await refresh(target, token)).body.api_domain).toBe(now);
    expect((await fetch(`${now}${DEALS}`, { headers })).status).toBe(200);
    await target.company.rename('acme-newest', 'gone');
    expect((await fetch(`${now}${DEALS}`, { headers })).status).toBe(404);
    expect((await target.call('GET', '/v1/users/me')).body.data.company_domain).toBe('acme-newest');
  });
});

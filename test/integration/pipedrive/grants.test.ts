import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeUnknownError, ReauthRequiredError, UnavailableError } from '../../../server/kernel/errors.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { ADMIN, apiRequests, type Bench, REP, startBench, tokenRequests } from './bench.ts';

const NEARLY_AN_HOUR = 57 * 60_000;

describe('grants of Pipedrive', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench({ organizations: [{ id: 1, name: 'Nordwind GmbH' }] });
    await bench.install(ADMIN);
  });
  afterEach(() => bench.close());

  it('uses a token while it lasts', async () => {
    await bench.crm.getOrganization(bench.caller(), 1);
    expect(tokenRequests(bench.practice)).toBe(1);
  });

  it('refreshes three minutes early, once for 50 callers at a time', async () => {
    bench.clock.advance(NEARLY_AN_HOUR);
    const calls = Array.from({ length: 50 }, () => bench.crm.getOrganization(bench.caller(), 1));
    expect(new Set((await Promise.all(calls)).map((organization) => organization.name))).toEqual(
      new Set(['Nordwind GmbH']),
    );
    expect(tokenRequests(bench.practice)).toBe(2);
    expect(bench.grants.locked()).toBe(1);
  });

  it.each([true, false])('refreshes once over two processes, refresh tokens rotating: %s', async (rotating) => {
    bench.practice.grants.rotateRefreshTokens = rotating;
    const other = bench.secondProcess();
    for (let hour = 1; hour <= 3; hour += 1) {
      bench.clock.advance(NEARLY_AN_HOUR);
      const calls = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? bench.crm : other).getOrganization(bench.caller(), 1),
      );
      await Promise.all(calls);
      expect(tokenRequests(bench.practice)).toBe(1 + hour);
    }
  });

  it('F25 after a 401 refreshes once, for all who were refused, and repeats each call once', async () => {
    bench.practice.grants.expireAccess(501, ADMIN);
    const calls = Array.from({ length: 8 }, () => bench.crm.getOrganization(bench.caller(), 1));
    await Promise.all(calls);
    expect(tokenRequests(bench.practice)).toBe(2);
    expect(apiRequests(bench.practice).filter((line) => line.endsWith(' 200'))).toHaveLength(8);
  });

  it('repeats a creating call after a 401, since it was not carried out', async () => {
    bench.practice.grants.expireAccess(501, ADMIN);
    await bench.crm.createOrganization(bench.caller(), { name: 'Neu AG' });
    expect(bench.company.organizations().filter(({ name }) => name === 'Neu AG')).toHaveLength(1);
  });

  it('gives up when the token is refused although it was just refreshed', async () => {
    bench.practice.faults.add({ match: { path: /organizations/ }, times: 9, fault: { kind: 'status', status: 401 } });
    await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(tokenRequests(bench.practice)).toBe(2);
    expect(apiRequests(bench.practice)).toHaveLength(2);
  });

  it('marks a grant whose refresh is refused, and asks for a new one', async () => {
    bench.practice.revokeGrant(501, ADMIN);
    const call = bench.crm.getOrganization(bench.caller(), 1);
    await expect(call).rejects.toMatchObject({ kind: 'reauth_required', system: 'pipedrive' });
    expect(bench.grants.refused).toEqual(new Set([ADMIN]));
  });

  it('falls back to another grant for the service, never in a person own name', async () => {
    await bench.install(REP);
    bench.practice.revokeGrant(501, ADMIN);
    await expect(bench.crm.getOrganization(bench.caller(ADMIN), 1)).rejects.toBeInstanceOf(ReauthRequiredError);
    await expect(bench.crm.getOrganization(bench.caller('service'), 1)).resolves.toMatchObject({ id: 1 });
  });

  it('does not take a refused app for a dead grant', async () => {
    bench.clock.advance(NEARLY_AN_HOUR);
    bench.practice.app.clientSecret = 'changed in Developer Hub';
    await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(UnavailableError);
    expect(bench.grants.refused.size).toBe(0);
    bench.practice.app.clientSecret = 'client-secret';
    await expect(bench.crm.getOrganization(bench.caller(), 1)).resolves.toMatchObject({ id: 1 });
  });

  it.each([500, 503, 429, 404])('does not take a %i of the token endpoint for a dead grant', async (status) => {
    bench.clock.advance(NEARLY_AN_HOUR);
    bench.practice.faults.add({ match: { path: /oauth/ }, times: 2, fault: { kind: 'status', status } });
    await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(UnavailableError);
    expect(bench.grants.refused.size).toBe(0);
    expect(bench.grants.doubts.size).toBe(0);
  });

  it.each([
    ['no answer', { kind: 'drop_after_commit' }],
    ['half an answer', { kind: 'truncated_json' }],
    ['a server error', { kind: 'status_after_commit', status: 502, body: '<html>Bad gateway</html>' }],
  ] as const)('F27 tries the old token once more, at once, when %s came of a refresh', async (_name, fault) => {
    Object.assign(bench.practice.grants, { rotateRefreshTokens: true, rotationGraceMs: 30_000 });
    bench.clock.advance(NEARLY_AN_HOUR);
    bench.practice.faults.add({ match: { path: /oauth/ }, fault });
    await expect(bench.crm.getOrganization(bench.caller(), 1)).resolves.toMatchObject({ id: 1 });
    expect(tokenRequests(bench.practice)).toBe(3);
  });

  it('F27 and asks for a new grant, once, when that one is dead already', async () => {
    bench.practice.grants.rotateRefreshTokens = true;
    bench.clock.advance(NEARLY_AN_HOUR);
    bench.practice.faults.add({ match: { path: /oauth/ }, fault: { kind: 'drop_after_commit' } });
    for (let call = 0; call < 3; call += 1)
      await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(tokenRequests(bench.practice)).toBe(3);
    expect(bench.grants.refused).toEqual(new Set([ADMIN]));
  });

  it.each([
    ['{"error":"invalid_grant"}', 'refused'],
    ['{"success":false,"message":"Refresh token is invalid"}', 'refused'],
    ['{"message":"Refresh token is invalid: wrong client or already exchanged"}', 'doubted'],
    ['{"message":"something new"}', 'doubted'],
    ['{"error":"invalid_client","error_description":"Client is invalid"}', 'neither'],
    ['{"message":"redirect_uri does not match"}', 'neither'],
    ['{"message":"Content-Type must be application/x-www-form-urlencoded"}', 'neither'],
    ['<html>refresh token</html>', 'neither'],
  ])('takes 400 %s for a grant that is %s', async (text, verdict) => {
    bench.clock.advance(NEARLY_AN_HOUR);
    const body = text.startsWith('{') ? JSON.parse(text) : text;
    bench.practice.faults.add({ match: { path: /oauth/ }, times: 9, fault: { kind: 'status', status: 400, body } });
    const expected = verdict === 'refused' ? ReauthRequiredError : UnavailableError;
    await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(expected);
    expect(bench.grants.refused.has(ADMIN)).toBe(verdict === 'refused');
    expect(bench.grants.doubts.has(ADMIN)).toBe(verdict === 'doubted');
  });

  it('does not lose tokens that the database could not take', async () => {
    bench.practice.grants.rotateRefreshTokens = true;
    bench.clock.advance(NEARLY_AN_HOUR);
    const away = bench.grants.failCommits(2);
    await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(UnavailableError);
    expect(away()).toBe(0);
    await expect(bench.crm.getOrganization(bench.caller(), 1)).resolves.toMatchObject({ id: 1 });
    expect(tokenRequests(bench.practice)).toBe(2);
  });

  it('goes on with another grant when the service loses its own in the middle of work', async () => {
    await bench.install(REP);
    await bench.crm.getOrganization(bench.caller(), 1);
    bench.company.updateUser(ADMIN, { active_flag: false });
    for (let call = 0; call < 3; call += 1)
      await expect(bench.crm.getOrganization(bench.caller(), 1)).resolves.toMatchObject({ id: 1 });
    expect(bench.grants.refused).toEqual(new Set([ADMIN]));
  });

  it('doubts a grant whose new token is refused too, and goes on with another', async () => {
    await bench.install(REP);
    bench.practice.faults.add({ match: { path: /organizations/ }, times: 2, fault: { kind: 'status', status: 401 } });
    await expect(bench.crm.getOrganization(bench.caller(), 1)).resolves.toMatchObject({ id: 1 });
    expect([...bench.grants.doubts.keys()]).toEqual([ADMIN]);
    expect(bench.grants.refused.size).toBe(0);
    const mark = bench.practice.log.all().length;
    await bench.crm.getOrganization(bench.caller(), 1);
    expect(bench.practice.log.all().slice(mark)).toHaveLength(1);
  });

  it('ends when every token of every grant is refused', async () => {
    await bench.install(REP);
    bench.practice.faults.add({ match: { path: /organizations/ }, times: 99, fault: { kind: 'status', status: 401 } });
    await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(ReauthRequiredError);
    // AP-04: two of the first, one of the other, and never more.
    expect(apiRequests(bench.practice)).toHaveLength(3);
  });

  it('sends a personal API token in its own header, never refreshes it, and takes a 401 for its end', async () => {
    const user = bench.company.users().find(({ id }) => id === ADMIN);
    bench.grants.put({
      ...(await bench.install(ADMIN)),
      kind: 'api_token',
      accessToken: createSecret(user?.api_token ?? ''),
      refreshToken: createSecret(''),
    });
    const asked = tokenRequests(bench.practice);
    bench.clock.advance(400 * 24 * NEARLY_AN_HOUR);
    await expect(bench.crm.getOrganization(bench.caller(), 1)).resolves.toMatchObject({ id: 1 });
    const sent = bench.practice.log.all().at(-1);
    expect(Object.keys(sent?.headers ?? {})).toContain('x-api-token');
    expect(Object.keys(sent?.headers ?? {})).not.toContain('authorization');

    bench.company.updateUser(ADMIN, { active_flag: false });
    await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(bench.grants.refused).toEqual(new Set([ADMIN]));
    expect(tokenRequests(bench.practice)).toBe(asked);
  });

  it('leaves the database to others while the token endpoint hangs: three refreshes at a time', async () => {
    const users = [ADMIN, REP, 21, 22, 23];
    for (const id of users.slice(2)) bench.company.addUser({ id, name: `User ${id}`, email: `u${id}@example.com` });
    for (const user of users) await bench.install(user);
    bench.clock.advance(NEARLY_AN_HOUR);
    const held = bench.practice.faults.add({ match: { path: /oauth/ }, times: 9, fault: { kind: 'slow' } });
    const calls = users.map((user) => bench.crm.getOrganization(bench.caller(user), 1));
    await expect.poll(() => held.struck()).toBe(3);
    expect(bench.grants.locked()).toBe(3);
    held.release();
    await expect(Promise.all(calls)).resolves.toHaveLength(users.length);
  });

  it('keeps what the refresh brought although its caller has given up', async () => {
    bench.clock.advance(NEARLY_AN_HOUR);
    bench.practice.grants.rotateRefreshTokens = true;
    const held = bench.practice.faults.add({ match: { path: /oauth/ }, fault: { kind: 'slow' } });
    const impatient = new AbortController();
    const call = bench.crm.getOrganization(bench.caller('service', 'person', impatient.signal), 1);
    const refused = expect(call).rejects.toBeInstanceOf(UnavailableError);
    await expect.poll(() => held.struck()).toBe(1);
    impatient.abort();
    await refused;
    const next = bench.crm.getOrganization(bench.caller(), 1);
    held.release();
    await expect(next).resolves.toMatchObject({ id: 1 });
    expect(tokenRequests(bench.practice)).toBe(2);
  });

  it('says unknown when a creating call got no answer, and nothing is created twice', async () => {
    bench.practice.faults.add({
      match: { method: 'POST', path: /organizations/ },
      fault: { kind: 'drop_after_commit' },
    });
    const call = bench.crm.createOrganization(bench.caller(), { name: 'Einmal AG' });
    await expect(call).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(bench.company.organizations().filter(({ name }) => name === 'Einmal AG')).toHaveLength(1);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeUnknownError, ReauthRequiredError, UnavailableError } from '../../../server/kernel/errors.ts';
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

  it('after a 401 refreshes once, for all who were refused, and repeats each call once', async () => {
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
    bench.practice.faults.add({ match: { path: /oauth/ }, fault: { kind: 'status', status } });
    await expect(bench.crm.getOrganization(bench.caller(), 1)).rejects.toBeInstanceOf(UnavailableError);
    expect(bench.grants.refused.size).toBe(0);
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

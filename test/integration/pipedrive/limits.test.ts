import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ForbiddenError, RateLimitedError, UnavailableError } from '../../../server/kernel/errors.ts';
import { ADMIN, apiRequests, type Bench, startBench } from './bench.ts';

const MINUTE = 60_000;

describe("limits of Pipedrive's API", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench({ organizations: [{ id: 1, name: 'Nordwind GmbH' }] });
    await bench.install(ADMIN);
  });
  afterEach(() => bench.close());

  const readOne = () => bench.crm.getOrganization(bench.caller(), 1);
  const now = () => new Date(bench.clock.now());
  const requests = () => apiRequests(bench.practice).length;

  it('AP-01: charges each request before it goes, at the official price, and agrees with Pipedrive', async () => {
    await readOne();
    await bench.crm.createOrganization(bench.caller(), { name: 'Neu AG' });
    await bench.crm.listUsers(bench.caller());
    await expect(bench.crm.getOrganization(bench.caller(), 99)).rejects.toMatchObject({ kind: 'not_found' });
    expect(bench.ledger.charges.map(({ operation, tokens }) => [operation, tokens])).toEqual([
      ['getOrganization', 1],
      ['createOrganization', 5],
      ['listUsers', 20],
      ['getOrganization', 1],
    ]);
    expect(bench.company.tokensSpent()).toBe(27);
    expect(bench.ledger.days.at(-1)).toEqual({ limit: 30_000, remaining: 30_000 - 27 });
  });

  it('AP-01: gives back what was booked for a call that came too late to be sent, or found the day spent', async () => {
    const booked = () => bench.ledger.charges.reduce((sum, { tokens }) => sum + tokens, 0);
    const late = { ...bench.caller(), sendBefore: now() };
    const call = bench.crm.createOrganization(late, { name: 'Neu AG' });
    await expect(call).rejects.toBeInstanceOf(UnavailableError);
    expect([requests(), booked()]).toEqual([0, 0]);
    bench.company.spendAsOtherApp(bench.company.state.budget.remaining());
    await expect(bench.crm.listUsers(bench.caller())).rejects.toBeInstanceOf(RateLimitedError);
    expect(requests()).toBeGreaterThan(0);
    expect([booked(), bench.company.tokensSpent()]).toEqual([0, 0]);
  });

  it('AP-01: an answer is an answer, also when nothing can be written down of it', async () => {
    bench.ledger.saw = async () => {
      throw new UnavailableError('The database does not answer.');
    };
    await bench.crm.createOrganization(bench.caller(), { name: 'Neu AG' });
    expect(bench.company.organizations().filter(({ name }) => name === 'Neu AG')).toHaveLength(1);
    await expect(readOne()).resolves.toMatchObject({ id: 1 });
  });

  it('AP-02: sends nothing when the ledger says no, and tells when to come back', async () => {
    bench.ledger.refuseUntil = new Date('2026-03-03T00:00:00Z');
    await expect(readOne()).rejects.toMatchObject({ kind: 'rate_limited', retryAt: bench.ledger.refuseUntil });
    expect(requests()).toBe(0);
  });

  it('AP-03: waits out a 429 of the burst window and repeats, creating calls too', async () => {
    bench.practice.faults.add({ match: { path: /organizations/ }, times: 2, fault: { kind: 'rate_limit_burst' } });
    await bench.crm.createOrganization(bench.caller(), { name: 'Neu AG' });
    expect(requests()).toBe(3);
    expect(bench.waits.filter((wait) => wait >= 1_000 && wait <= 11_000)).toHaveLength(2);
    expect(bench.company.organizations().filter(({ name }) => name === 'Neu AG')).toHaveLength(1);
  });

  it('AP-03: takes a third 429 in a row for the spent day', async () => {
    bench.practice.faults.add({ match: { path: /organizations/ }, times: 9, fault: { kind: 'rate_limit_burst' } });
    const failure = await readOne().catch((error: unknown) => error);
    expect(failure).toMatchObject({ retryAt: new Date(now().getTime() + 15 * MINUTE) });
    expect(requests()).toBe(3);
  });

  it('AP-03: knows the spent day from its header: one request, no repeat, then one probe', async () => {
    bench.company.state.budget.chargeOtherApp(30_000);
    await expect(readOne()).rejects.toMatchObject({ retryAt: new Date(now().getTime() + 15 * MINUTE) });
    await expect(readOne()).rejects.toBeInstanceOf(RateLimitedError);
    expect(requests()).toBe(1);

    bench.clock.advance(15 * MINUTE);
    const probing = await Promise.allSettled([readOne(), readOne(), readOne()]);
    expect(probing.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(requests()).toBe(2);
  });

  it('AP-03: an hour of 429 sees five requests at most, and work goes on after the reset', async () => {
    const storm = bench.practice.faults.add({
      match: { path: /organizations/ },
      times: 999,
      fault: { kind: 'rate_limit_burst' },
    });
    for (let minute = 0; minute < 60; minute += 1) {
      await expect(readOne()).rejects.toBeInstanceOf(RateLimitedError);
      bench.clock.advance(MINUTE);
    }
    expect(requests()).toBeLessThanOrEqual(5);
    storm.remove();
    bench.clock.advance(30 * MINUTE);
    await expect(readOne()).resolves.toMatchObject({ id: 1 });
    await expect(readOne()).resolves.toMatchObject({ id: 1 });
  });

  it('AP-03: calls that wait for their turn are not sent once the day is known to be spent', async () => {
    bench.practice.faults.add({ match: { path: /organizations/ }, times: 999, fault: { kind: 'rate_limit_burst' } });
    const calls = await Promise.allSettled(Array.from({ length: 40 }, readOne));
    expect(calls.every(({ status }) => status === 'rejected')).toBe(true);
    expect(requests()).toBeLessThanOrEqual(8 * 3);
  });

  it('AP-03: stays away for half an hour from the HTML 403, and does not read it as a missing right', async () => {
    bench.practice.faults.add({ match: { path: /organizations/ }, fault: { kind: 'html_403' } });
    await expect(readOne()).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAt: new Date(now().getTime() + 30 * MINUTE),
    });
    bench.clock.advance(29 * MINUTE);
    await expect(readOne()).rejects.toBeInstanceOf(RateLimitedError);
    expect(requests()).toBe(1);
    bench.clock.advance(MINUTE);
    await expect(readOne()).resolves.toMatchObject({ id: 1 });
  });

  it('reads a JSON 403 as what it is, with its words', async () => {
    const body = { success: false, error: 'Scope and URL mismatch', errorCode: 403 };
    bench.practice.faults.add({ match: { path: /organizations/ }, fault: { kind: 'status', status: 403, body } });
    const failure = await readOne().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ForbiddenError);
    expect(String(failure)).toContain('Scope and URL mismatch');
  });

  it('keeps a hundred calls at once below the burst limit of the smallest plan', async () => {
    bench.company.state.burst.setLimit(80);
    await Promise.all(Array.from({ length: 100 }, readOne));
    expect(apiRequests(bench.practice).filter((line) => !line.endsWith(' 200'))).toEqual([]);
  });

  it('waits an hour when the account is not open', async () => {
    bench.company.state.switches.closed = true;
    await expect(readOne()).rejects.toMatchObject({ kind: 'rate_limited' });
  });
});

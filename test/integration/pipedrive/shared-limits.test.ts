import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Crm } from '../../../server/app/ports/crm.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import type { TokenPurpose } from '../../../server/domain/token-budget.ts';
import { RateLimitedError } from '../../../server/kernel/errors.ts';
import { startTokenRig, type TokenRig } from './token-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Four processes of the app on one database, in front of one company. */
describe('limits that all processes share', () => {
  let rig: TokenRig;
  let processes: Crm[];
  beforeEach(async () => {
    rig = await startTokenRig({ data: { organizations: [{ id: 1, name: 'Nordwind GmbH' }] }, burstLimit: 80 });
    processes = [rig.addProcess(), rig.addProcess(), rig.addProcess(), rig.addProcess()];
  });
  afterEach(() => rig.close());

  const read = (crm: Crm, purpose: TokenPurpose = 'order') => crm.getOrganization(rig.caller(purpose), 1);

  /** The processes ask in turn. @returns how many asked in vain */
  async function askFor(milliseconds: number, every = MINUTE): Promise<number> {
    let refused = 0;
    let turn = 0;
    for (const end = rig.clock.now() + milliseconds; rig.clock.now() < end; rig.clock.advance(every)) {
      const crm = processes[turn % processes.length];
      turn += 1;
      if (!crm) continue;
      await read(crm).catch((error: unknown) => {
        expect(error).toBeInstanceOf(RateLimitedError);
        refused += 1;
      });
    }
    return refused;
  }

  it('AP-03, F22: an hour of 429 over four processes sees five requests at most; after it work goes on, orders first', async () => {
    const storm = rig.practice.faults.add({
      match: { path: /organizations/ },
      times: 9_999,
      fault: { kind: 'rate_limit_burst' },
    });
    const refused = await askFor(HOUR);
    expect(refused).toBeGreaterThan(50);
    expect(rig.requests()).toBeLessThanOrEqual(5);
    storm.remove();
    await askFor(31 * MINUTE, 3 * MINUTE);
    const before = rig.company.requests().length;
    const [crm = rig.addProcess()] = processes;
    const backlog = [
      ...Array.from({ length: 12 }, () => crm.listUsers(rig.caller('backfill'))),
      ...Array.from({ length: 12 }, () => read(crm)),
    ];
    await Promise.all(backlog);
    const served = rig.company.requests().slice(before);
    expect(served.map(({ status }) => status)).toEqual(Array(24).fill(200));
    // Behind the six first loads that were on their way before the first order came.
    expect(served.slice(0, 14).filter(({ path }) => path.includes('organizations')).length).toBeGreaterThan(5);
  });

  it('AP-03, F22: on a spent day one call of all processes asks each quarter of an hour, until the day begins anew', async () => {
    rig.company.spendAsOtherApp(30_000);
    rig.clock.set(Date.parse('2026-03-02T21:00:00Z'));
    await askFor(2 * HOUR + 55 * MINUTE, 3 * MINUTE);
    expect(rig.requests()).toBeLessThanOrEqual(12);
    await askFor(40 * MINUTE, 3 * MINUTE);
    await expect(read(processes[2] ?? rig.addProcess())).resolves.toMatchObject({ id: 1 });
    expect(await rig.day()).toMatchObject({
      startedAt: new Date('2026-03-03T00:00:00Z'),
      budgetSource: 'told',
      shut: null,
    });
  });

  it('AP-03, F23: the guard’s page shuts all processes out for half an hour, and an admin is told', async () => {
    rig.practice.faults.add({ match: { path: /organizations/ }, fault: { kind: 'html_403' } });
    await askFor(29 * MINUTE, 2 * MINUTE);
    expect(rig.requests()).toBe(1);
    const open = () => rig.tenant.within((tx) => findingStore.listOpen(tx, 9));
    expect(await open()).toMatchObject([{ kind: 'crm_shut_out', message: expect.stringContaining('05:30 UTC') }]);
    expect(await rig.day()).toMatchObject({ shut: { reason: 'guard' } });
    // An answer of whatever stands in front of Pipedrive does not say that the guard has let go.
    rig.practice.faults.add({ match: { path: /organizations/ }, fault: { kind: 'status', status: 502 } });
    rig.clock.advance(MINUTE);
    await expect(read(processes[1] ?? rig.addProcess())).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(read(processes[2] ?? rig.addProcess())).rejects.toBeInstanceOf(RateLimitedError);
    expect(rig.requests()).toBe(2);
    rig.clock.advance(29 * MINUTE);
    await askFor(2 * MINUTE);
    expect(await open()).toEqual([]);
    await expect(read(processes[3] ?? rig.addProcess())).resolves.toMatchObject({ id: 1 });
  });

  it('a closed account (402) is asked about once an hour by all processes, and an admin is told', async () => {
    const body = { success: false, error: 'Account is not open' };
    rig.practice.faults.add({
      match: { path: /organizations/ },
      times: 2,
      fault: { kind: 'status', status: 402, body },
    });
    const first = await read(processes[0] ?? rig.addProcess()).catch((error: unknown) => error);
    expect(first).toMatchObject({ kind: 'rate_limited', reason: 'account_closed', requestId: expect.any(String) });
    expect(String(first)).toContain('Account is not open');
    await askFor(59 * MINUTE, 2 * MINUTE);
    expect(rig.requests()).toBe(1);
    const open = () => rig.tenant.within((tx) => findingStore.listOpen(tx, 9));
    expect(await open()).toMatchObject([{ kind: 'crm_shut_out', message: expect.stringContaining('not open') }]);
    expect(await rig.day()).toMatchObject({ shut: { reason: 'account' } });
    await askFor(60 * MINUTE, 2 * MINUTE);
    expect(rig.requests()).toBe(2);
    await askFor(4 * MINUTE);
    expect(await open()).toEqual([]);
    await expect(read(processes[2] ?? rig.addProcess())).resolves.toMatchObject({ id: 1 });
  });

  it('AP-03, F21: a hundred and twenty calls of four processes at once earn no 429', async () => {
    const calls = Array.from({ length: 120 }, (_, index) =>
      read(processes[index % 4] ?? rig.addProcess(), index % 3 === 0 ? 'order' : 'delta'),
    );
    await Promise.all(calls);
    expect(rig.company.requests().filter(({ status }) => status !== 200)).toEqual([]);
  });

  it('F36: a company that keeps the client busy, or is shut out, keeps no other company waiting', async () => {
    const slow = rig.practice.faults.add({ match: { path: /organizations/ }, times: 8, fault: { kind: 'slow' } });
    const [crm = rig.addProcess()] = processes;
    const stuck = Array.from({ length: 20 }, () => read(crm));
    while (slow.struck() < 8) await new Promise((resolve) => setImmediate(resolve));
    const other = await rig.addTenant();
    await expect(crm.getOrganization({ ...rig.caller('order'), installationId: other.id }, 1)).resolves.toMatchObject({
      id: 1,
    });
    slow.release();
    await Promise.all(stuck);
  });
});

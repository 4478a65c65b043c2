import { describe, expect, it } from 'vitest';
import { makeTellRefusal } from '../../../../server/app/deliveries/tell-refusal.ts';
import type { InstallationStatus } from '../../../../server/app/ports/installation-store.ts';
import { UnavailableError } from '../../../../server/kernel/errors.ts';
import { silentLogger } from '../../../../server/kernel/logger.ts';
import { movableClock } from '../../../support/movable-clock.ts';

import { fakeTenant, ID, memoryFindings, memoryReadings, unitOfWork } from './fake-tenant.ts';

function teller(status: InstallationStatus = 'active') {
  const clock = movableClock();
  const findings = memoryFindings();
  const readings = memoryReadings();
  const jobs: string[] = [];
  const away = { database: false };
  const tell = makeTellRefusal({
    clock,
    findings,
    logger: silentLogger,
    installations: fakeTenant({ status }).installations,
    unitOfWork: {
      async within(id, work) {
        if (away.database) throw new UnavailableError('away');
        return unitOfWork.within(id, work);
      },
    },
    readings,
    jobs: { enqueueWithin: async (_tx, { task }) => void jobs.push(task) },
  });
  const within = <T>(work: Parameters<typeof unitOfWork.within<T>>[1]) => unitOfWork.within(ID, work);
  return {
    tell,
    clock,
    findings,
    jobs,
    away,
    begin: () => within((tx) => readings.save(tx, 'organizations', { newest: clock.now(), seen: {} })),
    read: () => within((tx) => readings.finish(tx, 'organizations', clock.now())),
    isSuspected: async () => (await within((tx) => readings.list(tx))).some(({ suspected }) => suspected),
  };
}

describe('a refused delivery', () => {
  it('leaves its reason, and what it would have told of is looked for at once', async () => {
    const { tell, findings, jobs, begin, isSuspected } = teller();
    await begin();
    await tell(ID, 'wrong_signature');
    expect(findings.raised).toMatchObject([{ kind: 'delivery_refused', subject: 'wrong_signature' }]);
    expect(await isSuspected()).toBe(true);
    expect(jobs).toEqual(['crm.fill-gaps']);
  });

  it('WH-11 has every round read all lists while it may have got its webhook banned, at no more than these rounds cost', async () => {
    const { tell, clock, jobs, begin, read, isSuspected } = teller();
    await begin();
    await tell(ID, 'unsigned');
    // What is refused right after is told no more, and of what happens in a ban nobody tells at all.
    await tell(ID, 'unsigned');
    clock.advance(15 * 60_000);
    await read();
    expect(await isSuspected()).toBe(true);
    await tell(ID, 'unsigned');
    expect(jobs).toEqual(['crm.fill-gaps']);
    clock.advance(29 * 60_000);
    await read();
    expect(await isSuspected()).toBe(true);
    clock.advance(60_000);
    await read();
    expect(await isSuspected()).toBe(false);
  });

  it('is told once in ten minutes, each reason for itself', async () => {
    const { tell, clock, findings } = teller();
    for (let refused = 0; refused < 500; refused += 1) await tell(ID, 'unsigned');
    await tell(ID, 'other_company');
    expect(findings.raised.map(({ subject }) => subject)).toEqual(['unsigned', 'other_company']);
    clock.advance(10 * 60_000 + 1);
    await tell(ID, 'unsigned');
    expect(findings.raised).toHaveLength(3);
  });

  it('leaves nothing where the app is gone or on its way out', async () => {
    for (const status of ['uninstalled', 'removing'] as const) {
      const { tell, findings, jobs } = teller(status);
      await tell(ID, 'unsigned');
      expect([findings.raised, jobs]).toEqual([[], []]);
    }
  });

  it('changes nothing for its sender when it cannot be written down, and is told the next time', async () => {
    const { tell, findings, away } = teller();
    away.database = true;
    await tell(ID, 'unsigned');
    away.database = false;
    await tell(ID, 'unsigned');
    expect(findings.raised).toHaveLength(1);
  });
});

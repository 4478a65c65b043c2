import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpCaller } from '../../../server/app/ports/erp.ts';
import { connectionId } from '../../../server/kernel/ids.ts';
import { connectErp, type Sap, startSap } from './sap-bench.ts';

let bench: Sap;
beforeAll(async () => {
  bench = await startSap();
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.sap.faults.clear();
  bench.sap.log.clear();
});
const arrived = () => bench.sap.log.all().length;
const apart = (caller: ErpCaller): ErpCaller => ({ ...caller, signal: new AbortController().signal });

describe('AP-04: a total outage of ten minutes', () => {
  it.each(['html_502_before', 'drop_before', 'switch_company_305'] as const)(
    '%s is not answered with a flood',
    async (kind) => {
      const { erp, caller } = connectErp(bench);
      for (let call = 0; call < 100; call += 1) await erp.countPartners(apart(caller));
      const healthy = arrived();
      const fault = bench.sap.faults.add({ kind, times: 1e6 });
      let calls = 0;
      for (let second = 0; second < 600; second += 2) {
        bench.clock.advance(2_000);
        calls += 1;
        await erp.countPartners(apart(caller)).catch(() => undefined);
      }
      expect(fault.hits()).toBeLessThanOrEqual(calls * 1.1);
      expect(fault.hits()).toBeGreaterThan(5);
      // What was repeated of all that was sent, the good days counted in.
      expect(arrived() - healthy - calls).toBeLessThanOrEqual(0.1 * arrived());
      fault.remove();
      bench.clock.advance(6 * 60_000);
      await expect(erp.countPartners(apart(caller))).resolves.toBe(40);
    },
  );
});

describe('AP-06: one company’s SAP is dead', () => {
  it.each(['hang', 'html_502_before'] as const)('and %ss: nobody else notices', async (kind) => {
    const dead = connectionId(randomUUID());
    const { erp, caller, books } = connectErp(bench, {}, {});
    bench.sap.addCompany('DEAD');
    const many = connectErp(
      bench,
      {},
      {
        access: {
          load: async (_installation, id) => ({ ...books.access, companyDb: id === dead ? 'DEAD' : 'NORDLICHT' }),
          passwordRefused: async () => 1,
          passwordAccepted: async () => undefined,
          sessionRefused: async () => undefined,
          sessionAccepted: async () => undefined,
          certificateRefused: async () => undefined,
          certificateFilled: async () => undefined,
        },
      },
    );
    await erp.closeAll();
    const fault = bench.sap.faults.add({ kind, method: 'GET', company: 'DEAD', times: 1e6 });
    const leaving = new AbortController();
    const stuck = Array.from({ length: 12 }, () =>
      many.erp
        .countPartners({ ...caller, connectionId: dead, signal: leaving.signal })
        .catch((error: unknown) => error),
    );
    await expect.poll(() => fault.hits()).toBeGreaterThanOrEqual(3);
    // Refused as it is by now, or still waiting: either way it is the dead company's own affair.
    if (kind !== 'hang') await Promise.all(stuck);
    const others = Array.from({ length: 49 }, () => connectionId(randomUUID()));
    const answers = await Promise.all(
      others.flatMap((id) =>
        Array.from({ length: 2 }, () => many.erp.countPartners({ ...apart(caller), connectionId: id })),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 98 }, () => 40));
    if (kind === 'hang') expect(fault.hits()).toBe(3);
    leaving.abort(new Error('left'));
    await Promise.all(stuck);
    await many.erp.closeAll();
  });
});

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type House, REP, startHouse } from '../support/seeded/house.ts';
import { readHandoffs } from '../support/seeded/play.ts';
import { type AppWorker, startAppWorker } from '../support/start-app-worker.ts';

const PATIENCE = { timeout: 40_000, interval: 50 };
const STEP_MS = 30_000;

describe('a worker process that is killed with -9 while SAP has its order (OP-02, EO-07)', () => {
  let house: House;
  let folder: string;
  const workers: AppWorker[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orderline-clock-'));
    house = await startHouse();
  });
  afterAll(async () => {
    for (const worker of workers) await worker.kill();
    await house?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const clockFile = () => join(folder, 'clock');

  /** The same time for everybody; a reader never sees half of it. */
  function moveClock(milliseconds: number): void {
    house.world.clock.advance(milliseconds);
    writeFileSync(`${clockFile()}.new`, String(house.world.clock.now()));
    renameSync(`${clockFile()}.new`, clockFile());
  }

  async function start(): Promise<AppWorker> {
    const worker = await startAppWorker(house.company, clockFile());
    workers.push(worker);
    return worker;
  }

  it.each([
    ['has booked it but not answered', 'slow'],
    ['has not even begun', 'hang'],
  ] as const)('another process ends with one order when SAP %s', { timeout: 120_000 }, async (_what, kind) => {
    const { world, sap, pipedrive } = house;
    const [organization = 0] = house.organizations;
    const [product] = house.products;
    const deal = pipedrive.createDeal({
      title: 'Killed on its way',
      org_id: organization,
      currency: 'EUR',
      owner: REP,
      lines: [{ product_id: product?.id ?? 0, item_price: 80, quantity: 3 }],
    });
    const held = world.sap.faults.add({ kind, method: 'POST', path: /^Orders$/, company: sap.name });
    moveClock(1_000);
    const first = await start();
    pipedrive.win(deal.id, REP);
    await vi.waitFor(() => expect(held.hits()).toBe(1), PATIENCE);

    const second = await start();
    await first.kill();
    await house.giveUpSilentWorkers();
    // The lease of the dead attempt ends, then SAP has time to settle; the survivor looks before it writes.
    await vi.waitFor(
      async () => {
        const [handoff] = await readHandoffs(house, deal.id);
        if (handoff?.state !== 'written_back') moveClock(STEP_MS);
        expect(handoff).toMatchObject({ state: 'written_back' });
      },
      { ...PATIENCE, interval: 500 },
    );
    await second.kill();
    await house.giveUpSilentWorkers();

    const [handoff] = await readHandoffs(house, deal.id);
    expect(handoff?.attempt).toBeGreaterThan(1);
    expect(sap.findByKey(handoff?.key ?? '')).toMatchObject([{ set: 'Orders', row: { DocNum: handoff?.docNum } }]);
    expect(pipedrive.notes(deal.id)).toHaveLength(1);
    expect(pipedrive.fieldValue('deal', pipedrive.deal(deal.id), 'SAP document')).toBe(
      `Sales order ${handoff?.docNum}`,
    );
  });
});

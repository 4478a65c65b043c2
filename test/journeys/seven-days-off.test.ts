import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../practice/kernel/json.ts';
import { createRandom } from '../practice/kernel/random.ts';
import { ADMIN, REP } from '../support/companies.ts';
import { type DealDesk, MINUTE, openDealDesk } from './deal-desk.ts';

/** Draws what people do meanwhile; `ORDERLINE_SEED` plays another week. */
const SEED = Number(process.env['ORDERLINE_SEED'] ?? 7);
const DAY = 24 * 60 * MINUTE;
const DAYS = 7;
/** Made admin after both others have lost their access. */
const NEW_ADMIN = 13;

describe('seven days without access to Pipedrive', () => {
  let desk: DealDesk;
  beforeAll(async () => {
    desk = await openDealDesk(5501);
    expect((await desk.api(ADMIN).post('/api/settings/handoff', { enabled: true })).status).toBe(200);
    desk.companies.world.clock.advance(1_000);
  }, 120_000);
  afterAll(() => desk?.companies.close());

  it(`OP-07 lose nothing: one clear message, and everything goes on after another admin has reconnected (seed ${SEED})`, async () => {
    const { companies, customer, pipedrive, sap } = desk;
    const { app, world } = companies;
    const random = createRandom(SEED);

    /** What is due by then is done at its end. */
    const pass = async (milliseconds: number) => {
      world.clock.advance(milliseconds);
      await app.app.jobs.runUntilIdle();
      await app.runJobs();
    };

    const won: number[] = [];
    const renamed = new Map<string, string>();
    const linked = sap
      .rows('BusinessPartners')
      .map((row) => textOf(row, 'CardCode'))
      .filter((code) =>
        pipedrive.organizations().some((one) => pipedrive.fieldValue('organization', one, 'SAP code') === code),
      );
    const rename = (code: string, name: string) => {
      sap.changePartner(code, { CardName: name });
      renamed.set(code, name);
    };

    // What is half done when the access ends: an order without its receipt, a name that SAP has told already.
    world.pipedrive.faults.add({
      match: { method: 'PATCH', path: /\/(deals|organizations)\// },
      times: 99,
      fault: { kind: 'status', status: 503 },
    });
    const halfDone = await desk.makeDeal();
    await desk.win(halfDone);
    won.push(halfDone);
    const [told = '', ...others] = linked;
    rename(told, 'Schon gelesen GmbH');
    await pass(5 * MINUTE);
    world.pipedrive.faults.clear();
    for (const user of [ADMIN, REP]) world.pipedrive.revokeGrant(customer.id, user);

    for (let day = 1; day <= DAYS; day += 1) {
      for (let act = random.int(1, 2); act > 0; act -= 1) {
        if (random.chance(0.5)) {
          const { id } = pipedrive.createDeal({
            title: `Week off ${day}.${act}`,
            org_id: desk.organization.id,
            currency: 'EUR',
            owner: REP,
            lines: [desk.line()],
          });
          world.clock.advance(1_000);
          pipedrive.win(id, REP);
          won.push(id);
        } else {
          rename(random.pick(others), `Neuer Name ${day}.${act} GmbH`);
        }
        await pass(random.int(10, 300) * MINUTE);
      }
      await pass(DAY);
    }

    const said = (await customer.findings()).filter(({ kind }) => kind === 'reconnect_pipedrive');
    expect(said.map(({ count }) => count)).toEqual([1]);
    expect(await customer.callsDuring(() => pass(DAY))).toEqual([]);

    pipedrive.addUser({ id: NEW_ADMIN, name: 'Nina Neu', email: 'nina@nordlicht.example', is_admin: true });
    await app.install(customer.id, NEW_ADMIN);
    // What was parked goes on at once, before any regular look.
    await app.runJobs();
    expect(desk.field(halfDone, 'SAP document')).toMatch(/^Sales order \d+$/);
    await app.runJobsFor(20 * MINUTE);

    expect((await customer.findings()).map(({ kind, subject, message }) => [kind, subject, message])).toEqual([]);
    for (const dealId of won) {
      expect(await desk.inSap(dealId), `deal ${dealId}`).toHaveLength(1);
      expect(desk.field(dealId, 'SAP document'), `deal ${dealId}`).toMatch(/^Sales order \d+$/);
    }
    const names = new Map(
      pipedrive.organizations().map((one) => [pipedrive.fieldValue('organization', one, 'SAP code'), one.name]),
    );
    for (const [code, name] of renamed) expect(names.get(code)).toBe(name);
    expect(won.length).toBeGreaterThan(2);
    expect(renamed.size).toBeGreaterThan(0);
  }, 120_000);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDealAnywhere } from '../../../server/app/order-handoff/find-deal.ts';
import { ADMIN, type Bench, REP, startBench } from './bench.ts';

describe('where Pipedrive’s lists stand', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench({ organizations: [{ id: 1, name: 'Nordwind' }], products: [{ id: 3, name: 'Desk' }] });
    await bench.install(ADMIN);
    await bench.install(REP);
  });
  afterEach(() => bench.close());

  it('SY-04 tells the newest change of each list in the source’s own words', async () => {
    const [company] = bench.practice.companies();
    const deal = company?.createDeal({ title: 'Desks' });
    bench.clock.advance(60_000);
    company?.updateDeal(deal?.id ?? 0, { title: 'More desks' });
    company?.updateOrganization(1, { name: 'Nordwind GmbH' });
    const now = new Date(bench.clock.now()).toISOString().replace('.000Z', 'Z');
    const last = (list: Parameters<typeof bench.crm.findLastChange>[1]) =>
      bench.crm.findLastChange(bench.caller(), list);
    expect(await last('deals')).toBe(now);
    expect(await last('organizations')).toBe(now);
    expect(await last('archived_deals')).toBeUndefined();
    expect(await last('persons')).toBeUndefined();
    expect(typeof (await last('products'))).toBe('string');
  });

  it('finds a deal that was archived, and none that is out of sight', async () => {
    const [company] = bench.practice.companies();
    const archived = company?.createDeal({ title: 'Desks', owner: ADMIN, visible_to: 1 }).id ?? 0;
    company?.win(archived);
    company?.archiveDeal(archived);
    const found = await findDealAnywhere(bench.crm, bench.caller(), archived);
    expect(found).toMatchObject({ id: archived, status: 'won', isArchived: true });
    expect(await findDealAnywhere(bench.crm, bench.caller(REP), archived)).toBeUndefined();
    expect(await findDealAnywhere(bench.crm, bench.caller(), archived + 1)).toBeUndefined();
    company?.deleteDeal(archived);
    expect(await findDealAnywhere(bench.crm, bench.caller(), archived)).toBeUndefined();
  });
});

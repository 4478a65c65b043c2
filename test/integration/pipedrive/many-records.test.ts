import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, apiRequests, type Bench, startBench } from './bench.ts';

async function collect<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id).sort((one, other) => one - other);

describe('many records of Pipedrive at once', () => {
  let bench: Bench;
  beforeEach(async () => {
    const organizations = numbers(250).map((id) => ({ id, name: `Organization ${id}` }));
    const products = numbers(8).map((id) => ({ id, name: `Desk ${id}`, code: `D-${id}`, price: 120 }));
    bench = await startBench({ organizations, products });
    await bench.install(ADMIN);
    await bench.crm.getMe(bench.caller());
  });
  afterEach(() => bench.close());

  const spent = () => bench.ledger.charges.reduce((sum, { tokens }) => sum + tokens, 0);

  it('SY-12: asks for records by their ids, a hundred a call, each id once', async () => {
    const before = spent();
    const wanted = [...numbers(250), 7, 99_999];
    const found = await bench.crm.listOrganizationsByIds(bench.caller(), wanted, []);
    expect(ids(found)).toEqual(numbers(250));
    expect(spent() - before).toBe(30);
    await expect(bench.crm.listProductsByIds(bench.caller(), [])).resolves.toEqual([]);
    await expect(bench.crm.listProductsByIds(bench.caller(), [2, 3])).resolves.toHaveLength(2);
    await expect(bench.crm.listPersonsByIds(bench.caller(), [1])).resolves.toEqual([]);
    await expect(bench.crm.listPersonsByIds(bench.caller(), [1.5])).rejects.toBeInstanceOf(TypeError);
    expect(spent() - before).toBe(50);
  });

  it('reads changed, archived and deleted deals, each in its own list', async () => {
    const [open, won, archived, deleted] = ['open', 'won', 'archived', 'deleted'].map((title) =>
      bench.company.createDeal({ title, org_id: 5 }),
    );
    if (!open || !won || !archived || !deleted) throw new Error('four deals were to be made');
    const since = new Date(bench.clock.now());
    bench.company.win(won.id);
    bench.company.updateDeal(archived.id, { is_archived: true });
    bench.company.deleteDeal(deleted.id);
    const changed = (isArchived: boolean) =>
      collect(bench.crm.listChangedDeals(bench.caller(), { updatedSince: since, archived: isArchived }));
    expect(ids(await changed(false))).toEqual(ids([open, won]));
    expect(await changed(true)).toMatchObject([{ id: archived.id, isArchived: true, isDeleted: false }]);
    const gone = await collect(bench.crm.listDeletedDeals(bench.caller(), since));
    expect(gone).toMatchObject([{ id: deleted.id, status: 'deleted', isDeleted: true }]);
    const known = [open, won, archived, deleted].map(({ id }) => id);
    expect(ids(await bench.crm.listDealsByIds(bench.caller(), known))).not.toContain(archived.id);
    bench.clock.advance(60_000);
    const later = new Date(bench.clock.now());
    await expect(
      collect(bench.crm.listChangedDeals(bench.caller(), { updatedSince: later, archived: false })),
    ).resolves.toEqual([]);
  });

  it('reads the lines of many deals for the price of a few lists', async () => {
    const deals = numbers(120).map((number) =>
      bench.company.createDeal({
        title: `Deal ${number}`,
        org_id: 5,
        lines: number === 120 ? [] : [1, 2].map((id) => ({ product_id: id, item_price: number, quantity: id })),
      }),
    );
    const before = spent();
    const lines = await bench.crm.listDealLinesOf(bench.caller(), ids(deals));
    expect(spent() - before).toBe(20);
    expect(lines.size).toBe(120);
    expect(lines.get(deals[119]?.id ?? 0)).toEqual([]);
    expect(lines.get(deals[4]?.id ?? 0)).toMatchObject([
      { productId: 1, unitPrice: '5', quantity: '1' },
      { productId: 2, unitPrice: '5', quantity: '2' },
    ]);
  });

  it.each([
    [5, 5, 5 * 5 + 10],
    [6, 1, 25 + 10],
    [101, 2, 25 + 5 + 10],
  ])('adds %i lines with %i requests, and reads what is there afterwards', async (count, requests, tokens) => {
    const { id } = bench.company.createDeal({ title: 'Desks', org_id: 5, lines: [] });
    const mark = bench.practice.log.all().length;
    const before = spent();
    const lines = numbers(count).map((number) => ({
      productId: (number % 8) + 1,
      unitPrice: '99.99',
      quantity: '1.5',
      discount: '10',
      taxPercent: '19',
      comments: '',
    }));
    const now = await bench.crm.addDealLines(bench.caller(), id, lines);
    expect(now).toHaveLength(count);
    expect(now[0]).toMatchObject({
      productId: 2,
      unitPrice: '99.99',
      quantity: '1.5',
      discount: '10',
      taxPercent: '19',
    });
    expect(apiRequests(bench.practice, mark).filter((request) => request.startsWith('POST'))).toHaveLength(requests);
    expect(spent() - before).toBe(tokens);
  });

  it('a bulk that stops halfway is refused, and what was added can be read', async () => {
    const { id } = bench.company.createDeal({ title: 'Desks', org_id: 5, lines: [] });
    const line = (productId: number) => ({ productId, unitPrice: '10', quantity: '1' });
    const lines = [...[1, 2, 3].map(line), line(4_711), ...[4, 5].map(line)];
    await expect(bench.crm.addDealLines(bench.caller(), id, lines)).rejects.toMatchObject({ kind: 'rejected' });
    const there = await bench.crm.listDealLines(bench.caller(), id);
    expect(there.length).toBeLessThan(6);
  });

  it('changes one line and removes many, never others', async () => {
    const line = { unitPrice: '10', quantity: '1' };
    const { id } = bench.company.createDeal({ title: 'Desks', org_id: 5, lines: [] });
    const lines = await bench.crm.addDealLines(
      bench.caller(),
      id,
      numbers(8).map((productId) => ({ ...line, productId })),
    );
    const [first = 0, second = 0, ...others] = lines.map((one) => one.id);
    await bench.crm.updateDealLine(bench.caller(), id, first, { unitPrice: '12.5', taxMethod: 'inclusive' });
    await bench.crm.deleteDealLines(bench.caller(), id, []);
    await bench.crm.deleteDealLines(bench.caller(), id, others);
    await expect(bench.crm.listDealLines(bench.caller(), id)).resolves.toMatchObject([
      { id: first, unitPrice: '12.5', taxMethod: 'inclusive' },
      { id: second, unitPrice: '10' },
    ]);
    await bench.crm.deleteDealLines(bench.caller(), id, [first, second, second]);
    await bench.crm.deleteDealLines(bench.caller(), id, [first]);
    await expect(bench.crm.listDealLines(bench.caller(), id)).resolves.toEqual([]);
  });

  it('knows pipelines, stages and currencies, and finds by code and by name', async () => {
    const pipelines = await bench.crm.listPipelines(bench.caller());
    const stages = await bench.crm.listStages(bench.caller());
    expect(pipelines.length).toBeGreaterThan(0);
    expect(stages.every(({ pipelineId }) => pipelines.some(({ id }) => id === pipelineId))).toBe(true);
    await expect(bench.crm.listCurrencies(bench.caller())).resolves.toContainEqual(
      expect.objectContaining({ code: 'EUR', decimals: 2, active: true }),
    );
    await expect(bench.crm.findProductsByCode(bench.caller(), 'd-3')).resolves.toEqual([
      { id: 3, name: 'Desk 3', code: 'D-3' },
    ]);
    const found = await bench.crm.findOrganizationsByName(bench.caller(), 'Organization 25');
    expect(found).toMatchObject([{ id: 25, name: 'Organization 25' }]);
    await expect(bench.crm.listProductVariations(bench.caller(), 3)).resolves.toEqual([]);
  });

  it('replaces and removes a note', async () => {
    const { id } = bench.company.createDeal({ title: 'Desks', org_id: 5 });
    const note = await bench.crm.createDealNote(bench.caller(), id, '<p>one</p>');
    await bench.crm.updateNote(bench.caller(), note, '<p>two</p>');
    await expect(bench.crm.listDealNotes(bench.caller(), id)).resolves.toEqual([{ id: note, content: '<p>two</p>' }]);
    await bench.crm.deleteNote(bench.caller(), note);
    await expect(bench.crm.listDealNotes(bench.caller(), id)).resolves.toEqual([]);
  });
});

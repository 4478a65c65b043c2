import { afterEach, describe, expect, it } from 'vitest';
import { OutcomeUnknownError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import { type Answering, jsonAnswer, startRaw } from './raw-server.ts';

const DEAL = { id: 7, title: 'Desks', status: 'won', won_time: '2026-03-02T08:00:00Z', currency: 'EUR', value: 0.3 };

describe('answers that Pipedrive should not give (5.7)', () => {
  let raw: Awaited<ReturnType<typeof startRaw>> | undefined;
  afterEach(async () => {
    await raw?.close();
    raw = undefined;
  });
  const against = async (answering: Answering) => {
    raw = await startRaw(answering);
    return raw;
  };
  const html: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>maintenance</html>');
  };
  const cut: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '999' });
    response.write('{"success":true,"data":{');
    setImmediate(() => response.destroy());
  };
  const gzipped: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('not gzip');
  };
  const huge: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.on('error', () => undefined);
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const more = () => {
      while (!response.destroyed) if (!response.write(chunk)) return void response.once('drain', more);
    };
    more();
  };
  const server500 = jsonAnswer({ success: false, error: 'Server error' }, 500);
  const maintenance = jsonAnswer({ success: false, error: 'Maintenance' }, 503);

  it.each([
    ['200 with HTML', html],
    ['half a body', cut],
    ['a compressed body nobody asked for', gzipped],
    ['an endless body', huge],
    ['500', server500],
    ['503', maintenance],
  ])('%s: a read is unavailable, a creating call of unknown outcome', async (_name, answering) => {
    const { crm, caller } = await against(answering);
    await expect(crm.getDeal(caller, 7)).rejects.toBeInstanceOf(UnavailableError);
    await expect(crm.createProduct(caller, aProduct())).rejects.toBeInstanceOf(OutcomeUnknownError);
  });

  it('sends a creating call once, whatever comes; a reading or changing one three times at most', async () => {
    const { crm, caller, seen } = await against(server500);
    await expect(crm.createProduct(caller, aProduct())).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(seen).toHaveLength(1);
    await expect(crm.updateDealFields(caller, 7, { a: 1 })).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toHaveLength(4);
  });

  it('AP-04: repeats less and less while nothing answers, then stops asking for a while', async () => {
    const { crm, caller, seen } = await against(server500);
    for (let call = 0; call < 20; call += 1) {
      await expect(crm.getDeal(caller, 7)).rejects.toBeInstanceOf(UnavailableError);
    }
    expect(seen.length).toBeLessThan(20);
  });

  it('a refused connection is unavailable for creating calls too', async () => {
    const { crm, caller, stopServer } = await against(html);
    await stopServer();
    await expect(crm.createProduct(caller, aProduct())).rejects.toBeInstanceOf(UnavailableError);
  });

  it('200 with success:false keeps its words', async () => {
    const { crm, caller } = await against(jsonAnswer({ success: false, error: 'Requested service is not available' }));
    await expect(crm.getDeal(caller, 7)).rejects.toBeInstanceOf(RejectedError);
  });

  it.each([
    ['data null', null],
    ['an empty list', []],
  ])('a list with %s is empty', async (_name, data) => {
    const { crm, caller } = await against(jsonAnswer({ success: true, data }));
    await expect(crm.listDealLines(caller, 7)).resolves.toEqual([]);
  });

  it.each([
    ['an object', {}],
    ['an id beyond 2^53', [{ id: 2 ** 53 + 2, name: 'x' }]],
    ['an id as text', [{ id: '7', name: 'x' }]],
  ])('a list of organizations with %s is refused', async (_name, data) => {
    const { crm, caller } = await against(jsonAnswer({ success: true, data }));
    await expect(collect(crm.listOrganizations(caller, { customFields: [] }))).rejects.toBeInstanceOf(RejectedError);
  });

  it('stops when the same cursor comes for ever', async () => {
    const page = { success: true, data: [{ id: 1, name: 'x' }], additional_data: { next_cursor: 'again' } };
    const { crm, caller, seen } = await against(jsonAnswer(page));
    await expect(collect(crm.listProducts(caller, {}))).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toHaveLength(2);
  });

  it('goes on after a page without rows that names a next one', async () => {
    const { crm, caller } = await against((request, response) => {
      const last = request.url?.includes('cursor=two%2B%2F') ?? false;
      const body = last
        ? { success: true, data: [{ id: 5, name: 'y', code: 42 }] }
        : { success: true, data: [], additional_data: { next_cursor: 'two+/' } };
      jsonAnswer(body)(request, response);
    });
    await expect(collect(crm.listProducts(caller, {}))).resolves.toEqual([{ id: 5, name: 'y', code: '42' }]);
  });

  it('one deal whose value cannot be carried does not hide the others; alone it is refused', async () => {
    const bad = { ...DEAL, id: 8, value: 1e21 };
    const { crm, caller } = await against((request, response) => {
      const single = request.url === '/api/v2/deals/8';
      jsonAnswer({ success: true, data: single ? bad : [bad, DEAL, { ...DEAL, id: 9, status: 'lost' }] })(
        request,
        response,
      );
    });
    const won = await collect(crm.listWonDeals(caller, new Date('2026-03-01T00:00:00.900Z')));
    expect(won.map(({ id, value }) => [id, value])).toEqual([[7, '0.3']]);
    await expect(crm.getDeal(caller, 8)).rejects.toBeInstanceOf(RejectedError);
  });

  it('leaves out what a filter that was ignored should have left out', async () => {
    const { crm, caller } = await against(
      jsonAnswer({
        success: true,
        data: [
          { id: 1, name: 'Ann', org_id: 3 },
          { id: 2, name: 'Ben', org_id: 4 },
        ],
      }),
    );
    await expect(collect(crm.listPersons(caller, { organizationId: 3 }))).resolves.toHaveLength(1);
  });

  it('gives up in the caller time, and says unknown only where a creating call was under way', async () => {
    const { crm, caller, seen } = await against(() => undefined);
    const soon = () => ({ ...caller, signal: AbortSignal.timeout(50) });
    await expect(crm.getDeal(soon(), 7)).rejects.toBeInstanceOf(UnavailableError);
    await expect(crm.createProduct(soon(), aProduct())).rejects.toBeInstanceOf(OutcomeUnknownError);
    const late = { ...caller, signal: AbortSignal.abort() };
    await expect(crm.createProduct(late, aProduct())).rejects.toBeInstanceOf(UnavailableError);
    expect(seen).toHaveLength(2);
  });
});

function aProduct() {
  return { name: 'Desk', code: 'D-1', unit: null, prices: [{ currency: 'EUR', price: '12.50' }], active: true };
}

async function collect<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrderDraft } from '../../../server/domain/order-handoff.ts';
import { OutcomeUnknownError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import { createRandom } from '../../practice/kernel/random.ts';
import type { SapFault } from '../../practice/sap/faults.ts';
import { connectErp, postToSap, type Sap, startSap, TODAY } from './sap-bench.ts';

/** 100 rounds beside the other tests; `npm run test:soak` plays as many as it has seeds. */
const ROUNDS = Number(process.env['ORDERLINE_SEEDS'] ?? 100);

let bench: Sap;
let client: ReturnType<typeof connectErp>;
let draft: OrderDraft;
let next = 0;
function newKey(): string {
  next += 1;
  return `PD8-${String(next).padStart(8, '0')}`;
}

beforeAll(async () => {
  bench = await startSap();
  client = connectErp(bench);
  const { erp, caller } = client;
  await erp.createKeyField(caller);
  const { rows: partners } = await erp.listPartnersByKey(caller, null, 100);
  const { rows: items } = await erp.listItemsByKey(caller, null, 100);
  draft = {
    cardCode: partners.find(({ type, active }) => type === 'customer' && active)?.cardCode ?? '',
    documentDate: TODAY,
    dueDate: '2026-03-20',
    currency: 'EUR',
    comments: 'Deal 8',
    lines: [
      {
        lineId: 1,
        itemCode: items.find(({ active, sales }) => active && sales)?.itemCode ?? '',
        quantity: '1',
        unitPrice: '5',
        discountPercent: '0',
      },
    ],
  };
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.sap.faults.clear();
  Object.assign(bench.office.settings, {
    needsApproval: () => false,
    approvalInChangeSet: 'draft',
    denies: () => false,
    ownRule: () => undefined,
    missing: [],
  });
  // A client of its own for each test, so that none knows what another has learnt.
  client = connectErp(bench);
});

const create = (key: string) => client.erp.createOrder(client.caller, draft, key);
const rowsOf = (key: string) => bench.office.rows('U_PD_LINK').filter(({ Code }) => Code === key);
const documentsOf = (key: string) =>
  bench.office.findByKey(key).filter(({ set, row }) => set !== 'U_PD_LINK' && row['Cancelled'] !== 'tYES');
const writes = () =>
  bench.sap.log
    .all()
    .filter(({ method, path }) => method === 'POST' && /(Orders|\$batch)$/.test(path))
    .map(({ path }) => path.replace(/^.*\//, ''));

describe('without the ledger table', () => {
  it('the order goes alone, and the mode says so', async () => {
    expect(await client.erp.handoffGuard(client.caller)).toBe('settle');
    const before = writes().length;
    await create(newKey());
    expect(writes().slice(before)).toEqual(['Orders']);
  });

  it('a write that is booked late, and one sent without waiting, make two orders: this is what the ledger is for', async () => {
    const key = newKey();
    bench.sap.faults.add({ method: 'POST', path: /^\/?Orders$/, kind: 'late_commit', delayMs: 60_000 });
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    await create(key);
    bench.clock.advance(61_000);
    expect(documentsOf(key)).toHaveLength(2);
  });
});

describe('EO-06 with the ledger table', () => {
  beforeAll(() => client.erp.createLedger(client.caller));

  it('row and order are one transaction: one request, the row first', async () => {
    expect(await client.erp.handoffGuard(client.caller)).toBe('ledger');
    const key = newKey();
    const before = writes().length;
    await expect(create(key)).resolves.toMatchObject({ document: 'order', key });
    expect(writes().slice(before)).toEqual(['$batch']);
    const sent = bench.sap.log.all().filter(({ path }) => path.endsWith('$batch'));
    const body = sent.at(-1)?.body ?? '';
    expect(body.indexOf('/U_PD_LINK')).toBeGreaterThan(0);
    expect(body.indexOf('/Orders')).toBeGreaterThan(body.indexOf('/U_PD_LINK'));
    expect(rowsOf(key)).toMatchObject([{ Code: key, Name: key }]);
  });

  it('a second attempt rolls back as a whole and gives the order that is there', async () => {
    const key = newKey();
    const first = await create(key);
    await expect(create(key)).resolves.toMatchObject({ docEntry: first.docEntry });
    expect(documentsOf(key)).toHaveLength(1);
    expect(rowsOf(key)).toHaveLength(1);
  });

  it('EO-05 a write that is booked late finds the place taken, although nobody waited for it', async () => {
    const key = newKey();
    bench.sap.faults.add({ path: /batch$/, kind: 'late_commit', delayMs: 60_000 });
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    await create(key);
    bench.clock.advance(61_000);
    expect(documentsOf(key)).toHaveLength(1);
    expect(rowsOf(key)).toHaveLength(1);
  });

  it('what SAP refuses leaves no row behind, in SAP’s words', async () => {
    const key = newKey();
    bench.office.settings.ownRule = (set) => (set === 'Orders' ? 'Kunde hat Liefersperre' : undefined);
    await expect(create(key)).rejects.toMatchObject({ code: '-1116', words: '(1) Kunde hat Liefersperre' });
    expect(rowsOf(key)).toEqual([]);
    bench.office.settings.ownRule = () => undefined;
    await expect(create(key)).resolves.toMatchObject({ key });
  });

  it('a row without a document says that somebody tried: the same row stands for the order that follows', async () => {
    const key = newKey();
    await postToSap(bench, 'U_PD_LINK', { Code: key, Name: key });
    await expect(create(key)).resolves.toMatchObject({ document: 'order', key });
    expect(rowsOf(key)).toHaveLength(1);
    expect(documentsOf(key)).toHaveLength(1);
  });

  it.each(['draft', 'refuse'] as const)('an approval procedure gets its draft (in a change set: %s)', async (kind) => {
    bench.office.settings.needsApproval = (set) => set === 'Orders';
    bench.office.settings.approvalInChangeSet = kind;
    const key = newKey();
    await expect(create(key)).resolves.toMatchObject({ document: 'draft', status: 'waiting_for_approval', key });
    await expect(create(key)).resolves.toMatchObject({ document: 'draft' });
    expect(documentsOf(key)).toHaveLength(1);
  });

  it('where the user may not write to the table the order goes alone, and the mode says so from then on', async () => {
    bench.office.settings.denies = (method, resource) => method === 'POST' && resource === 'U_PD_LINK';
    await expect(create(newKey())).resolves.toMatchObject({ document: 'order' });
    expect(await client.erp.handoffGuard(client.caller)).toBe('settle');
  });

  it.each([
    [-5006, 'The logged-on user does not have permission to use this object'],
    [-5002, 'You are not authorized to perform this action'],
    [806, 'Unrecognized resource path.'],
    [403, 'Forbidden'],
    [405, ''],
    [-10, 'Value too long in property  [@PD_LINK.Code]'],
  ])('where SAP refuses the row with %d “%s” the order goes alone', async (code, message) => {
    bench.sap.faults.add({ path: /batch$/, kind: 'reject', code, message });
    const key = newKey();
    await expect(create(key)).resolves.toMatchObject({ document: 'order', key });
    expect(await client.erp.handoffGuard(client.caller)).toBe('settle');
    expect(documentsOf(key)).toHaveLength(1);
  });

  it('where a proxy answers batches with a page no order waits forever: the next attempt goes alone', async () => {
    const page = bench.sap.faults.add({ path: /batch$/, kind: 'html_502_before', times: 100 });
    const key = newKey();
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    await expect(create(key)).resolves.toMatchObject({ document: 'order', key });
    expect(rowsOf(key)).toEqual([]);
    expect(await client.erp.handoffGuard(client.caller)).toBe('settle');
    page.remove();
    bench.clock.advance(11 * 60_000);
    expect(await client.erp.handoffGuard(client.caller)).toBe('ledger');
  });

  it('nothing is learned about batches while SAP as a whole does not answer', async () => {
    const key = newKey();
    bench.sap.faults.add({ path: /batch$/, kind: 'html_502_before' });
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    const away = bench.sap.faults.add({ kind: 'html_502_before', times: 100 });
    await expect(create(key)).rejects.toBeInstanceOf(UnavailableError);
    away.remove();
    bench.clock.advance(60_000);
    await expect(create(key)).resolves.toMatchObject({ document: 'order', key });
    expect(rowsOf(key)).toHaveLength(1);
  });

  it('a table that was found once is looked for again after a while', async () => {
    const capabilities = await client.erp.probeCapabilities(client.caller, null);
    client = connectErp(bench, { capabilities });
    bench.office.settings.denies = (_method, resource) => resource === 'U_PD_LINK';
    expect(await client.erp.handoffGuard(client.caller)).toBe('ledger');
    bench.clock.advance(11 * 60_000);
    expect(await client.erp.handoffGuard(client.caller)).toBe('settle');
  });

  it('a table that cannot be read is not relied on', async () => {
    bench.office.settings.denies = (_method, resource) => resource === 'U_PD_LINK';
    expect(await client.erp.handoffGuard(client.caller)).toBe('settle');
  });

  it('is not used where the server lets no batch through, and not asked for where it was found', async () => {
    const capabilities = await client.erp.probeCapabilities(client.caller, null);
    expect(capabilities).toMatchObject({ batch: 'yes', ledger: 'yes' });
    client = connectErp(bench, { capabilities: { ...capabilities, batch: 'no' } });
    expect(await client.erp.handoffGuard(client.caller)).toBe('settle');
    client = connectErp(bench, { capabilities });
    const asked = () => bench.sap.log.all().filter(({ path }) => path.includes('U_PD_LINK?')).length;
    const before = asked();
    expect(await client.erp.handoffGuard(client.caller)).toBe('ledger');
    expect(asked()).toBe(before);
  });

  it('works in the older dialect', async () => {
    client = connectErp(bench, { address: `${bench.sap.url}/b1s/v1` });
    const key = newKey();
    await expect(create(key)).resolves.toMatchObject({ key });
    await expect(create(key)).resolves.toMatchObject({ key });
    expect(documentsOf(key)).toHaveLength(1);
  });

  it('an answer that cannot be read as one is an unknown outcome', async () => {
    const key = newKey();
    bench.sap.faults.add({ path: /batch$/, kind: 'html_200_after_commit' });
    await expect(create(key)).rejects.toBeInstanceOf(OutcomeUnknownError);
    await expect(create(key)).resolves.toMatchObject({ key });
    expect(documentsOf(key)).toHaveLength(1);
  });

  const FAULTS: readonly SapFault['kind'][] = [
    'drop_after_commit',
    'drop_before',
    'late_commit',
    'html_502_after_commit',
    'html_502_before',
    'empty_500_after_commit',
    'odd_body',
    'session_lost',
    'switch_company_305',
  ];

  it(
    `0 half-writes: after ${ROUNDS} orders, each tried until it is there, there is one row and one order of each`,
    async () => {
      const random = createRandom(6);
      const broken: string[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const key = newKey();
        const kind = FAULTS[Math.floor(random.next() * FAULTS.length)] ?? 'drop_before';
        bench.sap.faults.clear();
        const planted = bench.sap.faults.add({ method: 'POST', path: /batch$/, kind, delayMs: 5_000 });
        for (let attempt = 0; attempt < 2; attempt += 1) {
          await create(key).catch((error: unknown) => {
            if (error instanceof RejectedError) throw error;
          });
        }
        bench.clock.advance(6_000);
        await create(key);
        const [rows, documents] = [rowsOf(key).length, documentsOf(key).length];
        if (rows !== 1 || documents !== 1 || planted.hits() === 0)
          broken.push(`${kind}: ${rows} rows, ${documents} orders`);
      }
      expect(broken).toEqual([]);
    },
    30_000 + ROUNDS * 500,
  );
});

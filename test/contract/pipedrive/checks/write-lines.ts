import { partLines } from '../../../../server/app/listed-lines.ts';
import type { CrmListedLine } from '../../../../server/app/ports/crm.ts';
import type { CrmDealLineValues } from '../../../../server/app/ports/crm-line-editing.ts';
import { compare } from '../../../../server/kernel/money.ts';
import { type Found, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { type Maker, making } from '../maker.ts';
import { wordsOf } from '../raw-client.ts';
import type { Scene } from '../scene.ts';

const NO_SUCH_ID = 2_147_483_646;
/** Times of change count whole seconds. */
const A_SECOND_AND_MORE_MS = 1_500;

/** From six on they are added and removed in one call. */
const MANY = 6;

async function dealAndProduct(maker: Maker) {
  const productId = await maker.post('product', (name) => ({ name }));
  return { productId, dealId: await maker.post('deal', (title) => ({ title })) };
}

const numbered = (productId: number, count: number): CrmDealLineValues[] =>
  Array.from({ length: count }, (_, at) => ({ productId, unitPrice: '10.5', quantity: String(at + 1) }));

const quantities = (lines: readonly CrmListedLine[]) =>
  partLines(lines)
    .lines.map(({ quantity }) => Number(quantity))
    .join();

async function editing({ crm, caller }: Scene, maker: Maker): Promise<Found> {
  const { productId, dealId } = await dealAndProduct(maker);
  const two = await crm.addDealLines(caller, dealId, numbered(productId, 2));
  const all = await crm.addDealLines(caller, dealId, numbered(productId, MANY));
  const [first, second, ...rest] = all;
  if (!first || !second) return verdict([[false, `Eight lines were added; ${all.length} are there.`]]);
  await crm.updateDealLine(caller, dealId, first.id, {
    unitPrice: '9.99',
    discount: '5',
    discountType: 'percentage',
    comments: 'changed',
  });
  const changed = partLines(await crm.listDealLines(caller, dealId)).lines.find(({ id }) => id === first.id);
  await crm.deleteDealLines(caller, dealId, [second.id]);
  await crm.deleteDealLines(
    caller,
    dealId,
    rest.map(({ id }) => id),
  );
  const left = await crm.listDealLines(caller, dealId);
  return verdict([
    [quantities(two) === '1,2', `Two lines in a row read ${quantities(two)}.`],
    [quantities(all) === '1,2,1,2,3,4,5,6', `All lines read ${quantities(all)}.`],
    [compare(changed?.unitPrice ?? '0', '9.99') === 0, `The changed price is ${changed?.unitPrice}.`],
    [compare(changed?.discount ?? '0', '5') === 0, `The changed discount is ${changed?.discount}.`],
    [left.length === 1 && left[0]?.id === first.id, `${left.length} lines are left.`],
  ]);
}

async function times({ crm, caller, sleep }: Scene, maker: Maker): Promise<Found> {
  const { productId, dealId } = await dealAndProduct(maker);
  const [line] = await crm.addDealLines(caller, dealId, numbered(productId, 1));
  if (!line) return notAsked('The line is not there.');
  const before = await crm.getDeal(caller, dealId);
  await sleep(A_SECOND_AND_MORE_MS, AbortSignal.timeout(2 * A_SECOND_AND_MORE_MS));
  await crm.updateDealLine(caller, dealId, line.id, { comments: 'changed' });
  const silent = await crm.getDeal(caller, dealId);
  await sleep(A_SECOND_AND_MORE_MS, AbortSignal.timeout(2 * A_SECOND_AND_MORE_MS));
  await crm.updateDealLine(caller, dealId, line.id, { quantity: '7' });
  const later = await crm.getDeal(caller, dealId);
  return verdict(
    [[later.updateTime > silent.updateTime, 'A changed quantity does not move it.']],
    `A comment ${silent.updateTime > before.updateTime ? 'moves it too' : 'does not'}.`,
  );
}

async function oneWrongOfThree({ crm, caller, raw }: Scene, maker: Maker): Promise<Found> {
  const { productId, dealId } = await dealAndProduct(maker);
  const line = (product_id: number) => ({ product_id, item_price: 1, quantity: 1 });
  const data = [productId, NO_SUCH_ID, productId].map(line);
  const answer = await raw.once('POST', `/api/v2/deals/${dealId}/products/bulk`, { data });
  const { length } = await crm.listDealLines(caller, dealId);
  return verdict(
    [[answer.status >= 300 || length < data.length, 'A product that is not there is taken.']],
    `It is answered ${answer.status} ${wordsOf(answer)}; ${length === 0 ? 'none is' : `${length} are`} added.`,
  );
}

/** Makes deals with lines, and removes them. Source: reference 4.8 and 10. */
export const lineWriteChecks: readonly Check[] = [
  {
    name: 'write.lines',
    claim: 'Lines are added one by one and many at once, changed, and removed one by one and many at once.',
    covers: ['addDealLine', 'addDealLines', 'updateDealLine', 'deleteDealLine', 'deleteDealLines'],
    writes: true,
    run: making(editing),
  },
  {
    name: 'write.line-time',
    claim: 'A change of a line moves the time of the deal’s last change.',
    writes: true,
    run: making(times),
  },
  {
    name: 'write.bulk-lines',
    claim: 'Of many lines with a wrong one among them, none is added, or some are.',
    writes: true,
    run: making(oneWrongOfThree),
  },
];

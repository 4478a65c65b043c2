import { compare } from '../../../../server/kernel/money.ts';
import { type Found, holds, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { type Maker, making, refusalOf } from '../maker.ts';
import { recordOf, rowsOf } from '../raw-client.ts';
import type { Scene } from '../scene.ts';

const newDeal = (maker: Maker) => maker.post('deal', (title) => ({ title }));

async function patch({ raw }: Scene, id: number, body: object): Promise<Record<string, unknown>> {
  return recordOf(await raw.once('PATCH', `/api/v2/deals/${id}`, body));
}

async function archived(scene: Scene, maker: Maker): Promise<Found> {
  const { crm, caller, raw } = scene;
  const id = await newDeal(maker);
  await patch(scene, id, { is_archived: true });
  const found = await crm.findArchivedDeal(caller, id);
  const listed = await crm.listDealsByIds(caller, [id]);
  const { status } = await raw.read(`/api/v2/deals/${id}`);
  await patch(scene, id, { is_archived: false });
  return verdict(
    [
      [found?.id === id, 'It is not found among the archived ones.'],
      [listed.length === 0, 'It is still in the usual list.'],
    ],
    `Asked for alone, it is answered ${status}.`,
  );
}

async function wonThenDeleted(scene: Scene, maker: Maker): Promise<Found> {
  const { crm, caller, raw } = scene;
  const id = await newDeal(maker);
  await patch(scene, id, { status: 'won' });
  const won = await crm.getDeal(caller, id);
  await maker.remove('deal', id);
  const among = rowsOf(await raw.read(`/api/v2/deals?status=won&ids=${id}`));
  const deleted = rowsOf(await raw.read(`/api/v2/deals?status=deleted&ids=${id}`));
  return verdict(
    [
      [won.status === 'won' && won.wonAt !== null, 'It was not won.'],
      [deleted.length === 1, 'It is not listed as deleted.'],
      [among.every((row) => row['is_deleted'] === true), 'It is listed as won without a mark.'],
    ],
    `Among the won ones it is ${among.length > 0 ? 'still' : 'no longer'} listed; as deleted its status reads ${String(deleted[0]?.['status'])}.`,
  );
}

async function valueWithLines(scene: Scene, maker: Maker): Promise<Found> {
  const { crm, caller } = scene;
  const productId = await maker.post('product', (name) => ({ name }));
  const id = await newDeal(maker);
  await crm.addDealLines(caller, id, [{ productId, unitPrice: '10', quantity: '2' }]);
  const { value: before } = await crm.getDeal(caller, id);
  const answer = await scene.raw.once('PATCH', `/api/v2/deals/${id}`, { value: 999 });
  const { value: later } = await crm.getDeal(caller, id);
  return verdict(
    [[before !== null && compare(before, '20') === 0, `Two for 10 make a value of ${before}.`]],
    `A value that is written beside lines is answered ${answer.status}; afterwards it is ${later}.`,
  );
}

async function notes({ crm, caller }: Scene, maker: Maker): Promise<Found> {
  const dealId = await newDeal(maker);
  const words = '<b>SAP</b> order 4711 &amp; more';
  const id = await maker.make('note', () => crm.createDealNote(caller, dealId, words));
  await crm.updateNote(caller, id, `${words}!`);
  const listed = await crm.listDealNotes(caller, dealId);
  await crm.deleteNote(caller, id);
  const later = await crm.listDealNotes(caller, dealId);
  return verdict(
    [
      [listed.length === 1 && listed[0]?.id === id, `${listed.length} notes are listed.`],
      [later.length === 0, 'It is still listed once it is deleted.'],
    ],
    listed[0]?.content === `${words}!` ? undefined : `Its text reads ${listed[0]?.content}.`,
  );
}

const LARGE = 100_000;

async function largeNote({ crm, caller }: Scene, maker: Maker): Promise<Found> {
  const dealId = await newDeal(maker);
  const content = 'x'.repeat(LARGE);
  const refusal = await refusalOf(() => maker.post('note', () => ({ deal_id: dealId, content })));
  if (refusal !== undefined) return holds(`Refused: ${refusal}`);
  const kept = (await crm.listDealNotes(caller, dealId))[0]?.content.length ?? 0;
  return verdict([[kept === LARGE, `${kept} characters of it are kept.`]], 'Taken.');
}

/** Makes deals and notes, and removes them. Source: reference 4.7, 4.12 and 10. */
export const dealWriteChecks: readonly Check[] = [
  {
    name: 'write.archived',
    claim: 'A deal that is archived leaves the usual list and is found among the archived ones.',
    writes: true,
    run: making(archived),
  },
  {
    name: 'write.won-deleted',
    claim: 'A won deal that is deleted is listed as deleted, and nowhere as won without a mark.',
    writes: true,
    run: making(wonThenDeleted),
  },
  {
    name: 'write.value',
    claim: 'The value of a deal with lines is their sum.',
    writes: true,
    run: making(valueWithLines),
  },
  {
    name: 'write.notes',
    claim: 'A note is made, changed, listed with its deal alone, and deleted.',
    covers: ['createNote', 'updateNote', 'deleteNote'],
    writes: true,
    run: making(notes),
  },
  {
    name: 'write.note-size',
    claim: 'A note of 100,000 characters is taken whole, or refused.',
    writes: true,
    run: making(largeNote),
  },
];

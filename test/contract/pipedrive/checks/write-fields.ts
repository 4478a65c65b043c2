import { randomBytes } from 'node:crypto';
import type { CrmChoiceEntity, CrmFieldEntity } from '../../../../server/app/ports/crm.ts';
import { RejectedError } from '../../../../server/kernel/errors.ts';
import { differs, type Found, holds, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { type Maker, making } from '../maker.ts';
import type { Scene } from '../scene.ts';

const KINDS = {
  organization: 'organization field',
  person: 'person field',
  deal: 'deal field',
  product: 'product field',
} as const;

type NewField = { type: 'varchar' | 'monetary' | 'date' | 'double' } | { type: 'enum'; options: readonly string[] };

async function makeField({ crm, caller }: Scene, maker: Maker, entity: CrmFieldEntity, field: NewField) {
  return maker.make(KINDS[entity], async (name) => (await crm.createField(caller, entity, { name, ...field })).code);
}

async function choices(scene: Scene, maker: Maker, entity: CrmChoiceEntity): Promise<string[]> {
  const { crm, caller } = scene;
  const code = await makeField(scene, maker, entity, { type: 'enum', options: ['one'] });
  const added = await crm.addFieldOptions(caller, entity, code, ['two', 'three']);
  await crm.renameFieldOptions(
    caller,
    entity,
    code,
    added.slice(0, 1).map(({ id }) => ({ id, label: 'second' })),
  );
  const field = (await crm.listFields(caller, entity)).find((one) => one.code === code);
  const labels = (field?.options ?? []).map(({ label }) => label);
  return [
    ...(added.length === 2 ? [] : [`Adding two choices to a field of ${entity} gave ${added.length}.`]),
    ...(labels.join() === 'one,second,three' ? [] : [`The choices of ${entity} are ${labels.join(', ')}.`]),
  ];
}

async function definitions(scene: Scene, maker: Maker): Promise<Found> {
  const { crm, caller } = scene;
  const wrong = [...(await choices(scene, maker, 'organization')), ...(await choices(scene, maker, 'deal'))];
  for (const entity of ['person', 'product'] as const) {
    const code = await makeField(scene, maker, entity, { type: 'varchar' });
    const field = (await crm.listFields(caller, entity)).find((one) => one.code === code);
    if (!field?.custom || field.type !== 'varchar') wrong.push(`The field of ${entity} is not as it was made.`);
  }
  return verdict([[wrong.length === 0, wrong.join(' ')]]);
}

async function values(scene: Scene, maker: Maker): Promise<Found> {
  const { crm, caller } = scene;
  const dealId = await maker.post('deal', (title) => ({ title }));
  const text = await makeField(scene, maker, 'deal', { type: 'varchar' });
  const money = await makeField(scene, maker, 'deal', { type: 'monetary' });
  const day = await makeField(scene, maker, 'deal', { type: 'date' });
  const number = await makeField(scene, maker, 'deal', { type: 'double' });
  const choice = await makeField(scene, maker, 'deal', { type: 'enum', options: ['one', 'two'] });
  const options = (await crm.listFields(caller, 'deal')).find(({ code }) => code === choice)?.options ?? [];
  const wanted = {
    [text]: 'Nordlicht & Söhne',
    [money]: { value: 1234.56, currency: 'EUR' },
    [day]: '2026-03-04',
    [number]: 0.1,
    [choice]: options[1]?.id ?? 0,
  };
  await crm.updateDealFields(caller, dealId, wanted);
  const { customFields } = await crm.getDeal(caller, dealId);
  const odd = Object.entries(wanted).filter(([code, value]) => !sameValue(customFields[code], value));
  await crm.updateDealFields(caller, dealId, Object.fromEntries(Object.keys(wanted).map((code) => [code, null])));
  const cleared = (await crm.getDeal(caller, dealId)).customFields;
  const left = Object.keys(wanted).filter((code) => (cleared[code] ?? null) !== null);
  const seen = odd.map(([code, value]) => `${JSON.stringify(value)} reads ${JSON.stringify(customFields[code])}.`);
  return verdict([
    [odd.length === 0, seen.join(' ')],
    [left.length === 0, `${left.length} of them cannot be emptied.`],
  ]);
}

/** Members beside those that were written are Pipedrive's own. */
function sameValue(read: unknown, written: unknown): boolean {
  if (typeof written !== 'object' || written === null) return read === written;
  const members = Object.entries(Object(read));
  return Object.entries(written).every(([name, value]) => members.some(([key, one]) => key === name && one === value));
}

/** What becomes of a value for that field, which is not there. */
async function afterWriting({ crm, caller }: Scene, dealId: number, code: string): Promise<Found> {
  try {
    await crm.updateDealFields(caller, dealId, { [code]: 'x' });
    return holds('It is passed over.');
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    if (error.field !== code) return differs(`It is refused without naming the field: ${error.words}`);
    return holds(`It is refused: ${error.words.replaceAll(code, 'the field')}`);
  }
}

/** Makes custom fields and values in them, and removes them. Source: reference 4.4, 4.10 and 10. */
export const fieldWriteChecks: readonly Check[] = [
  {
    name: 'write.fields',
    claim: 'Fields are made with their choices, of which more are added and others renamed.',
    covers: [
      'createOrganizationField',
      'addOrganizationFieldOptions',
      'renameOrganizationFieldOptions',
      'createDealField',
      'addDealFieldOptions',
      'renameDealFieldOptions',
      'createPersonField',
      'createProductField',
    ],
    writes: true,
    run: making(definitions),
  },
  {
    name: 'write.values',
    claim: 'Text, money, a day, a number and a choice read as they were written, and are emptied by null.',
    covers: ['updateDeal'],
    writes: true,
    run: making(values),
  },
  {
    name: 'write.unknown-field',
    claim: 'A value for a field that was never there is refused by name, or passed over.',
    writes: true,
    run: making(async (scene, maker) => {
      const dealId = await maker.post('deal', (title) => ({ title }));
      return afterWriting(scene, dealId, randomBytes(20).toString('hex'));
    }),
  },
  {
    name: 'write.deleted-field',
    claim: 'A value for a field that was deleted is refused by name, or passed over.',
    writes: true,
    run: making(async (scene, maker) => {
      const dealId = await maker.post('deal', (title) => ({ title }));
      const code = await makeField(scene, maker, 'deal', { type: 'varchar' });
      await maker.remove('deal field', code);
      return afterWriting(scene, dealId, code);
    }),
  },
];

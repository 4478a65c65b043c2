import { queriesOf } from '../../server/db/unit-of-work.ts';
import type { Customer } from './companies.ts';

/** How many records of each kind are to be linked. */
export interface LinkedSizes {
  readonly partner: number;
  readonly contact: number;
  readonly item: number;
}

const FIRST_ID = 1_000_000;
/** So far apart were they last changed: no two pages of changes are alike. */
const APART_MS = 60_000;

/** Fills both sides up to so many links, without the first load that would have made them. */
export async function fillLinks({ pipedrive, within }: Customer, sizes: LinkedSizes, before: number): Promise<void> {
  const { state } = pipedrive;
  const makers = {
    partner: { records: state.organizations, like: [...state.organizations.values()][0] },
    contact: { records: state.persons, like: [...state.persons.values()][0] },
    item: { records: state.products, like: [...state.products.values()][0] },
  } as const;
  await within(async (tx, connection) => {
    for (const kind of ['partner', 'contact', 'item'] as const) {
      const known = await queriesOf(tx)('entity_links').where({ kind }).count<{ count: string }[]>();
      const missing = sizes[kind] - Number(known[0]?.count ?? 0);
      const { records, like } = makers[kind];
      if (!like) throw new Error(`There is no ${kind} to copy.`);
      const rows = Array.from({ length: missing }, (_, index) => ({
        installation_id: tx.installationId,
        connection_id: connection,
        kind,
        sap_key: `FILL-${index}`,
        pipedrive_id: String(FIRST_ID + index),
        state: 'linked',
      }));
      for (const [index] of rows.entries()) {
        const time = new Date(before - (index + 1) * APART_MS).toISOString().replace(/\.\d+/, '');
        const copy = { ...like, id: FIRST_ID + index, custom_fields: {}, add_time: time, update_time: time };
        Reflect.apply(records.set, records, [FIRST_ID + index, copy]);
      }
      await queriesOf(tx).batchInsert('entity_links', rows, 500);
    }
  });
}

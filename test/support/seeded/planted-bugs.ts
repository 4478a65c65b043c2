import pg from 'pg';
import type { Handoff } from '../../../server/app/ports/handoff-store.ts';
import type { Tx } from '../../../server/app/ports/unit-of-work.ts';
import type { Ports } from '../../../server/compose-ports.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { OutcomeUnknownError } from '../../../server/kernel/errors.ts';
import { databaseServer, databaseUrls } from '../database-server.ts';
import type { House } from './house.ts';

/** No answer came, so it is simply sent again. */
export function withBlindRetry(ports: Ports): Ports {
  const { erp } = ports;
  return {
    ...ports,
    erp: {
      ...erp,
      async createOrder(caller, draft, key) {
        try {
          return await erp.createOrder(caller, draft, key);
        } catch (error) {
          if (!(error instanceof OutcomeUnknownError)) throw error;
          return erp.createOrder(caller, draft, key);
        }
      },
    },
  };
}

/** Between the last look at the clock and the write, a process may stand still for as long as it likes. */
export function withoutDeadline(ports: Ports): Ports {
  const { erp } = ports;
  return {
    ...ports,
    erp: {
      ...erp,
      createOrder: ({ writeBefore: _, ...caller }, draft, key) => erp.createOrder(caller, draft, key),
    },
  };
}

/** Whoever comes back last has the say, however long ago another attempt took over. */
export function withoutFence(ports: Ports): Ports {
  const write = async (tx: Tx, { id }: Handoff, values: Readonly<Record<string, unknown>>): Promise<void> => {
    await queriesOf(tx)('handoffs').where({ installation_id: tx.installationId, id }).update(values);
  };
  return {
    ...ports,
    handoffs: {
      ...ports.handoffs,
      async markSent(tx, handoff) {
        await write(tx, handoff, { sent: true });
        return true;
      },
      settle: (tx, handoff, { docEntry, docNum, document }) =>
        write(tx, handoff, { state: 'posted', doc_entry: docEntry, doc_num: docNum, document, lease_until: null }),
      release: (tx, handoff) => write(tx, handoff, { state: 'pending', lease_until: null }),
      markUnconfirmed: (tx, handoff, settleAt) =>
        write(tx, handoff, { state: 'unconfirmed', settle_at: settleAt, lease_until: null }),
    },
  };
}

/** The promise rests on a look-up alone: two triggers at once both find nothing. */
export async function dropUniqueKeys(house: House): Promise<void> {
  const name = new URL(house.company.databaseUrl).pathname.slice(1);
  const client = new pg.Client({ connectionString: databaseUrls(databaseServer(), name).superuserUrl });
  await client.connect();
  await client.query(
    'alter table handoffs drop constraint handoffs_one_per_generation, drop constraint handoffs_key_unique',
  );
  await client.end();
}

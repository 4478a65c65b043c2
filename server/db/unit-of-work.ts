import type { Knex } from 'knex';
import type { Tx, UnitOfWork } from '../app/ports/unit-of-work.ts';
import type { InstallationId } from '../kernel/ids.ts';
import { translateDatabaseError } from './database-errors.ts';

interface TxState {
  readonly queries: Knex.Transaction;
  readonly lastSteps: (() => Promise<void>)[];
}

/** What a `Tx` stands for; outside this folder it is opaque. */
const states = new WeakMap<Tx, TxState>();

/**
 * Runs work in a transaction whose tenant is set for it alone. A database out of reach becomes an UnavailableError;
 * everything else that `work` throws comes through as it is, and nothing is kept.
 */
export function createUnitOfWork(db: Knex): UnitOfWork {
  return {
    async within(installationId, work) {
      try {
        return await db.transaction((queries) => inTenant(queries, installationId, work));
      } catch (error) {
        throw translateDatabaseError(error);
      }
    },
  };
}

/** Sets the tenant from here on, in a transaction that may have had another one before. */
export async function inTenant<T>(
  queries: Knex.Transaction,
  installationId: InstallationId,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  await queries.raw(`select set_config('orderline.installation_id', ?, true)`, [installationId]);
  const { tx, lastSteps } = openTx(installationId, queries);
  const result = await work(tx);
  for (const step of lastSteps) await step();
  return result;
}

/** For the repositories: the queries of this transaction. */
export function queriesOf(tx: Tx): Knex.Transaction {
  return stateOf(tx).queries;
}

/**
 * To be done after all other work of the transaction, just before it commits: a row that every transaction of a tenant
 * locks is then always locked last, and two of them cannot wait for each other.
 */
export function beforeCommit(tx: Tx, step: () => Promise<void>): void {
  stateOf(tx).lastSteps.push(step);
}

function openTx(
  installationId: InstallationId,
  queries: Knex.Transaction,
): { tx: Tx; lastSteps: TxState['lastSteps'] } {
  const lastSteps: TxState['lastSteps'] = [];
  const tx = Object.freeze({ installationId }) as Tx;
  states.set(tx, { queries, lastSteps });
  return { tx, lastSteps };
}

function stateOf(tx: Tx): TxState {
  const state = states.get(tx);
  if (!state) throw new Error('This is no transaction of the unit of work.');
  return state;
}

import type { Knex } from 'knex';
import type { DeliveryInbox, DeliveryOutcome, InboxDelivery } from '../app/ports/delivery-inbox.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { InstallationId } from '../kernel/ids.ts';
import { isHeldUp, translateDatabaseError } from './database-errors.ts';
import { findingStore } from './finding-store.ts';
import { type GroupLimits, groupCommits } from './group-commits.ts';
import { RANK } from './job-queue.ts';
import { inTenant } from './unit-of-work.ts';

export interface InboxOptions {
  /** Deliveries in one commit at most; default 200. */
  readonly most?: number;
  /** So long the database may take for a commit; then its connection is given up. Default 10 s. */
  readonly patienceMs?: number;
}

/** Bytes of bodies in one commit; a larger body goes alone. */
const HEAVIEST = 4 * 1_048_576;
/** Tenants at once for whose row a connection waits: the others, and the rest of the app, need the pool too. */
const MOST_WAITED_FOR = 3;
type Outcome = DeliveryOutcome | 'busy';
type Database = { readonly db: Knex; readonly patienceMs: number };
type Store = (delivery: InboxDelivery) => Promise<DeliveryOutcome>;

/** Groups the commits of one process. Across processes the database keeps two of the same event apart. */
export function createDeliveryInbox(db: Knex, { most = 200, patienceMs = 10_000 }: InboxOptions = {}): DeliveryInbox {
  const database = { db, patienceMs };
  const limits = { most, heaviest: HEAVIEST, weigh: ({ body }: InboxDelivery) => body.length };
  const waitForTenant = createWaitingRooms(database, limits);

  async function commit(group: readonly InboxDelivery[]): Promise<(DeliveryOutcome | Promise<DeliveryOutcome>)[]> {
    try {
      const outcomes = await storeTogether(database, group, false);
      return group.map((delivery) => {
        const outcome = outcomes.get(delivery.id) ?? 'busy';
        return outcome === 'busy' ? waitForTenant(delivery) : outcome;
      });
    } catch (error) {
      if (group.length === 1) throw error;
      return storeOneByOne(group, async (delivery) => {
        const outcome = (await storeTogether(database, [delivery], false)).get(delivery.id) ?? 'busy';
        return outcome === 'busy' ? { waiting: waitForTenant(delivery) } : outcome;
      });
    }
  }

  return { store: groupCommits(commit, limits) };
}

/** Deliveries whose tenant is being changed just now wait for that together, on one connection a tenant. */
function createWaitingRooms(database: Database, limits: GroupLimits<InboxDelivery>): Store {
  const rooms = new Map<InstallationId, { readonly store: Store; inside: number }>();

  async function commit(group: readonly InboxDelivery[]): Promise<Promise<DeliveryOutcome>[]> {
    const storeAlone = async (delivery: InboxDelivery) =>
      settled(await storeTogether(database, [delivery], true), delivery);
    try {
      const outcomes = await storeTogether(database, group, true);
      return group.map(async (delivery) => settled(outcomes, delivery));
    } catch (error) {
      if (group.length === 1 || error instanceof UnavailableError) throw error;
      return storeOneByOne(group, storeAlone);
    }
  }

  return async (delivery) => {
    const { installationId } = delivery;
    const room = rooms.get(installationId) ?? { store: groupCommits(commit, limits), inside: 0 };
    if (room.inside === 0 && rooms.size >= MOST_WAITED_FOR) throw notNow();
    rooms.set(installationId, room);
    room.inside += 1;
    try {
      return await room.store(delivery);
    } finally {
      room.inside -= 1;
      if (room.inside === 0) rooms.delete(installationId);
    }
  };
}

/**
 * One that cannot be stored must not take the others with it, nor one tenant that is held up by a lock the next. Once the
 * database is away, it is so for the rest too; so it is when it holds everybody up.
 */
async function storeOneByOne(
  group: readonly InboxDelivery[],
  store: (delivery: InboxDelivery) => Promise<DeliveryOutcome | { readonly waiting: Promise<DeliveryOutcome> }>,
): Promise<Promise<DeliveryOutcome>[]> {
  const results: Promise<DeliveryOutcome>[] = [];
  const heldUp = new Set<InstallationId>();
  let away: UnavailableError | undefined;
  for (const delivery of group) {
    if (away || heldUp.has(delivery.installationId)) {
      results.push(rejected(away ?? notNow()));
      continue;
    }
    try {
      const result = await store(delivery);
      results.push(typeof result === 'string' ? Promise.resolve(result) : result.waiting);
    } catch (error) {
      results.push(rejected(error));
      if (isHeldUp(error)) heldUp.add(delivery.installationId);
      if (error instanceof UnavailableError && (!isHeldUp(error) || heldUp.size > 1)) away = error;
    }
  }
  return results;
}

/** It is looked at once the whole group is through, and is nobody's oversight until then. */
function rejected(error: unknown): Promise<never> {
  const result = Promise.reject(error);
  result.catch(() => undefined);
  return result;
}

function settled(outcomes: ReadonlyMap<string, Outcome>, { id }: InboxDelivery): DeliveryOutcome {
  const outcome = outcomes.get(id);
  if (!outcome || outcome === 'busy') throw notNow();
  return outcome;
}

function notNow(): UnavailableError {
  return new UnavailableError('The delivery could not be stored now.');
}

/**
 * One transaction; with nothing to report it is one statement. A connection on which nothing comes back any more must not
 * keep everything that arrives later waiting for it.
 */
async function storeTogether(
  { db, patienceMs }: Database,
  group: readonly InboxDelivery[],
  wait: boolean,
): Promise<Map<string, Outcome>> {
  try {
    if (group.every(({ finding }) => finding === null))
      return outcomesOf(await storeQuery(db, group, wait).timeout(patienceMs));
    const transaction = db.transaction(async (queries) => {
      const outcomes = outcomesOf(await storeQuery(queries, group, wait));
      await raiseFindings(queries, group, outcomes);
      return outcomes;
    });
    return await inTime(patienceMs, transaction);
  } catch (error) {
    throw translateDatabaseError(error);
  }
}

/** @throws {UnavailableError} when the work takes longer; whether it is carried out is not known then */
async function inTime<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(notNow()), milliseconds);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

interface Stored {
  readonly rows: readonly { readonly delivery_id: string; readonly outcome: Outcome }[];
}

function storeQuery(queries: Knex, group: readonly InboxDelivery[], wait: boolean): Knex.Raw<Stored> {
  // Bodies go as one list of bytes; each delivery says where its own stands.
  const groups = byTenant(group).map(([tenant, deliveries]) => ({
    tenant,
    job: jobFor(deliveries),
    deliveries: deliveries.map((delivery) => toRow(delivery, group.indexOf(delivery) + 1)),
  }));
  const bodies = group.map(({ body }) => asBuffer(body));
  return queries.raw<Stored>('select * from take_deliveries(?::jsonb, ?::bytea[], ?::boolean)', [
    JSON.stringify(groups),
    bodies,
    wait,
  ]);
}

function outcomesOf({ rows }: Stored): Map<string, Outcome> {
  return new Map(rows.map((row) => [row.delivery_id, row.outcome]));
}

/** All deliveries of one tenant are read by the same kind of job. */
function jobFor(deliveries: readonly InboxDelivery[]) {
  const job = deliveries.find((delivery) => delivery.job)?.job;
  return job ? { ...job, priority: RANK[job.priority] } : null;
}

/** In one order, so that two processes never wait for each other. */
function byTenant(group: readonly InboxDelivery[]): [InstallationId, InboxDelivery[]][] {
  const tenants = new Map<InstallationId, InboxDelivery[]>();
  for (const delivery of group) {
    const own = tenants.get(delivery.installationId);
    if (own) own.push(delivery);
    else tenants.set(delivery.installationId, [delivery]);
  }
  return [...tenants].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** @param ordinal where its body stands, counted from 1 */
function toRow(delivery: InboxDelivery, ordinal: number) {
  return {
    ordinal,
    id: delivery.id,
    secret_hash: asBuffer(delivery.secretHash).toString('hex'),
    user_name: delivery.user,
    signed: delivery.signed,
    fingerprint: delivery.fingerprint,
    received_at: delivery.receivedAt.toISOString(),
    // As text: what jsonb cannot hold must not be looked into on the way.
    headers: JSON.stringify(delivery.headers),
    size: delivery.size,
    state: delivery.state,
    to_be_read: delivery.job !== null,
  };
}

/** One a tenant, however many of its deliveries are to be reported. */
async function raiseFindings(
  queries: Knex.Transaction,
  group: readonly InboxDelivery[],
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<void> {
  for (const [tenant, deliveries] of byTenant(group)) {
    const reported = deliveries.find(({ id, finding }) => finding && outcomes.get(id) === 'stored');
    if (!reported?.finding) continue;
    const { finding, receivedAt } = reported;
    await inTenant(queries, tenant, (tx) => findingStore.raise(tx, finding, receivedAt));
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

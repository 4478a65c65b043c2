import type pg from 'pg';

/** For the queue's own housekeeping: all of it, or nothing. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((cause: unknown) => {
      broken = new Error('The connection is of no use any more.', { cause });
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

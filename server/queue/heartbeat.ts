import type pg from 'pg';
import { z } from 'zod';

/** One worker's sign of life, by the database's time: liveness is no matter of our movable clock. */
export interface Heartbeat {
  /** @returns false if the worker had been given up in the meantime and its jobs may run elsewhere by now */
  beat(): Promise<boolean>;
  /** The worker ended in order and holds no job any more. */
  end(): Promise<void>;
}

const Beaten = z.object({ inserted: z.boolean() });

export function createHeartbeat(pool: pg.Pool, workerId: string): Heartbeat {
  let known = false;
  return {
    async beat() {
      const { rows } = await pool.query(
        `insert into worker_heartbeats (worker_id, beat_at) values ($1, clock_timestamp())
         on conflict (worker_id) do update set beat_at = excluded.beat_at
         returning xmax = 0 as inserted`,
        [workerId],
      );
      const lost = known && Beaten.parse(rows[0]).inserted;
      known = true;
      return !lost;
    },
    async end() {
      await pool.query('delete from worker_heartbeats where worker_id = $1', [workerId]);
    },
  };
}

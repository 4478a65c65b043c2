import type { Knex } from 'knex';
import type { ReceiverMarks } from '../app/ports/receiver-marks.ts';

export function createReceiverMarks(db: Knex): ReceiverMarks {
  return {
    async last() {
      const row = await db<{ alive_at: Date }>('receiver_marks').first();
      return row?.alive_at;
    },
    async set(now) {
      await db('receiver_marks').insert({ one: true, alive_at: now }).onConflict('one').merge();
    },
  };
}

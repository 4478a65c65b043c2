import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isQueueMigrated, migrateQueue } from '../../../server/queue/migrate-queue.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';

describe("the job library's own tables", () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
  });
  afterAll(() => database.drop());

  it('are missing before the migrate step and up to date after it, however often it runs', async () => {
    expect(await isQueueMigrated(database.appUrl)).toBe(false);
    await migrateQueue(database.ownerUrl);
    await migrateQueue(database.ownerUrl);
    expect(await isQueueMigrated(database.appUrl)).toBe(true);
  });

  it('are found out of date when the program is newer than they are', async () => {
    await migrateQueue(database.ownerUrl);
    await database.db('graphile_worker.migrations').where('id', '>', 18).del();
    expect(await isQueueMigrated(database.appUrl)).toBe(false);
    await database.db('graphile_worker.migrations').insert({ id: 19 });
  });

  it('belong to a role of their own, and the application works with them as its member', async () => {
    await migrateQueue(database.ownerUrl);
    const { rows } = await database.db.raw(
      `select distinct tableowner, rowsecurity from pg_tables where schemaname = 'graphile_worker' and tablename like '\\_private\\_%'`,
    );
    expect(rows).toEqual([{ tableowner: 'orderline_queue', rowsecurity: true }]);
    await database.db.raw(`select graphile_worker.add_job('x')`);
    const jobs = database.db('graphile_worker._private_jobs').count();
    expect(await jobs).toEqual([{ count: '1' }]);
  });
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertApplicationRole } from '../../../server/db/application-role.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

async function check(url: string): Promise<void> {
  const db = openDatabase({ url });
  try {
    await assertApplicationRole(db);
  } finally {
    await db.destroy();
  }
}

/** A login of its own with these attributes, gone afterwards. */
async function checkRole(attributes: string): Promise<void> {
  const admin = openDatabase({ url: database.superuserUrl });
  const name = `orderline_test_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await admin.raw(`create role ${name} login password '${password}' ${attributes}`);
  try {
    const url = new URL(database.appUrl);
    url.username = name;
    url.password = password;
    await check(url.href);
  } finally {
    await admin.raw(`drop role ${name}`);
    await admin.destroy();
  }
}

describe('the role of DATABASE_URL (SE-29)', () => {
  it('is accepted when it is the application role or a member of it', async () => {
    await check(database.appUrl);
    await checkRole('in role orderline_app');
  });

  it('is refused when it could get around row-level security', async () => {
    await expect(check(database.superuserUrl)).rejects.toThrow('is a superuser');
    await expect(check(database.ownerUrl)).rejects.toThrow('owns tables');
    await expect(checkRole('bypassrls in role orderline_app')).rejects.toThrow('bypasses row-level security');
    await expect(checkRole('in role orderline_app, orderline_owner')).rejects.toThrow('owns tables');
    await expect(checkRole('')).rejects.toThrow('is not a member of orderline_app');
  });
});

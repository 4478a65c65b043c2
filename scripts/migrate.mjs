// `npm run migrate`: brings the tables and the job queue's own tables up to date. The one program that is given the
// owner's login; run it before the new version starts.
import fs from 'node:fs';

const ownerUrl = process.env['DATABASE_OWNER_URL'];
const compiled = new URL('../dist/app/server/', import.meta.url);

async function main() {
  if (!ownerUrl) throw new Error('DATABASE_OWNER_URL is missing: the address of the login that owns the tables.');
  if (!fs.existsSync(compiled)) throw new Error('Nothing is built yet: run "npm run build" first.');
  const { migrate } = await import(new URL('db/migrate.js', compiled).href);
  const { migrateQueue } = await import(new URL('queue/migrate-queue.js', compiled).href);
  const ran = await migrate(ownerUrl, migrateQueue);
  console.log(ran.length === 0 ? 'The database is up to date.' : `Migrated: ${ran.join(', ')}.`);
}

main().catch((error) => {
  // A driver's error may carry the address with its password: its text alone is printed, without the address.
  const text = error instanceof Error ? error.message : String(error);
  console.error(ownerUrl ? text.replaceAll(ownerUrl, 'DATABASE_OWNER_URL') : text);
  process.exitCode = 1;
});

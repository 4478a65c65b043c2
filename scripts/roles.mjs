// Makes the roles that Orderline works with, or brings them to what they must be, on a server of which a superuser's
// address is given. Once before the first `npm run migrate`; where a superuser is not to be had, docs/operations.md has
// the same as SQL for whoever runs the server.
import fs from 'node:fs';

const compiled = new URL('../dist/app/server/', import.meta.url);

async function main() {
  const superuserUrl = variable('SUPERUSER_URL');
  const passwords = { owner: variable('OWNER_PASSWORD'), app: variable('APP_PASSWORD') };
  const database = new URL(superuserUrl).pathname.slice(1);
  if (!fs.existsSync(compiled)) throw new Error('Nothing is built yet: run "npm run build" first.');
  const { ensureDatabase, ensureRoles } = await import(new URL('db/roles.js', compiled).href);
  await ensureRoles(superuserUrl, passwords);
  await ensureDatabase(superuserUrl, database);
  console.log(`The roles are there, and the database ${database} is theirs to use.`);
}

function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing.`);
  return value;
}

main().catch((error) => {
  // Only the text: a driver's error may carry the address with its password.
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

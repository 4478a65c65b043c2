// `npm run erase -- --company 4711 --yes`: removes everything of one company, at its wish: webhooks, access, then all that is
// stored. A running worker does it; this waits for it and prints the proof. `-- --company 4711 --proof` prints the proof alone.
import fs from 'node:fs';
import { parseArgs } from 'node:util';

const WAIT_MS = 2_000;
const databaseUrl = process.env['DATABASE_URL'];
const compiled = new URL('../dist/app/server/operator.js', import.meta.url);

async function main() {
  const { values } = parseArgs({
    options: {
      company: { type: 'string' },
      yes: { type: 'boolean' },
      proof: { type: 'boolean' },
      wait: { type: 'string' },
    },
  });
  const minutes = Number(values.wait ?? '20');
  if (!/^[1-9]\d{0,18}$/.test(values.company ?? '') || !(minutes >= 0))
    throw new Error(
      'Say which company: npm run erase -- --company <Pipedrive company id> [--yes | --proof] [--wait <minutes>]',
    );
  if (!databaseUrl) throw new Error('DATABASE_URL is missing: the address of the database, as the application role.');
  if (!fs.existsSync(compiled)) throw new Error('Nothing is built yet: run "npm run build" first.');
  const { openOperator } = await import(compiled.href);
  const operator = await openOperator(databaseUrl, { now: () => new Date() });
  try {
    if (!values.proof) await erase(operator, values.company, values.yes === true, minutes);
    const { left } = await operator.statusOf(values.company);
    if (left.length > 0) console.log(`Given up, to be done by hand (docs/operations.md): ${left.join(', ')}`);
    print(await operator.proofFor(values.company));
  } finally {
    await operator.close();
  }
}

async function erase(operator, company, sure, minutes) {
  const { status } = await operator.statusOf(company);
  if (await isErased(operator, company, status)) return;
  if (!sure)
    throw new Error(`Company ${company} is ${status}. Add --yes to remove everything of it; this cannot be undone.`);
  await operator.startRemoval(company);
  console.log('The removal has begun. A running worker carries it out.');
  const end = Date.now() + minutes * 60_000;
  let seen = '';
  for (;;) {
    const now = await operator.statusOf(company);
    const done = now.done.filter((step) => !now.left.includes(step)).join(', ') || 'nothing yet';
    if (await isErased(operator, company, now.status)) return;
    if (done !== seen) console.log(`Done: ${done}`);
    seen = done;
    if (Date.now() >= end) throw new Error('It is still going on. Is a worker running? Ask again with --proof.');
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}

/** The job that erases is in the queue a moment longer than what it erases. */
async function isErased(operator, company, status) {
  return status === 'uninstalled' && (await operator.proofFor(company)).erased;
}

function print({ tables, dataKey, tellingRows, jobs, chain, erased }) {
  console.log('\nRows by table:');
  for (const { table, rows, mayStay } of tables)
    console.log(`  ${table.padEnd(24)} ${String(rows).padStart(8)}${mayStay ? '  (keys and audit chain stay)' : ''}`);
  console.log(`Data key:             ${dataKey}`);
  console.log(`Rows with content:    ${tellingRows}`);
  console.log(`Jobs that wait:       ${jobs}`);
  console.log(
    `Audit chain:          ${chain.intact ? `intact, ${chain.entries} entries` : `broken at ${chain.brokenAt}: ${chain.reason}`}`,
  );
  console.log(erased ? 'Erased.' : 'Not erased.');
  if (!erased) process.exitCode = 2;
}

main().catch((error) => {
  // A driver's error may carry the address with its password: its text alone is printed, without the address.
  const text = error instanceof Error ? error.message : String(error);
  console.error(databaseUrl ? text.replaceAll(databaseUrl, 'DATABASE_URL') : text);
  process.exitCode = 1;
});

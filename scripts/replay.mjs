// `npm run replay -- --company 4711 --from 2026-11-20 --to 2026-11-21T12:00:00Z` (or `--ids a,b`): processes stored
// deliveries of one company once more. Shows first how many there are; above 20 the number has to be confirmed. With
// `--list` it only shows which there are, with their ids.
import fs from 'node:fs';
import readline from 'node:readline/promises';
import { parseArgs } from 'node:util';

const ASK_ABOVE = 20;
const USAGE =
  'Say which: npm run replay -- --company <Pipedrive company id> (--from <time> --to <time> | --ids <id,id>) [--list | --yes]';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const databaseUrl = process.env['DATABASE_URL'];
const compiled = new URL('../dist/app/server/replay.js', import.meta.url);

async function main() {
  const { company, selection, sure, onlyList } = readArguments();
  if (!databaseUrl) throw new Error('DATABASE_URL is missing: the address of the database, as the application role.');
  if (!fs.existsSync(compiled)) throw new Error('Nothing is built yet: run "npm run build" first.');
  const { openReplay } = await import(compiled.href);
  const replay = await openReplay(databaseUrl, { now: () => new Date() });
  try {
    if (onlyList) return print(await replay.list(company, selection));
    const { companyName, replayable, waiting, tooLarge, tokens } = await replay.plan(company, selection);
    console.log(`${companyName} (company ${company}):`);
    console.log(`  ${replayable} deliveries can be processed once more, for at most about ${tokens} Pipedrive tokens`);
    console.log(`  ${waiting} are still to be processed and are left alone`);
    console.log(`  ${tooLarge} were too large to be kept and are left out`);
    if (replayable === 0 || !(sure || (await isConfirmed(replayable)))) {
      console.log('Nothing was changed.');
      return;
    }
    const planned = await replay.replay(company, selection);
    console.log(`${planned} deliveries will be processed once more, five a second, behind all other work.`);
  } finally {
    await replay.close();
  }
}

function print(deliveries) {
  for (const { id, receivedAt, state, about } of deliveries)
    console.log(`${receivedAt.toISOString()}  ${id}  ${state.padEnd(10)}  ${printable(about ?? 'not readable')}`);
  console.log(
    `${deliveries.length} are listed, oldest first; no more than 200 at once; narrow it with --from and --to.`,
  );
}

/** What came from outside moves no cursor. */
function printable(text) {
  return text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      company: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      ids: { type: 'string' },
      yes: { type: 'boolean' },
      list: { type: 'boolean' },
    },
  });
  const ids = values.ids?.split(',').map((id) => id.trim().toLowerCase());
  const range = { from: new Date(values.from ?? Number.NaN), to: new Date(values.to ?? Number.NaN) };
  const isRange = range.from < range.to;
  if (!/^[1-9]\d{0,18}$/.test(values.company ?? '') || (ids ? !ids.every((id) => UUID.test(id)) : !isRange))
    throw new Error(USAGE);
  return {
    company: values.company,
    selection: ids ? { ids } : range,
    sure: values.yes === true,
    onlyList: values.list === true,
  };
}

async function isConfirmed(count) {
  if (count <= ASK_ABOVE) return true;
  if (!process.stdin.isTTY) throw new Error(`That is more than ${ASK_ABOVE}. Add --yes if you mean all ${count}.`);
  const line = readline.createInterface({ input: process.stdin, output: process.stdout });
  const answer = await line.question(`Type ${count} to process them all once more: `);
  line.close();
  return answer.trim() === String(count);
}

main().catch((error) => {
  // A driver's error may carry the address with its password: its text alone is printed, without the address.
  const text = error instanceof Error ? error.message : String(error);
  console.error(databaseUrl ? text.replaceAll(databaseUrl, 'DATABASE_URL') : text);
  process.exitCode = 1;
});

// `npm run connect`: connects a Pipedrive company by an admin's personal API token, for a self-hosted trial. Asks for
// the company's address and the token, or takes them from PIPEDRIVE_COMPANY and PIPEDRIVE_API_TOKEN; never from the
// command line, which others can read.
import fs from 'node:fs';
import readline from 'node:readline';
import { Writable } from 'node:stream';

const compiled = new URL('../dist/app/server/connect.js', import.meta.url);

async function main() {
  process.env['NODE_ENV'] ??= 'production';
  if (!fs.existsSync(compiled)) throw new Error('Nothing is built yet: run "npm run build" first.');
  const isGiven = process.env['PIPEDRIVE_COMPANY'] && process.env['PIPEDRIVE_API_TOKEN'];
  if (!isGiven && !process.stdin.isTTY)
    throw new Error('Nobody to ask here: set PIPEDRIVE_COMPANY and PIPEDRIVE_API_TOKEN.');
  const { runConnect } = await import(compiled.href);
  process.exitCode = await runConnect({
    environment: process.env,
    args: process.argv.slice(2),
    ask: (question) => ask(question, process.stdout),
    askHidden: (question) => ask(question, new Writable({ write: (_chunk, _encoding, done) => done() })),
    say: (line) => console.log(line),
    complain: (line) => console.error(line),
  });
}

/** What is typed is shown where `echo` leads. */
function ask(question, echo) {
  process.stdout.write(question);
  const line = readline.createInterface({ input: process.stdin, output: echo, terminal: true });
  line.once('SIGINT', () => process.exit(130));
  return new Promise((resolve) => {
    line.question('', (answer) => {
      line.close();
      if (echo !== process.stdout) process.stdout.write('\n');
      resolve(answer);
    });
  });
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : 'The company could not be connected.');
  process.exitCode = 1;
});

/** Runs the contract suite against one Service Layer: `npm run contract:sap -- --url https://…`. */
import { writeFile } from 'node:fs/promises';
import { contractSap } from '../test/contract/sap/command.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('Stopped by hand.')));

process.exitCode = await contractSap({
  args: process.argv.slice(2),
  env: process.env,
  print: (line) => process.stdout.write(`${line}\n`),
  saveReport: (file, text) => writeFile(file, text),
  signal: stop.signal,
});

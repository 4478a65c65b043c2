import { writeFile } from 'node:fs/promises';
import type { CommandWorld, ExitCode } from './command-line.ts';

/** A contract suite at a terminal: Ctrl-C lets it end what it is at. */
export function runFromShell(suite: (world: CommandWorld) => Promise<ExitCode>): Promise<ExitCode> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Stopped by hand.')));
  return suite({
    args: process.argv.slice(2),
    env: process.env,
    print: (line) => process.stdout.write(`${line}\n`),
    saveReport: (file, text) => writeFile(file, text),
    signal: stop.signal,
  });
}

import type { EventEmitter } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { CommandWorld, ExitCode } from './command-line.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A contract suite at a terminal. Ctrl-C, however often, and SIGTERM let it end what it is at, since that removes what it
 * made: only SIGKILL leaves things behind.
 */
export async function runFromShell(
  suite: (world: CommandWorld) => Promise<ExitCode>,
  signals: Pick<EventEmitter, 'on' | 'off'> = process,
  print = (line: string) => void process.stdout.write(`${line}\n`),
): Promise<ExitCode> {
  const stop = new AbortController();
  const end = () => {
    print('Stopped by hand: the question under way is ended first, and what it made is removed.');
    stop.abort(new Error('Stopped by hand.'));
  };
  for (const signal of SIGNALS) signals.on(signal, end);
  try {
    return await suite({
      args: process.argv.slice(2),
      env: process.env,
      print,
      saveReport: (file, text) => writeFile(file, text),
      signal: stop.signal,
    });
  } finally {
    for (const signal of SIGNALS) signals.off(signal, end);
  }
}

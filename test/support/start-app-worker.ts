import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CompanyApp } from './company-app.ts';

export interface AppWorker {
  /** As when its machine dies: nothing is tidied up. */
  kill(): Promise<void>;
}

/** @param clockFile holds the time in epoch milliseconds; write it anew as a whole */
export async function startAppWorker(company: CompanyApp, clockFile: string): Promise<AppWorker> {
  const { environment, databaseUrl } = company;
  const script = fileURLToPath(new URL('./worker-entry.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, APP_WORKER: JSON.stringify({ environment, databaseUrl, clockFile }) },
  });
  const exited = once(child, 'exit');
  const first = await Promise.race([once(child, 'message').then(() => 'ready'), exited.then(() => 'exited')]);
  if (first === 'exited') throw new Error('The worker process did not start.');
  return {
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await exited;
    },
  };
}

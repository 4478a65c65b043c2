import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface WorkerProcess {
  readonly pid: number;
  setClock(time: Date): void;
  /** As a crash of the machine would: nothing is tidied up. */
  kill(): Promise<void>;
}

export async function startWorkerProcess(databaseUrl: string, clock: Date): Promise<WorkerProcess> {
  const script = fileURLToPath(new URL('./queue-worker-process.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, QUEUE_WORKER: JSON.stringify({ databaseUrl, clock }) },
  });
  const exited = once(child, 'exit');
  const first = await Promise.race([once(child, 'message').then(() => 'ready'), exited.then(() => 'exited')]);
  if (first === 'exited' || child.pid === undefined) throw new Error('The worker process did not start.');
  return {
    pid: child.pid,
    setClock: (time) => void child.send({ clock: time }),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

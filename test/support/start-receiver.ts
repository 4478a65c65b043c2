import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export interface ReceiverSettings {
  readonly databaseUrl: string;
  /** `ENCRYPTION_KEYS` of what is stored there. */
  readonly masterKeys: string;
  /** Commits what comes in meanwhile together; default true. */
  readonly grouped?: boolean;
}

export interface Receiver {
  /** Of the webhooks' addresses, without the secret. */
  readonly url: string;
  /** Bytes of memory that the process holds. */
  memory(): Promise<number>;
  /** As when its machine dies: nothing is tidied up. */
  kill(): Promise<void>;
}

const Ready = z.object({ port: z.number() });
const Memory = z.object({ rss: z.number() });

export async function startReceiver({ databaseUrl, masterKeys, grouped = true }: ReceiverSettings): Promise<Receiver> {
  const script = fileURLToPath(new URL('./receiver-process.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, RECEIVER: JSON.stringify({ databaseUrl, masterKeys, grouped }) },
  });
  const exited = once(child, 'exit');
  const first = await Promise.race([once(child, 'message'), exited.then(() => undefined)]);
  if (!first) throw new Error('The receiver did not start.');
  const { port } = Ready.parse(first[0]);
  return {
    url: `http://127.0.0.1:${port}/webhooks/pipedrive`,
    async memory() {
      const answer = once(child, 'message');
      child.send('memory');
      return Memory.parse((await answer)[0]).rss;
    },
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await exited;
    },
  };
}

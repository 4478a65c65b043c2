import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { GrantHouse } from './grant-house.ts';

const Answered = z.object({ answered: z.number() });

/** Real processes that ask Pipedrive side by side. */
export interface GrantCallers {
  /** All of them ask at once, at the house's time. @returns how many calls each got an answer to */
  ask(): Promise<readonly number[]>;
  stop(): void;
}

/** @param calls how many each process makes at a time */
export async function startGrantCallers(house: GrantHouse, calls: readonly number[]): Promise<GrantCallers> {
  const children = await Promise.all(calls.map((each) => start(house, each)));
  return {
    async ask() {
      const answers = children.map(async (child) => {
        const [message] = await once(child, 'message');
        return Answered.parse(message).answered;
      });
      for (const child of children) child.send({ now: new Date(house.clock.now()) });
      return Promise.all(answers);
    },
    stop() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

async function start(house: GrantHouse, calls: number): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./grant-caller-process.ts', import.meta.url));
  const settings = {
    databaseUrl: house.database.appUrl,
    masterKeys: house.masterKeys,
    oauthUrl: house.practice.oauthUrl,
    localHosts: house.practice.localHosts().split(','),
    installation: house.id(),
    calls,
  };
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, GRANT_CALLER: JSON.stringify(settings) },
  });
  await once(child, 'message');
  return child;
}

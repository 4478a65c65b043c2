import fs from 'node:fs';
import path from 'node:path';

/** Which processes use one embedded server, so that the last to leave, and nobody earlier, stops it. */
export interface ServerUsers {
  join(): void;
  /** @returns whether nobody else is left */
  leave(): boolean;
}

/** One file per process id under the data folder; those of processes that died are cleared away. */
export function serverUsers(dataDir: string, pid = process.pid): ServerUsers {
  const folder = path.join(dataDir, 'users');
  const own = path.join(folder, String(pid));

  return {
    join() {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      fs.writeFileSync(own, '');
    },
    leave() {
      fs.rmSync(own, { force: true });
      const others = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
      for (const name of others) if (!isAlive(Number(name))) fs.rmSync(path.join(folder, name), { force: true });
      return others.every((name) => !isAlive(Number(name)));
    },
  };
}

/** Also true for a process of another account, which we may see but not signal. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

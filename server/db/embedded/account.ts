import fs from 'node:fs';
import path from 'node:path';

/** The account that PostgreSQL runs as, because it refuses to run as root. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** Where binaries and data go if root's own folders are out of that account's reach. */
export const ROOT_BASE = '/var/lib/orderline';

/**
 * An existing unprivileged account when we are root, otherwise undefined: PostgreSQL then runs as ourselves.
 * No account is ever created.
 * @throws Error if we are root and the machine has neither a `postgres` nor a `nobody` account
 */
export function serverAccount(passwd = '/etc/passwd'): ServerAccount | undefined {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return undefined;
  const accounts = fs
    .readFileSync(passwd, 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => accounts.filter((fields) => fields[0] === name))[0];
  if (!found)
    throw new Error('PostgreSQL does not run as root, and there is no account "postgres" or "nobody" to run it as.');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** Whether every account can walk down to `dir` (the parts of it that exist). */
export function isOpenToAll(dir: string): boolean {
  const parent = path.dirname(dir);
  const open = !fs.existsSync(dir) || (fs.statSync(dir).mode & 0o001) !== 0;
  return open && (parent === dir || isOpenToAll(parent));
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { programPath } from './binaries.ts';
import { type Cluster, SUPERUSER } from './cluster.ts';
import { isAlive } from './users.ts';

const POLL_MS = 40;
const START_POLLS = 1500;
const START_ATTEMPTS = 10;

export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  /** Whether it ran before we came. */
  readonly reused: boolean;
}

export const superuserUrl = ({ passwords }: Cluster, port: number): string =>
  `postgres://${SUPERUSER}:${passwords.superuser}@127.0.0.1:${port}/postgres`;

/**
 * The server of this cluster: the one that runs already (left by a killed parent, or started by another process), or a
 * new one. Starts that race are settled by PostgreSQL's own lock file: the loser finds the winner's server.
 * @throws Error with the end of the server's log if it does not come up
 */
export async function ensureServer(cluster: Cluster, durable: boolean): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const running = await findRunning(cluster, durable);
    if (running) return running;
    removeForeignLock(cluster.pgData);
    const started = await start(cluster, durable);
    if (started) return started;
    if (attempt === START_ATTEMPTS) throw new Error(`PostgreSQL did not start: ${logTail(cluster)}`);
    await pause(POLL_MS * attempt);
  }
}

/** @throws Error if pg_ctl reports a failure while the server is still there */
export async function stopServer(cluster: Cluster, pid: number): Promise<void> {
  const child = spawn(programPath(cluster.binaries, 'pg_ctl'), stopArgs(cluster), {
    ...cluster.account,
    cwd: path.parse(cluster.pgData).root,
    stdio: 'ignore',
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  if (readLock(cluster.pgData)?.pid === pid && isAlive(pid)) throw new Error(`PostgreSQL (${pid}) did not stop.`);
}

/** For the end of our own process, where nothing asynchronous runs any more. */
export function stopServerSync(cluster: Cluster): void {
  spawnSync(programPath(cluster.binaries, 'pg_ctl'), [...stopArgs(cluster), '--no-wait'], {
    ...cluster.account,
    cwd: path.parse(cluster.pgData).root,
    stdio: 'ignore',
  });
}

const stopArgs = ({ pgData }: Cluster): string[] => ['stop', '-D', pgData, '-m', 'fast', '-t', '60'];

async function findRunning(cluster: Cluster, durable: boolean): Promise<RunningServer | undefined> {
  for (let poll = 0; poll < START_POLLS; poll += 1) {
    const lock = readLock(cluster.pgData);
    if (!lock || !isAlive(lock.pid) || !isPostgres(lock.pid)) return undefined;
    const answer = await probe(cluster, lock.port);
    if (answer.state === 'ready') {
      if (durable && !answer.durable)
        throw new Error(`A server without fsync runs in ${cluster.dataDir}. Stop it first.`);
      return { port: lock.port, pid: lock.pid, reused: true };
    }
    if (answer.state === 'absent') await pause(POLL_MS);
    await pause(POLL_MS);
  }
  return undefined;
}

/** Undefined if it ended before it was ready, for example because another start was faster or the port was taken. */
async function start(cluster: Cluster, durable: boolean): Promise<RunningServer | undefined> {
  const port = await freePort();
  const child = spawnServer(cluster, port, durable);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  for (let poll = 0; poll < START_POLLS && !ended; poll += 1) {
    const answer = await probe(cluster, port);
    if (answer.state === 'ready' && child.pid !== undefined) {
      child.unref();
      return { port, pid: child.pid, reused: false };
    }
    await pause(POLL_MS / 2);
  }
  if (!ended) child.kill('SIGKILL');
  return undefined;
}

/** Detached: a Ctrl-C in the terminal is for us, and we stop the server when we are done with it. */
function spawnServer(cluster: Cluster, port: number, durable: boolean): ChildProcess {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    // Statements and row values may be personal: the log names errors only.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const log = openLog(logFile(cluster));
  try {
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return spawn(programPath(cluster.binaries, 'postgres'), ['-D', cluster.pgData, '-p', String(port), ...flags], {
      ...cluster.account,
      cwd: path.parse(cluster.pgData).root,
      stdio: ['ignore', log, log],
      detached: process.platform !== 'win32',
    });
  } finally {
    fs.closeSync(log);
  }
}

type Probe = { state: 'ready'; durable: boolean } | { state: 'starting' | 'absent' };

/** Only a server that knows this cluster's password and data folder counts as ours. */
async function probe(cluster: Cluster, port: number): Promise<Probe> {
  const client = new pg.Client({ connectionString: superuserUrl(cluster, port), connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ dir: string; fsync: string }>(
      `select current_setting('data_directory') as dir, current_setting('fsync') as fsync`,
    );
    const row = rows[0];
    if (!row || fs.realpathSync(row.dir) !== fs.realpathSync(cluster.pgData)) return { state: 'absent' };
    return { state: 'ready', durable: row.fsync === 'on' };
  } catch (error) {
    // 57P03: starting up, shutting down or recovering
    return { state: error instanceof pg.DatabaseError && error.code === '57P03' ? 'starting' : 'absent' };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** `postmaster.pid`: process id, data folder, start time, port, one a line. */
function readLock(pgData: string): { pid: number; port: number } | undefined {
  try {
    const lines = fs.readFileSync(path.join(pgData, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]) };
  } catch {
    return undefined;
  }
}

/**
 * A restarted machine or container may give the recorded process id to something else, and PostgreSQL then refuses to
 * start. Where the system tells what that process is, and it is not PostgreSQL, the lock is void.
 */
function removeForeignLock(pgData: string): void {
  const lock = readLock(pgData);
  if (lock && isAlive(lock.pid) && !isPostgres(lock.pid))
    fs.rmSync(path.join(pgData, 'postmaster.pid'), { force: true });
}

function isPostgres(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return true;
  }
}

const LOG_KEEPS_BYTES = 5_000_000;

/** Appended to, since starts may race; begun anew when it has grown. */
function openLog(file: string): number {
  if (fs.existsSync(file) && fs.statSync(file).size > LOG_KEEPS_BYTES) fs.truncateSync(file);
  return fs.openSync(file, 'a', 0o600);
}

const logFile = ({ dataDir }: Cluster): string => path.join(dataDir, 'server.log');

function logTail(cluster: Cluster): string {
  return fs.existsSync(logFile(cluster)) ? fs.readFileSync(logFile(cluster), 'utf8').slice(-2000) : 'no log';
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.');
  return address.port;
}

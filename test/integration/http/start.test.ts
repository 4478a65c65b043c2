import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SECRET = 'secret-canary-0123456789abcdef0123456789';

interface Started {
  readonly child: ChildProcess;
  /** All that was written so far. */
  output(): string;
  /** Resolves with what the pattern found, as soon as it is written. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<number | null>;
}

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** The program as a process of its own, with nothing of this process's environment but the path. */
function start(environment: Record<string, string>): Started {
  const dataDir = mkdtempSync(join(tmpdir(), 'orderline-start-'));
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: dataDir, PORT: '0', ...environment };
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], { cwd: ROOT, env, stdio: 'pipe' });
  let text = '';
  const waiting = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    text += chunk.toString('utf8');
    for (const look of waiting) look();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  });
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text);
        if (found) resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without ${pattern}: ${text}`)));
    });
  return { child, output: () => text, until, ended };
}

const working = (): Record<string, string> => ({
  NODE_ENV: 'production',
  PIPEDRIVE_CLIENT_ID: 'client-1',
  PIPEDRIVE_CLIENT_SECRET: SECRET,
  ENCRYPTION_KEYS: `a:${Buffer.alloc(32, 1).toString('base64')}`,
  DATABASE_URL: database.appUrl,
  PUBLIC_URL: 'https://orderline.example.com',
  OPERATOR_NAME: 'Desk Software Ltd',
  SUPPORT_EMAIL: 'help@desk.example',
});

describe('the start', () => {
  it('ends with one message that lists all that is wrong', async () => {
    const { ended, output } = start({
      NODE_ENV: 'production',
      PIPEDRIVE_CLIENT_ID: '',
      ROLE: 'both',
      LOG_LEVEL: 'loud',
    });
    expect(await ended).toBe(1);
    const lines = output().trim().split('\n');
    expect(lines[0]).toBe('9 variables keep Orderline from starting:');
    expect(lines.slice(1).map((line) => /[A-Z_]+/.exec(line)?.[0])).toEqual([
      'ROLE',
      'PIPEDRIVE_CLIENT_ID',
      'PIPEDRIVE_CLIENT_SECRET',
      'LOG_LEVEL',
      'DATABASE_URL',
      'ENCRYPTION_KEYS',
      'PUBLIC_URL',
      'OPERATOR_NAME',
      'SUPPORT_EMAIL',
    ]);
  });

  it('SE-29 is refused to a role that could get around row-level security', async () => {
    for (const url of [database.superuserUrl, database.ownerUrl]) {
      const { ended, output } = start({ ...working(), DATABASE_URL: url });
      expect(await ended).toBe(1);
      expect(output()).toMatch(/^The database cannot be used: DATABASE_URL must name a role/);
      expect(output()).not.toContain(new URL(url).password);
    }
  });

  it('is refused while migrations are pending, and runs none', async () => {
    const empty = await freshDatabase({ migrated: false });
    onTestFinished(() => empty.drop());
    const { ended, output } = start({ ...working(), DATABASE_URL: empty.appUrl });
    expect(await ended).toBe(1);
    expect(output()).toMatch(
      /^The database is not up to date\. Run npm run migrate first\. Missing: 2026.*the job queue\.$/m,
    );
    expect(await empty.db.schema.hasTable('installations')).toBe(false);
  });

  it('says in a line that the database does not answer', async () => {
    const { ended, output } = start({ ...working(), DATABASE_URL: 'postgres://app:db-canary@127.0.0.1:1/orderline' });
    expect(await ended).toBe(1);
    expect(output()).toMatch(/^The database cannot be used: .*ECONNREFUSED/);
    expect(output()).not.toContain('canary');
  });

  it('says in a line that the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? String(address.port) : '';
    const { ended, output } = start({ ...working(), PORT: port });
    expect(await ended).toBe(1);
    expect(output()).toMatch(new RegExp(`^Nothing can listen on 127.0.0.1:${port}: .*EADDRINUSE`, 'm'));
  });
});

describe('the running program', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('OP-01 OP-08 gets ready, and ends in order on %s', async (signal) => {
    const { child, ended, until, output } = start(working());
    const [, port] = await until(/"port":(\d+),"msg":"started"/);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect(ready.status).toBe(200);
    const install = await fetch(`http://127.0.0.1:${port}/oauth/install`, { redirect: 'manual' });
    expect(install.headers.get('location')).toMatch(/^https:\/\/oauth\.pipedrive\.com\/oauth\/authorize\?/);
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(output()).toContain('"msg":"stopped"');
    expect(output()).not.toContain('canary');
  });

  it('serves no pages and no webhooks as a worker', async () => {
    const { until } = start({ ...working(), ROLE: 'worker' });
    const [, port] = await until(/"port":(\d+),"msg":"started"/);
    const statusOf = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect(await statusOf('/healthz')).toBe(200);
    expect(await statusOf('/readyz')).toBe(200);
    expect(await statusOf('/metrics')).toBe(200);
    expect(await statusOf('/panel')).toBe(404);
    expect(await statusOf('/oauth/install')).toBe(404);
  });
});

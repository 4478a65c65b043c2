import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoWorld } from './practice-company.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface AppProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the app has ended, with the last lines of its log. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** The same build that is deployed. @throws {Error} with the compiler's words */
export function build(): void {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const built = spawnSync(npm, ['run', 'build'], { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32' });
  if (built.status !== 0) throw new Error(`The build failed.\n${built.stdout}\n${built.stderr}`);
}

/** Starts the app as anybody would: by its start script and its environment. Its log goes into the folder. */
export async function startApp(world: DemoWorld, url: string, folder: string): Promise<AppProcess> {
  const logFile = join(folder, 'app.log');
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'development',
      PORT: new URL(url).port,
      PUBLIC_URL: url,
      DATA_DIR: join(folder, 'app'),
      PIPEDRIVE_CLIENT_ID: world.clientId,
      PIPEDRIVE_CLIENT_SECRET: world.clientSecret,
      PIPEDRIVE_JWT_SECRET: world.jwtSecret,
      PIPEDRIVE_OAUTH_URL: world.pipedrive.oauthUrl,
      PIPEDRIVE_LOCAL_HOSTS: world.pipedrive.localHosts(),
      SAP_NETWORK: 'loopback',
    },
  });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const ended = new Promise<string>((resolve) => {
    child.once('close', () => log.end(() => resolve(readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n'))));
  });
  await ready(url, child, ended);
  return { url, pid: child.pid ?? 0, ended, stop: () => stop(child, ended) };
}

const READY_MS = 60_000;

async function ready(url: string, child: ChildProcess, ended: Promise<string>): Promise<void> {
  const until = Date.now() + READY_MS;
  let lastLines: string | undefined;
  void ended.then((lines) => {
    lastLines = lines;
  });
  while (Date.now() < until) {
    if (lastLines !== undefined) throw new Error(`The app ended at its start.\n${lastLines}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  child.kill('SIGTERM');
  throw new Error('The app was not ready within a minute.');
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await ended;
}

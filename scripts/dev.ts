import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

if (existsSync(join(root, '.env'))) process.loadEnvFile(join(root, '.env'));

/** The backend, started anew on every change, and the extension's own server, which passes /api on to it. */
const children: readonly ChildProcess[] = [start('tsx', ['watch', 'server/main.ts']), start('vite', [])];
let stopping = false;

function start(name: string, args: readonly string[]): ChildProcess {
  const child = spawn(bin(name), args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  child.once('exit', (code) => stopAll(code ?? 0));
  child.once('error', () => stopAll(1));
  return child;
}

function stopAll(code: number): void {
  if (stopping) return;
  stopping = true;
  process.exitCode = code;
  for (const child of children) child.kill('SIGTERM');
}

process.once('SIGINT', () => stopAll(0));
process.once('SIGTERM', () => stopAll(0));
